import { randomUUID } from 'node:crypto';
import { type Actor, SHIPSHAPE } from '../../base/actor.ts';
import { type Answer, type Done, tellRefusal } from '../../base/answer.ts';
import { ShipshapeError } from '../../base/errors.ts';
import { showId } from '../../base/ids.ts';
import { mention } from '../../base/mrkdwn.ts';
import { answered, type Cause } from '../../db/act.ts';
import { record } from '../../db/audit.ts';
import { post } from '../../db/outbox.ts';
import { type Deps, redraw } from './actions.ts';
import { ciLine, waivedLine } from './blocks.ts';
import { candidateOf, countsNow, waitedSuites, waiveSuite, writeCi } from './ci-store.ts';
import { stillHere } from './flags.ts';
import type { CiTotals } from './junit.ts';
import { releaseRow } from './store.ts';
import { waive } from './waive-rules.ts';

/**
 * Keeps automated results of the candidate of a release that they were made of (R3): the newest of a suite counts. One that is not the newest candidate
 * any more keeps them too; they count for the newest where the tree is the same and it has none of its own.
 * @returns the commit that was tested, the newest candidate's, whether the results count for that one, and whether the policy has them hold it up
 * @throws ShipshapeError when the commit is no candidate of the release
 */
export async function recordCi(
  deps: Deps,
  about: { releaseId: number; suite: string; commit: string },
  totals: CiTotals,
): Promise<{ commit: string; newest: string; counts: boolean; gates: boolean }> {
  return deps.db.transaction(async (tx) => {
    const release = await releaseRow(tx, about.releaseId, 'share');
    if (!release) throw new Error(`there is no release ${about.releaseId}`);
    const candidate = await candidateOf(tx, release.id, about.commit);
    if (!candidate)
      throw new ShipshapeError({
        code: 'commit',
        message: `${about.commit} is no candidate of ${release.product} ${release.version}: its candidate is ${release.commit}.`,
        next: 'Give the commit that was tested with --commit; one that is no candidate yet is named in Slack first: /release candidate <commit>.',
      });
    const now = deps.clock();
    const { suite } = about;
    const { passed, failed, skipped } = totals;
    const gates = deps.policy.testing.ciGates;
    await writeCi(tx, { releaseId: release.id, candidateId: candidate.id, suite }, { ...totals, gates, at: now });
    const cause: Cause = { key: `cli:${randomUUID()}`, source: 'CLI', actor: SHIPSHAPE.id, eventTime: now };
    const data = { suite, commit: candidate.commit, passed, failed, skipped, gates };
    await record(tx, cause, { verb: 'ci_report', subject: showId('REL', release.id), data }, now);
    const counts = await countsNow(tx, release.candidateId, { candidateId: candidate.id, suite });
    const of = { commit: candidate.commit, newest: release.commit, counts };
    const line = ciLine(suite, of, totals);
    await post(tx, { role: 'line', target: release.channel, threadId: release.threadId, ...line });
    await redraw(tx, release.product, release.id);
    return { ...of, gates };
  });
}

/** R5: an operator says why a suite of automated tests need not be waited for, once per cause. @param typed the suite and the reason */
export async function waiveCi(deps: Deps, cause: Cause, actor: Actor, releaseId: number, typed: string): Done {
  return answered(deps.db, cause, async (tx): Promise<Answer> => {
    const now = deps.clock();
    const release = await releaseRow(tx, releaseId, 'alone');
    if (!release)
      return tellRefusal({ code: 'no_release', reason: 'there is no such release', next: 'See `/release list`.' });
    const name = `*${release.product} ${release.version}*`;
    const waited = await waitedSuites(tx, release);
    const decision = waive(
      { ...release, waited, ciGates: deps.policy.testing.ciGates },
      actor,
      typed,
      deps.policy.review.separationOfDuties,
    );
    if ('refusal' in decision) return tellRefusal(decision.refusal, name);
    const { suite, reason } = decision;
    await waiveSuite(tx, releaseId, suite, now);
    await record(tx, cause, { verb: 'waive_suite', subject: showId('REL', releaseId), data: { suite, reason } }, now);
    await stillHere(tx, deps, release, actor.id, now);
    const line = waivedLine(mention(actor.id), suite, reason);
    await post(tx, { role: 'line', target: release.channel, threadId: release.threadId, ...line });
    await redraw(tx, release.product, releaseId);
    return { outcome: 'accepted', text: `${name}: ${line.text}` };
  });
}
