import type { Actor } from '../../base/actor.ts';
import { type Answer, type Done, tellRefusal } from '../../base/answer.ts';
import type { Clock } from '../../base/clock.ts';
import type { Refusal } from '../../base/errors.ts';
import { showId } from '../../base/ids.ts';
import type { Policy } from '../../base/policy.ts';
import { answered, type Cause, once } from '../../db/act.ts';
import { record } from '../../db/audit.ts';
import type { Db, Executor, Tx } from '../../db/client.ts';
import { addJob, post, refreshCards } from '../../db/outbox.ts';
import { completeLine, type Line, resultLine, skipLine } from './blocks.ts';
import { barred, complete, decide, settles, skipAsked, stateOf, TAKEN_MS, type Verdict } from './rules.ts';
import {
  isPresent,
  loadCounts,
  loadRun,
  lockCase,
  lockNext,
  lockRun,
  renew,
  writeResult,
  writeTaken,
} from './store.ts';
import type { CaseAct, Given, Run, RunCase } from './types.ts';
import { nameOfCase, showState } from './words.ts';

/** What every action of this area needs. No network in here: Slack is told through the outbox. */
export interface Deps {
  db: Db;
  policy: Policy;
  clock: Clock;
}

/** After anything that cards or the gate show: always in this order, so that writers never wait for each other in a circle. */
export async function redraw(tx: Tx, product: string, releaseId: number): Promise<void> {
  await refreshCards(tx, showId('REL', releaseId));
  await addJob(tx, 'gates', { product }, { key: `gates:${product}` });
}

const no = (refusal: Refusal, run?: Run): Answer =>
  tellRefusal(refusal, run && `*${run.release.product} ${run.release.version}*`);

const noRun = no({
  code: 'no_run',
  reason: 'there is no such test run',
  next: '`/release test` shows the one there is.',
});

/** One act of one person on one case of a run, once per cause. @returns the private answer; a repeat gets the first one's. */
export async function actOnCase(
  deps: Deps,
  cause: Cause,
  actor: Actor,
  at: { runId: number; caseId: string },
  act: CaseAct,
): Done {
  return answered(deps.db, cause, async (tx): Promise<Answer> => {
    const now = deps.clock();
    const run = await loadRun(tx, at.runId, true);
    if (!run) return noRun;
    const may = await refusalFor(tx, deps, run, actor, now);
    if (may) return no(may, run);
    const c = await lockCase(tx, at.runId, at.caseId);
    if (!c)
      return no(
        { code: 'no_case', reason: `this run has no case of that name`, next: '`/release test` lists them.' },
        run,
      );
    return apply(tx, { run, c, cause, now }, decide(c, act, actor.id, now));
  });
}

/**
 * R16: the skip of a case that waits for this person's answer, with buttons bound to it. Words agree to nothing by themselves: what is asked may have
 * changed since they were read.
 */
export async function askedSkip(
  deps: Deps,
  actor: Actor,
  run: Run,
  c: RunCase,
): Promise<{ question: Required<Line> } | { answer: Answer }> {
  const now = deps.clock();
  const may = await refusalFor(deps.db, deps, run, actor, now);
  if (may) return { answer: no(may, run) };
  const verdict = decide(c, { kind: 'agree' }, actor.id, now);
  if ('refusal' in verdict) return { answer: no(verdict.refusal, run) };
  return { question: skipLine(c, skipAsked(c.results) as Given) };
}

/** Takes the next open case that nobody is on and the person has said nothing of, the required ones first. `caseId` is null when none is left. */
export async function takeNext(
  deps: Deps,
  cause: Cause,
  actor: Actor,
  runId: number,
): Promise<{ answer: Answer; caseId: string | null; repeated: boolean }> {
  const { result, repeated } = await once(deps.db, cause, async (tx) => {
    const now = deps.clock();
    const run = await loadRun(tx, runId, true);
    if (!run) return { answer: noRun, caseId: null };
    const may = await refusalFor(tx, deps, run, actor, now);
    if (may) return { answer: no(may, run), caseId: null };
    const c = await lockNext(tx, runId, actor.id, new Date(now.getTime() - TAKEN_MS));
    if (!c)
      return {
        answer: {
          outcome: 'already' as const,
          text: 'No open case is left for you: the others are finished, or somebody is on them.',
        },
        caseId: null,
      };
    return { answer: await apply(tx, { run, c, cause, now }, { taken: actor.id }), caseId: c.caseId };
  });
  return { ...result, repeated };
}

async function refusalFor(tx: Executor, deps: Deps, run: Run, actor: Actor, now: Date): Promise<Refusal | null> {
  const { review } = deps.policy;
  const about = { releaseId: run.releaseId, stage: run.stage, person: actor.id };
  const present = await isPresent(tx, about, review.eyesExpireAfterMinutes, now);
  return barred(run, { actor, present }, review.separationOfDuties);
}

interface Acting {
  run: Run;
  c: RunCase;
  cause: Cause;
  now: Date;
}

/** Writes what a verdict says, with its audit event and all that follows from it. */
async function apply(tx: Tx, { run, c, cause, now }: Acting, verdict: Verdict): Promise<Answer> {
  if ('refusal' in verdict) return no(verdict.refusal, run);
  const name = nameOfCase(c);
  if ('already' in verdict) return { outcome: 'already', text: `${name}: ${verdict.already}.` };
  const person = cause.actor;
  await renew(tx, run.releaseId, run.stage, person, now);
  const subject = showId('REL', run.releaseId);
  const about = { runId: run.id, stage: run.stage, caseId: c.caseId };
  if ('taken' in verdict) {
    await writeTaken(tx, c, verdict.taken, now);
    const verb = verdict.taken === null ? 'drop_case' : 'take_case';
    await record(tx, cause, { verb, subject, data: { ...about, from: c.takenBy } }, now);
    return { outcome: 'accepted', text: `${name}: ${verdict.taken === null ? 'you let it go' : 'you are on it'}.` };
  }
  const { result, note } = verdict;
  const given = { person, result, note, at: now };
  const state = stateOf([...c.results, given], c.passesRequired);
  await writeResult(tx, c, given, state);
  await record(tx, cause, { verb: `test_${result}`, subject, data: { ...about, note, state } }, now);
  const after: RunCase = { ...c, state, results: [...c.results, given] };
  const { channel: target, threadId } = run.release;
  const line = resultLine(c, after, given);
  if (line) await post(tx, { role: 'line', target, threadId, ...line });
  if (settles(c, after)) await maybeComplete(tx, run, c.required);
  await redraw(tx, run.release.product, run.releaseId);
  // Who typed it may have had an earlier candidate in mind.
  const on = run.stage === 'production' ? 'in production' : `on \`${run.commit.slice(0, 7)}\``;
  return { outcome: 'accepted', text: `:white_check_mark: ${name}: ${showState(after)}, ${on}.` };
}

/** When that was the last case: tells the thread that the run is complete, and has its report posted. */
export async function maybeComplete(tx: Tx, run: Run, required: boolean): Promise<void> {
  // Of two last cases at once, the second must see the first.
  await lockRun(tx, run.id);
  const counts = await loadCounts(tx, run.id);
  // With required cases it was complete before an optional one was looked at, or is not yet.
  if (!complete(counts) || (!required && counts.required > 0)) return;
  const { channel: target, threadId } = run.release;
  await post(tx, { role: 'line', target, threadId, ...completeLine(run, counts) });
  await addJob(tx, 'report', { runId: run.id }, { key: `report:${run.id}` });
}

/** Has the report of a run posted to the thread, unless what it would say is there already. */
export async function askReport(deps: Deps, cause: Cause, actor: Actor, run: Run): Promise<Answer> {
  if (actor.standing !== 'member')
    return no({ code: 'standing', reason: 'only members of this workspace can ask for it', next: 'Ask one of them.' });
  const { result } = await once(deps.db, cause, async (tx): Promise<Answer> => {
    const subject = showId('REL', run.releaseId);
    await record(tx, cause, { verb: 'ask_report', subject, data: { runId: run.id } }, deps.clock());
    await addJob(tx, 'report', { runId: run.id }, { key: `report:${run.id}` });
    const where = run.stage === 'production' ? 'the production run' : `the run of \`${run.commit.slice(0, 7)}\``;
    return {
      outcome: 'accepted',
      text: `:page_facing_up: The report of ${where} is posted in the thread, unless the same one is there already.`,
    };
  });
  return result;
}
