import { eq, sql } from 'drizzle-orm';
import type { Actor } from '../../base/actor.ts';
import type { Done } from '../../base/answer.ts';
import { showId } from '../../base/ids.ts';
import { escapeText, truncate } from '../../base/mrkdwn.ts';
import type { Policy } from '../../base/policy.ts';
import { answered, type Cause } from '../../db/act.ts';
import { record } from '../../db/audit.ts';
import type { Executor, Tx } from '../../db/client.ts';
import { post, refreshCards } from '../../db/outbox.ts';
import { threads } from '../../db/schema/core.ts';
import { prodIssues } from '../../db/schema/triage.ts';
import { beginThread } from '../../db/threads.ts';
import { type BugAnswer, refused } from './answers.ts';
import type { Drawing } from './blocks.ts';
import type { Deps } from './deps.ts';
import { prodCard, prodLink, prodWaits, ROLE_SAYS } from './prod-blocks.ts';
import { declaredLine, prodLine, releaseLine } from './prod-lines.ts';
import {
  attribute,
  canRollBack,
  decideProd,
  forbiddenProd,
  NEVER_LIVE,
  NOTE_MAX,
  PROD_STATE_SAYS,
} from './prod-rules.ts';
import { liveOnes, loadProd, lockProd, openProdOf, writeProd } from './prod-store.ts';
import { type LiveRelease, type ProdAct, type ProdFacts, type ProdPatch, ROLES, type Why } from './prod-types.ts';
import { attributeBug, loadBug, lockBug } from './store.ts';

const bare = (refusal: { code: string; reason: string; next: string }, f?: ProdFacts): BugAnswer => {
  if (!f) return refused(refusal);
  const { code, reason, next } = refusal;
  return { outcome: 'refused', code, text: `:x: ${prodLink(f.issue, f.thread.url)}: ${reason}. ${next}` };
};

/** One act of one person on one prod issue, once per cause. @returns the private answer; a repeat gets the first one's. */
export async function actOnProd(deps: Deps, cause: Cause, actor: Actor, prodId: number, act: ProdAct): Done<BugAnswer> {
  return answered(deps.db, cause, (tx) => perform(tx, deps, cause, actor, prodId, act));
}

async function perform(tx: Tx, deps: Deps, cause: Cause, actor: Actor, id: number, act: ProdAct): Promise<BugAnswer> {
  await lockProd(tx, id);
  const before = await loadProd(tx, id);
  if (!before)
    return bare({ code: 'no_prod_issue', reason: `there is no ${showId('PI', id)}`, next: 'See `/bug prod list`.' });
  const now = deps.clock();
  const decision = decideProd(before, actor, act, now);
  const name = prodLink(before.issue, before.thread.url);
  if ('refusal' in decision) return bare(decision.refusal, before);
  if ('already' in decision) return { outcome: 'already', text: `${name}: ${decision.already}.` };
  const after = await apply(tx, cause, actor, before, act, decision.patch, now);
  const { state } = after.issue;
  const stands = `It is ${PROD_STATE_SAYS[state]}${state === 'reviewed' ? '' : `: ${prodWaits(after.issue)}`}`;
  return { outcome: 'accepted', text: `:white_check_mark: ${name}: done. ${stands}.` };
}

async function apply(
  tx: Tx,
  cause: Cause,
  actor: Actor,
  before: ProdFacts,
  act: ProdAct,
  patch: ProdPatch,
  now: Date,
): Promise<ProdFacts> {
  const { id, threadId } = before.issue;
  await writeProd(tx, id, patch);
  const { bugId, releaseId } = before.issue;
  const moved = patch.releaseId !== undefined && patch.releaseId !== releaseId;
  if (patch.releaseId !== undefined && bugId !== null) await attributeBug(tx, bugId, patch.releaseId);
  await record(tx, cause, { verb: act.kind, subject: showId('PI', id), data: { act, patch } }, now);
  // R24: ONE responsible person.
  if (patch.owner) await tx.update(threads).set({ responsible: patch.owner }).where(eq(threads.id, threadId));
  const after = (await loadProd(tx, id)) as ProdFacts;
  await post(tx, {
    role: 'line',
    target: after.thread.channel,
    threadId,
    ...prodLine(before, after, act, actor.id),
  });
  for (const role of ROLES) {
    const person = patch[role];
    if (!person || person === actor.id) continue;
    const title = escapeText(truncate(after.issue.title, 200));
    const text = `${prodLink(after.issue, after.thread.url)} needs you (${ROLE_SAYS[role].toLowerCase()}): ${title}`;
    await post(tx, { role: 'dm', target: person, text });
  }
  if (moved) {
    await tellRelease(tx, after, now);
    // Their catch rates count it, or no longer (R25).
    const both = [releaseId, after.issue.releaseId].filter((r) => r !== null).sort((a, b) => a - b);
    for (const r of both) await refreshCards(tx, showId('REL', r));
    if (bugId !== null) await refreshCards(tx, showId('BUG', bugId));
  }
  await refreshCards(tx, showId('PI', id));
  return after;
}

/** The attributed release's thread hears of it, with the roll-back while one can be recorded. */
async function tellRelease(tx: Tx, f: ProdFacts, now: Date): Promise<void> {
  const r = f.releases.find((x) => x.id === f.issue.releaseId);
  if (!r) return;
  const { rows } = await tx.execute<{ thread_id: string; channel: string }>(
    sql`select t.id as thread_id, t.channel from releases r join threads t on t.id = r.thread_id where r.id = ${r.id}`,
  );
  const [row] = rows;
  if (!row) return;
  const line = releaseLine(f, r, canRollBack(r, now) && f.issue.resolvedAt === null);
  await post(tx, { role: 'line', target: row.channel, threadId: Number(row.thread_id), ...line });
}

/**
 * Which release brought a bug, by the rule: at the moment when users met it, which may be long before somebody escalated it. A release that its report names,
 * and that had been live by then, is believed, also when it was rolled back before the report; R25 counts the bug for the same one. So is one that was being
 * pushed: the bug stays with it, and none is said to have brought it, for it was not live, and the one before has no part in it.
 */
async function whoBrought(
  tx: Tx,
  bugId: number,
  product: string,
  now: Date,
): Promise<{ brought: LiveRelease | null; attributedBy: string | null }> {
  const f = await loadBug(tx, bugId);
  const met = f?.bug.foundIn === 'production' ? f.bug : null;
  const live = await liveOnes(tx, product, met?.releaseId ?? null);
  const at = met?.reportedAt ?? now;
  const ruled = attribute(live, at);
  const named = (met && live.find((r) => r.id === met.releaseId && r.shippedAt <= at)) ?? null;
  if (met && !named && f?.release && !NEVER_LIVE.includes(f.release.state))
    return { brought: null, attributedBy: null };
  const brought = named ?? ruled;
  if (met && brought && brought.id !== met.releaseId) await attributeBug(tx, bugId, brought.id);
  return { brought, attributedBy: met && named && named.id !== ruled?.id ? met.reporter : null };
}

/**
 * Declares a prod issue inside the caller's transaction, which holds the bug's lock: its row, attributed by the rule, its thread with the card, and the
 * release's thread told. The caller redraws the bug's card, in its own order of cards. A bug has at most one that is not reviewed. @returns its id; that of the open one when the bug has one already
 */
export async function declareProdIssue(
  tx: Tx,
  deps: Deps,
  cause: Cause,
  actor: Actor,
  about: { bugId: number; product: string; title: string; why: Why; reason?: string },
): Promise<number> {
  const { bugId, product, title, why, reason = null } = about;
  const open = await openProdOf(tx, bugId);
  if (open !== null) return open;
  const now = deps.clock();
  const { brought, attributedBy } = await whoBrought(tx, bugId, product, now);
  const { prodIssues: own, releases } = deps.policy.workspace.channels;
  const channel = own ?? releases;
  const owner = brought?.manager ?? null;
  const responsible = owner ?? actor.id;
  const threadId = await beginThread(tx, { kind: 'prod_issue', title, responsible, channel, openedAt: now });
  const releaseId = brought?.id ?? null;
  const row = {
    bugId,
    product,
    title,
    why,
    releaseId,
    attributedBy,
    owner: owner ?? actor.id,
    declaredBy: actor.id,
    declaredAt: now,
  };
  const [made] = await tx
    .insert(prodIssues)
    .values({ ...row, state: 'declared', threadId })
    .returning({ id: prodIssues.id });
  const id = made?.id as number;
  await record(tx, cause, { verb: 'declare', subject: showId('PI', id), data: { ...row, reason } }, now);
  await post(tx, { role: 'card', target: channel, threadId, subject: showId('PI', id) });
  await post(tx, { role: 'line', target: channel, threadId, ...declaredLine(why, actor.id, reason) });
  const f = (await loadProd(tx, id)) as ProdFacts;
  await tellRelease(tx, f, now);
  if (owner && owner !== actor.id) {
    const text = `:rotating_light: *${showId('PI', id)}* is yours: ${escapeText(truncate(title, 200))}. Most likely it came with ${escapeText(brought?.name ?? '')}, which you manage.`;
    await post(tx, { role: 'dm', target: owner, text });
  }
  return id;
}

/** Makes a prod issue of a bug because a person says so, once per cause. */
export async function escalate(
  deps: Deps,
  cause: Cause,
  actor: Actor,
  bugId: number,
  reason: string | null,
): Done<BugAnswer> {
  return answered(deps.db, cause, async (tx): Promise<BugAnswer> => {
    await lockBug(tx, bugId);
    const f = await loadBug(tx, bugId);
    if (!f) return refused({ code: 'no_bug', reason: `there is no ${showId('BUG', bugId)}`, next: 'See `/bug list`.' });
    const no = forbiddenProd('escalate', actor, null);
    if (no) return refused(no, f);
    const form = 'The form is `/bug escalate BUG-7 <reason>`.';
    if (!reason) return refused({ code: 'reason', reason: 'escalating needs a reason', next: form }, f);
    if (reason.length > NOTE_MAX)
      return refused(
        { code: 'too_long', reason: 'that reason is too long', next: `Please keep it under ${NOTE_MAX} characters.` },
        f,
      );
    if (f.bug.state === 'rejected' || f.bug.state === 'duplicate')
      return refused({ code: 'ended', reason: 'it is no bug of its own any more', next: 'Report it anew: `/bug`.' }, f);
    const open = await openProdOf(tx, bugId);
    if (open !== null) return { outcome: 'already', text: `It is *${showId('PI', open)}* already.`, bugId };
    const { product, title } = f.bug;
    const id = await declareProdIssue(tx, deps, cause, actor, { bugId, product, title, why: 'escalated', reason });
    await refreshCards(tx, showId('BUG', bugId));
    const { prodIssues: own, releases } = deps.policy.workspace.channels;
    const text = `:rotating_light: Declared *${showId('PI', id)}* in <#${own ?? releases}>: ${escapeText(truncate(title, 150))}.`;
    return { outcome: 'accepted', text, bugId };
  });
}

/** What a prod issue's card shows now; null when there is none. */
export async function drawProd(db: Executor, id: number, policy: Policy, now: Date): Promise<Drawing | null> {
  const f = await loadProd(db, id);
  return f ? prodCard(f, policy, now) : null;
}
