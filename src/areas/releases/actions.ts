import { type Actor, SHIPSHAPE } from '../../base/actor.ts';
import type { Done } from '../../base/answer.ts';
import type { Clock } from '../../base/clock.ts';
import type { Refusal } from '../../base/errors.ts';
import { parseId, showId } from '../../base/ids.ts';
import type { Policy } from '../../base/policy.ts';
import { slotRules } from '../../base/slots.ts';
import { answered, type Cause } from '../../db/act.ts';
import { record } from '../../db/audit.ts';
import { type Db, type Tx, together } from '../../db/client.ts';
import { addJob, post, refreshCards } from '../../db/outbox.ts';
import { accepted, alreadySo, type ReleaseAnswer, refused } from './answers.ts';
import { evolve } from './evolve.ts';
import { afterShipping, current, holdsOn, nextExpiry, openHolds, watchEnd } from './facts.ts';
import { prodIssuesOf } from './gate.ts';
import { type Ask, lineFor, staleAsks, threadLink } from './lines.ts';
import { emergenciesDuringPush, liveAfter, openedAgain } from './neighbours.ts';
import { decide } from './rules.ts';
import { emergencyHolds, gatedIds, loadFacts, lockRelease, writeChanges } from './store.ts';
import type { Act, Change, Decision, Facts, ReviewPolicy, Stage } from './types.ts';

/** What every action of this area needs. No network in here: Slack is told through the outbox. */
export interface Deps {
  db: Db;
  policy: Policy;
  clock: Clock;
}

/**
 * One act of one person on one release, once per cause: locks it, lets the rules decide, writes what changed with its audit event, and queues the
 * thread's line, the card and the questions. @returns the private answer; a repeat gets the first one's.
 */
export async function act(deps: Deps, cause: Cause, actor: Actor, releaseId: number, what: Act): Done<ReleaseAnswer> {
  return answered(deps.db, cause, async (tx) => (await perform(tx, deps, cause, actor, releaseId, what)).answer);
}

export interface Performed {
  answer: ReleaseAnswer;
  decision: Decision;
  /** The facts after it. */
  facts: Facts;
}

/** What of today's policy the rules go by. */
export function rulesOf(policy: Policy): ReviewPolicy {
  return { ...policy.review, ciGates: policy.testing.ciGates, slots: slotRules(policy) };
}

/**
 * The same inside a transaction of the caller's.
 * @param known the release's facts, when the caller has locked it and read them since @throws when there is no such release
 */
export async function perform(
  tx: Tx,
  deps: Deps,
  cause: Cause,
  actor: Actor,
  releaseId: number,
  what: Act,
  known?: Facts,
): Promise<Performed> {
  if (!known) await lockRelease(tx, releaseId);
  const found = known ?? (await loadFacts(tx, releaseId));
  if (!found) throw new Error(`there is no release ${releaseId}`);
  const now = deps.clock();
  const { review } = deps.policy;
  const asked = await withOthers(tx, found, what);
  const { settled, ...decision } = decide(found, actor, asked, rulesOf(deps.policy), now);
  const before = await apply(tx, deps, found, settled, { ...cause, actor: SHIPSHAPE.id }, 'expire', now);
  const { changes, refusal, already } = decision;
  if (refusal) return { decision, facts: before, answer: refused(await pointed(tx, before, refusal), before) };
  const after = await apply(tx, deps, before, changes, cause, what.kind, now);
  if (what.kind === 'cancel') await freeHeld(tx, deps, cause, after);
  const answer = already ? alreadySo(already, after, review, now) : accepted(what.kind, after, review, now);
  const reasonless =
    what.kind === 'hold' && what.reason === null ? openHolds(after).findLast((h) => h.person === actor.id) : undefined;
  return {
    decision,
    facts: after,
    answer: { ...answer, ...(reasonless?.reason === null && { holdId: reasonless.id }) },
  };
}

/** The act with what it takes of other releases to decide it. */
async function withOthers(tx: Tx, f: Facts, what: Act): Promise<Act> {
  if (what.kind === 'failed') return { ...what, behind: await emergenciesDuringPush(tx, f) };
  return what.kind === 'rollback' ? { ...what, over: await liveAfter(tx, f) } : what;
}

/** What is cancelled may be open again as the same version, in a thread of its own: that one is probably meant. */
async function pointed(tx: Tx, f: Facts, refusal: Refusal): Promise<Refusal> {
  const again = f.release.state === 'cancelled' ? await openedAgain(tx, f) : undefined;
  return again ? { ...refusal, next: `It was opened again: ${threadLink(again)}.` } : refusal;
}

/** Writes one set of changes with all that follows from it. @returns the facts after, as the database has them */
async function apply(
  tx: Tx,
  deps: Deps,
  f: Facts,
  changes: readonly Change[],
  cause: Cause,
  verb: string,
  now: Date,
): Promise<Facts> {
  if (!changes.length) return f;
  // Rows that are inserted get ids; everything else is what evolve says.
  const inserted = changes.some((c) => c.kind === 'held' || c.kind === 'candidate' || c.kind === 'carried');
  if (inserted) await writeChanges(tx, f, changes, now);
  const after = inserted ? ((await loadFacts(tx, f.release.id)) as Facts) : evolve(f, changes, now);
  const { id } = f.release;
  await together([
    inserted ? Promise.resolve() : writeChanges(tx, f, changes, now),
    record(tx, cause, { verb, subject: showId('REL', id), data: { changes } }, now),
    tell(tx, deps, f, after, changes, now),
    follow(tx, deps, after, now),
  ]);
  await hand(tx, after, changes);
  return after;
}

/** What other areas do about these changes: a run begins, GitHub is asked, cards that show this release are drawn again. */
async function hand(tx: Tx, after: Facts, changes: readonly Change[]): Promise<void> {
  const { id, product } = after.release;
  const named = changes.some((c) => c.kind === 'candidate');
  const begun = changes.some((c) => c.kind === 'state' && (c.to === 'testing' || c.to === 'verifying'));
  if (named || begun) await addJob(tx, 'run', { releaseId: id }, { key: `run:${id}` });
  if (named) await addJob(tx, 'changes', { candidateId: current(after).id });
  // A prod issue offers the roll-back while there is one to record.
  if (changes.some((c) => c.kind === 'state' && c.to === 'rolled_back'))
    for (const shown of await prodIssuesOf(tx, id)) await refreshCards(tx, shown);
  // Its prod issue names an emergency that is not cancelled.
  const issue = parseId(after.release.prodIssue ?? '');
  if (issue?.prefix === 'PI' && changes.some((c) => c.kind === 'state' && c.to === 'cancelled'))
    await refreshCards(tx, showId('PI', issue.id));
  // Blockers show which releases they hold up, and in which candidate a fix may be.
  if (named || changes.some((c) => c.kind === 'state'))
    for (const b of after.blockers) await refreshCards(tx, showId('BUG', b.id));
  // R14: what blocks it depends on the commit; when GitHub says its tree, on that too (the job `changes`). After the cards, as for all that look
  // at gates: who waits for whom has one order.
  if (named) await addJob(tx, 'gates', { product }, { key: `gates:${product}` });
}

/** What people are told of these changes: the thread's line, the questions, the production check. */
async function tell(tx: Tx, deps: Deps, f: Facts, after: Facts, changes: readonly Change[], now: Date): Promise<void> {
  const place = { target: f.thread.channel, threadId: f.release.threadId };
  const line = lineFor(f, after, changes, rulesOf(deps.policy), now);
  if (line) await post(tx, { role: 'line', ...place, ...line });
  await ask(tx, questions(after, changes));
  if (changes.some((c) => c.kind === 'state' && c.to === 'verifying')) {
    await post(tx, { role: 'check', ...place, subject: showId('REL', f.release.id) });
  }
}

/** R3, R6: who is asked again after these changes: those whose sign-off could be given now, and nothing keeps it out any more. */
function questions(after: Facts, changes: readonly Change[]): Ask[] {
  if (changes.some((c) => c.kind === 'candidate')) return staleAsks(after, 'candidate');
  const stage: Stage = after.release.state === 'verifying' ? 'production' : 'candidate';
  if (stage === 'candidate' && afterShipping(after)) return [];
  const resumes = changes.some((c) => c.kind === 'unheld' || c.kind === 'unblocked' || c.kind === 'push_failed');
  const resumed = resumes && !holdsOn(after, stage).length && !after.blockers.length;
  return resumed ? staleAsks(after, 'interrupted', stage) : [];
}

/** Sends questions as DMs. Always in the order of people: two releases that ask the same ones at once would wait for each other's lanes for ever. */
export async function ask(tx: Tx, asks: readonly Ask[]): Promise<void> {
  for (const a of [...asks].sort((x, y) => (x.person < y.person ? -1 : 1)))
    await post(tx, { role: 'dm', target: a.person, text: a.text, blocks: a.blocks });
}

/** What is redrawn and timed after any change: cards (the homes come after them), and the moment the next eyes expire (R2) or the watch ends (R8). */
export async function follow(tx: Tx, deps: Deps, f: Facts, now: Date): Promise<void> {
  const { id, state } = f.release;
  const stage = state === 'verifying' ? 'production' : 'candidate';
  const expiry = ['waiting', 'testing', 'verifying'].includes(state) ? nextExpiry(f, stage, deps.policy.review) : null;
  const at = expiry ?? watchEnd(f, now);
  const timer = at && addJob(tx, 'tick', { releaseId: id }, { key: `tick:${id}`, at, mode: 'replace' });
  await together([refreshCards(tx, showId('REL', id)), timer ?? Promise.resolve()]);
}

/** R9: an emergency that was cancelled holds nothing any more. */
async function freeHeld(tx: Tx, deps: Deps, cause: Cause, f: Facts): Promise<void> {
  if (f.release.kind !== 'emergency') return;
  for (const id of await emergencyHolds(tx, f.release.id)) {
    await perform(tx, deps, cause, SHIPSHAPE, id, { kind: 'emergency_cancelled', emergencyId: f.release.id });
  }
}

/** What time alone does to a release (R2). Queued for the moment eyes expire. */
export async function tick(deps: Deps, releaseId: number): Promise<void> {
  const now = deps.clock();
  await deps.db.transaction(async (tx) => {
    const cause: Cause = {
      key: `tick:${releaseId}:${now.toISOString()}`,
      source: 'schedule',
      actor: SHIPSHAPE.id,
      eventTime: now,
    };
    const { facts } = await perform(tx, deps, cause, SHIPSHAPE, releaseId, { kind: 'tick' });
    await follow(tx, deps, facts, now);
  });
}

/** Lets every release of a product that can still change see its gate facts as they are now: bugs that came or ended (R6, R13). */
export async function gateNews(deps: Deps, product: string): Promise<void> {
  for (const id of await gatedIds(deps.db, product, deps.clock())) await tick(deps, id);
}
