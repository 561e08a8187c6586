import { type Actor, SHIPSHAPE } from '../../base/actor.ts';
import { type Answer, type Done, tellRefusal } from '../../base/answer.ts';
import { showId } from '../../base/ids.ts';
import { mention } from '../../base/mrkdwn.ts';
import { answered, type Cause } from '../../db/act.ts';
import { record } from '../../db/audit.ts';
import type { Tx } from '../../db/client.ts';
import { post } from '../../db/outbox.ts';
import { type Deps, maybeComplete, redraw } from './actions.ts';
import { type FlagNews, flagsLine } from './blocks.ts';
import { askedFlags, type FlagsAsk, flagChanges, flagsBarred, takesFlags } from './flag-rules.ts';
import { flaggedCases, flagsSaid, forgetLabels, noteFlags, owedCases, removeCases, sayFlags } from './flags-store.ts';
import { casesFor, complete, stageFor } from './rules.ts';
import { insertCases, runOfCandidate } from './runs-store.ts';
import { isPresent, loadCounts, loadRun, type ReleaseRow, releaseRow, renew } from './store.ts';
import type { Run, Specs } from './types.ts';

/**
 * R10: asks to test with feature flags, or no longer to, once per cause. The run that is on gets their cases in the same transaction; of flags that are
 * not to be tested those leave it that nobody has said anything of: a failure is not made to go away by one person.
 */
export async function askFlags(
  deps: Deps,
  specs: Specs,
  cause: Cause,
  actor: Actor,
  releaseId: number,
  ask: FlagsAsk,
): Done {
  return answered(deps.db, cause, async (tx): Promise<Answer> => {
    const now = deps.clock();
    const release = await releaseRow(tx, releaseId, 'alone');
    if (!release)
      return tellRefusal({ code: 'no_release', reason: 'there is no such release', next: 'See `/release list`.' });
    const name = `*${release.product} ${release.version}*`;
    const no = flagsBarred(release, actor);
    if (no) return tellRefusal(no, name);
    const changes = flagChanges({ form: release.flags, said: await flagsSaid(tx, releaseId) }, ask);
    if (!changes.add.length && !changes.drop.length)
      return { outcome: 'already', text: `${name}: that is so already. Nothing was changed.` };
    await sayFlags(tx, releaseId, changes.add, { asked: true, person: actor.id, at: now });
    await sayFlags(tx, releaseId, changes.drop, { asked: false, person: actor.id, at: now });
    await record(tx, cause, { verb: 'ask_flags', subject: showId('REL', releaseId), data: { ...changes } }, now);
    await stillHere(tx, deps, release, actor.id, now);
    const line = await follow(tx, specs, release, mention(actor.id), changes);
    return { outcome: 'accepted', text: `${name}: ${line}` };
  });
}

/** R2: any act renews the presence of who acts, while it counts. */
export async function stillHere(tx: Tx, deps: Deps, release: ReleaseRow, person: string, now: Date): Promise<void> {
  const about = { releaseId: release.id, stage: stageFor(release.state) ?? 'candidate', person };
  if (await isPresent(tx, about, deps.policy.review.eyesExpireAfterMinutes, now))
    await renew(tx, about.releaseId, about.stage, person, now);
}

/**
 * R10: what labels of the candidate's changes ask for. A label that is taken away asks no more, which only a list that is whole can tell; what people
 * said stays. In the caller's transaction.
 */
export async function askByLabels(
  tx: Tx,
  specs: Specs,
  cause: Cause,
  releaseId: number,
  labels: { flags: readonly string[]; whole: boolean },
  now: Date,
): Promise<void> {
  const release = (await releaseRow(tx, releaseId, 'alone')) as ReleaseRow;
  if (!takesFlags(release.state)) return;
  const asked = async () => askedFlags({ form: release.flags, said: await flagsSaid(tx, releaseId) });
  const before = await asked();
  if (labels.whole) await forgetLabels(tx, releaseId, labels.flags, SHIPSHAPE.id);
  await noteFlags(tx, releaseId, labels.flags, { person: SHIPSHAPE.id, at: now });
  const after = await asked();
  const add = [...after].filter((flag) => !before.has(flag));
  const drop = [...before].filter((flag) => !after.has(flag));
  if (!add.length && !drop.length) return;
  await record(tx, cause, { verb: 'ask_flags', subject: showId('REL', releaseId), data: { add, drop } }, now);
  await follow(tx, specs, release, 'A label of the changes', { add, drop });
}

/** Brings the run that is on up to date with the flags, tells the thread, and redraws. @returns the line, in mrkdwn */
async function follow(tx: Tx, specs: Specs, release: ReleaseRow, who: string, ask: FlagsAsk): Promise<string> {
  const news = await syncRun(tx, specs, release, ask);
  const line = flagsLine(who, ask, news);
  await post(tx, { role: 'line', target: release.channel, threadId: release.threadId, ...line });
  await redraw(tx, release.product, release.id);
  return line.text;
}

async function syncRun(tx: Tx, specs: Specs, release: ReleaseRow, ask: FlagsAsk): Promise<FlagNews> {
  const spec = specs.get(release.product)?.cases ?? [];
  const known = new Set(spec.map((c) => c.flag));
  const news = { added: 0, removed: 0, kept: 0, running: false, unknown: ask.add.filter((flag) => !known.has(flag)) };
  // A run that rests, because an operator left or the push is on, goes on later: it is brought up to date too.
  const stage = release.state === 'verifying' ? 'production' : 'candidate';
  const runId = await runOfCandidate(tx, release.candidateId, stage);
  if (runId === undefined) return news;
  const before = await loadCounts(tx, runId);
  const inRun = await flaggedCases(tx, runId);
  const more = casesFor(spec, stage, new Set(ask.add)).filter(
    (c) => c.flag !== undefined && !inRun.some((r) => r.caseId === c.id),
  );
  const dropped = inRun.filter((r) => ask.drop.includes(r.flag));
  // What failed on an earlier candidate is owed a look on this one.
  const owed = dropped.length ? await owedCases(tx, release.id, stage) : new Set<string>();
  const gone = dropped.filter((r) => !r.tried && !owed.has(r.caseId));
  await insertCases(tx, runId, more, spec);
  await removeCases(
    tx,
    runId,
    gone.map((r) => r.caseId),
  );
  // What had to be done may be done now.
  if (!complete(before) && complete(await loadCounts(tx, runId)))
    await maybeComplete(tx, (await loadRun(tx, runId, false)) as Run, true);
  return { ...news, added: more.length, removed: gone.length, kept: dropped.length - gone.length, running: true };
}
