import { SHIPSHAPE } from '../../base/actor.ts';
import { showId } from '../../base/ids.ts';
import type { Cause } from '../../db/act.ts';
import { record } from '../../db/audit.ts';
import type { Tx } from '../../db/client.ts';
import { post } from '../../db/outbox.ts';
import { type Deps, maybeComplete, redraw } from './actions.ts';
import { begunLine, type Carried, carriedLine } from './blocks.ts';
import { carryResults } from './carry.ts';
import { askedFlags } from './flag-rules.ts';
import { flagsSaid, noteFlags, owedCases } from './flags-store.ts';
import { casesFor, complete, stageFor } from './rules.ts';
import { insertCases, insertRun, runOfCandidate } from './runs-store.ts';
import { loadCounts, loadRun, type ReleaseRow, releaseRow } from './store.ts';
import type { Run, Spec, Specs, Stage } from './types.ts';

/**
 * Begins the run of the release's candidate (in testing, and until it ships) or of production (while it is verified), when its product has a spec and
 * that candidate has no run of that stage. A candidate with the verified tree of an earlier one takes that one's results over, also when its tree became
 * known after its run began (R3). May be called any number of times. @returns the id of the run it began
 */
export async function beginRun(deps: Deps, specs: Specs, releaseId: number): Promise<number | null> {
  return deps.db.transaction(async (tx) => {
    const release = await releaseRow(tx, releaseId, 'alone');
    const stage = release && stageFor(release.state);
    const spec = release && specs.get(release.product);
    if (!release || !stage || !spec?.cases.some((c) => c.environments.includes(stage))) return null;
    const now = deps.clock();
    const runId = await insertRun(tx, { releaseId, candidateId: release.candidateId, stage }, now);
    if (runId === null) await carryLate(tx, release, stage, now);
    else await fill(tx, release, { runId, stage, spec }, now);
    return runId;
  });
}

async function fill(
  tx: Tx,
  release: ReleaseRow,
  { runId, stage, spec }: { runId: number; stage: Stage; spec: Spec },
  now: Date,
): Promise<void> {
  const { id: releaseId, candidateId, commit } = release;
  const asked = askedFlags({ form: release.flags, said: await flagsSaid(tx, releaseId) });
  // From now on they are shown beside those asked for later, and can be taken back one by one.
  const named = [...new Set(spec.cases.flatMap((c) => (c.flag !== undefined && asked.has(c.flag) ? [c.flag] : [])))];
  await noteFlags(tx, releaseId, named, { person: release.manager, at: now });
  // Of a flag that is asked for no more: what failed on an earlier candidate and was not passed since is not forgotten (R10).
  const owed = await owedCases(tx, releaseId, stage);
  const due = new Set(casesFor(spec.cases, stage, asked));
  const cases = spec.cases.filter((c) => due.has(c) || (owed.has(c.id) && c.environments.includes(stage)));
  await insertCases(tx, runId, cases, spec.cases);
  const carried = await carryResults(tx, runId);
  const data = { runId, stage, commit, cases: cases.length, flags: named, spec: spec.hash, carried };
  const key = `run:${candidateId}:${stage}`;
  await record(tx, causeOf(key, now), { verb: 'begin_run', subject: showId('REL', releaseId), data }, now);
  const line = begunLine(await loadCounts(tx, runId), stage, commit, carried);
  if (line) await post(tx, { role: 'line', target: release.channel, threadId: release.threadId, ...line });
  if (carried) await maybeComplete(tx, (await loadRun(tx, runId, false)) as Run, true);
  await redraw(tx, release.product, releaseId);
}

async function carryLate(tx: Tx, release: ReleaseRow, stage: Stage, now: Date): Promise<void> {
  const runId = (await runOfCandidate(tx, release.candidateId, stage)) as number;
  const before = await loadCounts(tx, runId);
  const carried: Carried | null = await carryResults(tx, runId);
  if (!carried) return;
  const { id, commit, channel: target, threadId } = release;
  const cause = causeOf(`carry:${runId}`, now);
  await record(tx, cause, { verb: 'carry_run', subject: showId('REL', id), data: { runId, commit, carried } }, now);
  await post(tx, { role: 'line', target, threadId, ...carriedLine(commit, carried) });
  if (!complete(before)) await maybeComplete(tx, (await loadRun(tx, runId, false)) as Run, true);
  await redraw(tx, release.product, id);
}

function causeOf(key: string, now: Date): Cause {
  return { key, source: 'schedule', actor: SHIPSHAPE.id, eventTime: now };
}
