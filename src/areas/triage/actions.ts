import { eq } from 'drizzle-orm';
import type { Actor } from '../../base/actor.ts';
import type { Done } from '../../base/answer.ts';
import { showId } from '../../base/ids.ts';
import { escapeText, truncate } from '../../base/mrkdwn.ts';
import type { Policy } from '../../base/policy.ts';
import { answered, type Cause } from '../../db/act.ts';
import { record } from '../../db/audit.ts';
import type { Executor, Tx } from '../../db/client.ts';
import { addJob, post, refreshCards } from '../../db/outbox.ts';
import { threads } from '../../db/schema/core.ts';
import { beginThread } from '../../db/threads.ts';
import { type BugAnswer, refused } from './answers.ts';
import { card, type Drawing, waitsFor } from './blocks.ts';
import type { Deps } from './deps.ts';
import { bugLink, type Line, lineFor, proposalLine } from './lines.ts';
import { hitsMoney, proposal } from './priority.ts';
import { declareProdIssue } from './prod-actions.ts';
import { whyProd } from './prod-rules.ts';
import { decide, STATE_SAYS } from './rules.ts';
import { loadBug, lockBug, threadIn, writeBug } from './store.ts';
import type { Act, Bug, BugFacts, Patch } from './types.ts';

/**
 * One act of one person on one bug, once per cause: locks it, lets the rules decide, writes what changed with its audit event, and queues the
 * thread's line, the cards, and the releases' look at their gate. @returns the private answer; a repeat gets the first one's.
 */
export async function actOnBug(deps: Deps, cause: Cause, actor: Actor, bugId: number, act: Act): Done<BugAnswer> {
  if (act.kind === 'agree' || (act.kind === 'retest' && act.fixed)) await seenByReleases(deps, actor, bugId, act);
  return answered(deps.db, cause, (tx) => perform(tx, deps, cause, actor, bugId, act));
}

/**
 * R6: a blocker interrupts sign-offs however soon it ends: before an act that ends it, its releases look. Before that act's transaction, since releases are
 * locked before bugs, and one after the other; and not for what is refused, which changes nothing.
 */
async function seenByReleases(deps: Deps, actor: Actor, bugId: number, act: Act): Promise<void> {
  const f = await loadBug(deps.db, bugId);
  if (f && 'patch' in decide(f, actor, act, deps.clock())) await deps.gateNews(f.bug.product);
}

async function perform(tx: Tx, deps: Deps, cause: Cause, actor: Actor, bugId: number, act: Act): Promise<BugAnswer> {
  // With its original, in one order: two bugs must not become duplicates of each other at once.
  const locked = act.kind === 'duplicate' ? [bugId, act.of].sort((x, y) => x - y) : [bugId];
  for (const id of locked) await lockBug(tx, id);
  const before = await loadBug(tx, bugId, act.kind === 'duplicate' ? act.of : undefined);
  if (!before)
    return refused({ code: 'no_bug', reason: `there is no ${showId('BUG', bugId)}`, next: 'See `/bug list`.' });
  const now = deps.clock();
  const decision = decide(before, actor, act, now);
  if ('refusal' in decision) return refused(decision.refusal, before);
  if ('already' in decision) return { outcome: 'already', text: `${bugLink(before)}: ${decision.already}.`, bugId };
  const after = await apply(tx, deps, cause, actor, before, act, decision.patch, now);
  const stands = `It is ${STATE_SAYS[after.bug.state]}: ${waitsFor(after)}`;
  return { outcome: 'accepted', text: `:white_check_mark: ${bugLink(after)}: done. ${stands}.`, bugId };
}

async function apply(
  tx: Tx,
  deps: Deps,
  cause: Cause,
  actor: Actor,
  before: BugFacts,
  act: Act,
  patch: Patch,
  now: Date,
): Promise<BugFacts> {
  const { id, product } = before.bug;
  await writeBug(tx, id, patch);
  await record(tx, cause, { verb: act.kind, subject: showId('BUG', id), data: { act, patch } }, now);
  if (act.kind === 'agree' && before.bug.askedFor === 'prod_issue') {
    const why = hitsMoney(before.bug.answers) ? 'money' : 'key_feature';
    await declareProdIssue(tx, deps, cause, actor, { bugId: id, product, title: before.bug.title, why });
  }
  const { blocking, answers } = before.bug;
  const hits = { money: hitsMoney(answers), keyFeature: Boolean(answers.feature) };
  // A blocker's way there is R12's proposal; what blocks nothing needs no second opinion to be looked at.
  const why = act.kind === 'tried' && act.happens && !blocking ? whyProd(hits) : null;
  if (why) await declareProdIssue(tx, deps, cause, actor, { bugId: id, product, title: before.bug.title, why });
  if (patch.owner && before.bug.threadId !== null)
    await tx.update(threads).set({ responsible: patch.owner }).where(eq(threads.id, before.bug.threadId));
  const after = (await loadBug(tx, id)) as BugFacts;
  await say(tx, after, lineFor(before, after, act, actor.id));
  if (patch.blocking !== undefined) await move(tx, deps, after, now);
  if (act.kind === 'tried') await propose(tx, after);
  if (act.kind === 'block') await propose(tx, (await loadBug(tx, id)) as BugFacts);
  if (patch.owner && patch.owner !== before.bug.owner && patch.owner !== actor.id) {
    const text = `${bugLink(after)} is yours now: ${escapeText(truncate(after.bug.title, 200))}`;
    await post(tx, { role: 'dm', target: patch.owner, text });
  }
  await follow(tx, after, gateOf(before.bug) !== gateOf(after.bug));
  return after;
}

/** What releases see of it: whether it blocks, and, for those that are done, whether production has it. */
const gateOf = (b: Bug) => b.blocking && b.endedAt === null && (b.inProduction === 'yes' ? 'production' : 'candidate');

/** A line in the bug's thread. */
async function say(tx: Tx, f: BugFacts, line: Line): Promise<void> {
  if (f.bug.threadId === null) return;
  await post(tx, { role: 'line', target: f.thread.channel, threadId: f.bug.threadId, ...line });
}

/** R12: the bot's proposal, in the thread. */
export async function propose(tx: Tx, f: BugFacts): Promise<void> {
  const { bug } = f;
  const what = bug.askedFor ? null : proposal(bug, hitsMoney(bug.answers) || Boolean(bug.answers.feature));
  if (what) await say(tx, f, proposalLine(bug, what));
}

/** What is redrawn after any change; and when the product's blockers changed, its releases look at their gate (R6, R13). */
export async function follow(tx: Tx, f: BugFacts, gates: boolean): Promise<void> {
  const { id, product, releaseId } = f.bug;
  // Releases first, as acts on releases do: who waits for whom has one order.
  if (releaseId !== null) await refreshCards(tx, showId('REL', releaseId));
  await refreshCards(tx, showId('BUG', id));
  if (gates) await addJob(tx, 'gates', { product }, { key: `gates:${product}` });
}

/** Where a bug's thread is: blockers in the releases' channel (R13), others in triage. */
export function channelOf(policy: Policy, blocking: boolean): string {
  const { releases, triage } = policy.workspace.channels;
  return blocking ? releases : (triage ?? releases);
}

/** A bug that became or ceased to be blocking goes on in a thread where it now belongs; both threads point to each other by its card. */
async function move(tx: Tx, deps: Deps, f: BugFacts, now: Date): Promise<void> {
  const { bug } = f;
  const channel = channelOf(deps.policy, bug.blocking);
  const subject = showId('BUG', bug.id);
  const known = await threadIn(tx, subject, channel);
  const threadId = known ?? (await beginBugThread(tx, channel, bug, now));
  if (threadId === bug.threadId) return;
  await writeBug(tx, bug.id, { threadId });
  // R24: a thread it comes back to may name who answered for it then.
  if (known !== null)
    await tx
      .update(threads)
      .set({ responsible: bug.owner ?? bug.reporter })
      .where(eq(threads.id, known));
  const from = f.thread.url ? ` What was said before: <${f.thread.url}|its first thread>.` : '';
  const why = bug.blocking ? ':no_entry: It is blocking now.' : ':arrow_down: It holds no release up any more.';
  await post(tx, { role: 'line', target: channel, threadId, text: `${why}${from}` });
}

/** R24: a thread of its own, with ONE responsible person, begun by the bug's card. @returns its id */
export async function beginBugThread(
  tx: Tx,
  channel: string,
  bug: Pick<Bug, 'id' | 'title' | 'owner' | 'reporter'>,
  now: Date,
): Promise<number> {
  const responsible = bug.owner ?? bug.reporter;
  const threadId = await beginThread(tx, { kind: 'bug', title: bug.title, responsible, channel, openedAt: now });
  await post(tx, { role: 'card', target: channel, threadId, subject: showId('BUG', bug.id) });
  return threadId;
}

/** What a bug's card shows now; null when there is no such bug. @param github whether GitHub is set up */
export async function drawBug(db: Executor, id: number, policy: Policy, github = false): Promise<Drawing | null> {
  const f = await loadBug(db, id);
  const repo = policy.products.find((p) => p.key === f?.bug.product)?.repo;
  return f ? card(f, policy, github && repo !== undefined) : null;
}
