import type { Actor } from '../../base/actor.ts';
import { type Done, tellRefusal } from '../../base/answer.ts';
import type { Refusal } from '../../base/errors.ts';
import { showId } from '../../base/ids.ts';
import { showMoney } from '../../base/money.ts';
import { fundsOf } from '../../base/policy.ts';
import { answered, type Cause, madeBefore } from '../../db/act.ts';
import { record } from '../../db/audit.ts';
import type { Executor, Tx } from '../../db/client.ts';
import { post, refreshCards, refreshSheets } from '../../db/outbox.ts';
import { requestLink } from './blocks.ts';
import { bookNew, takenFault } from './book.ts';
import type { Deps } from './deps.ts';
import { actLine, leftLine, negativeLine, requesterDm, sentAnswer } from './lines.ts';
import { decideRequest } from './rules.ts';
import { holding, loadRequest, lockLimits, lockRequest, unagreed, writeRequest } from './store.ts';
import type { Entry, Faults, FundsAnswer, RequestAct, RequestFacts } from './types.ts';

/** A refusal as two sentences: what was wrong, what to do. */
export function refusedFunds(refusal: Refusal, f?: RequestFacts): FundsAnswer {
  return f ? { ...tellRefusal(refusal, shownRequest(f)), requestId: f.request.id } : tellRefusal(refusal);
}

/** What was typed wrongly: for a form by field, for a command as sentences. */
export function faultyFunds(faults: Faults, f?: RequestFacts): FundsAnswer {
  const said = Object.values(faults).join(' ');
  const about = f ? `${shownRequest(f)}: ` : '';
  return {
    outcome: 'refused',
    code: 'input',
    text: `:x: ${about}${said}`,
    faults,
    ...(f && { requestId: f.request.id }),
  };
}

/** Whether the form booked this before. With a hash the books themselves know; on no chain there may be none. */
export async function bookedBefore(tx: Tx, cause: Cause, entry: Pick<Entry, 'hash'>): Promise<boolean> {
  return entry.hash === null && (await madeBefore(tx, cause));
}

/** Slack lets people send a form again when its answer came late: what it made is not made twice. */
export function madeAlready(done: string): FundsAnswer {
  return { outcome: 'already', text: `This form is ${done} already: close it. \`/funds mine\` shows what is yours.` };
}

const shownRequest = (f: RequestFacts) => requestLink(f.request.id, f.thread.url);

/** Everything about one request as of now. */
export function requestNow(
  db: Executor,
  deps: Pick<Deps, 'policy' | 'clock'>,
  id: number,
): Promise<RequestFacts | undefined> {
  return loadRequest(db, id, { zone: deps.policy.team.zone, now: deps.clock() });
}

/**
 * One act of one person on one request, once per cause: locks it, lets the rules decide (R18), books, writes, and queues the thread's line, the card,
 * the DM and the sheets. @returns the private answer; a repeat gets the first one's.
 */
export async function actOnRequest(
  deps: Deps,
  cause: Cause,
  actor: Actor,
  requestId: number,
  act: RequestAct,
): Done<FundsAnswer> {
  return answered(deps.db, cause, (tx) => perform(tx, deps, cause, actor, requestId, act));
}

async function perform(
  tx: Tx,
  deps: Deps,
  cause: Cause,
  actor: Actor,
  id: number,
  act: RequestAct,
): Promise<FundsAnswer> {
  const before = await lockedRequest(tx, deps, id, act.kind === 'approve' || act.kind === 'sent');
  if (!before)
    return refusedFunds({ code: 'no_request', reason: `there is no ${showId('FR', id)}`, next: 'See `/funds mine`.' });
  const now = deps.clock();
  const funds = fundsOf(deps.policy);
  const decision = decideRequest(before, actor, act, funds, now);
  if ('refusal' in decision) return refusedFunds(decision.refusal, before);
  if ('faults' in decision) return faultyFunds(decision.faults, before);
  if ('already' in decision)
    return { outcome: 'already', text: `${shownRequest(before)}: ${decision.already}.`, requestId: id };
  const { entry, patch } = decision;
  if (entry && (await bookedBefore(tx, cause, entry))) return madeAlready('recorded');
  const booked = entry ? await bookNew(tx, entry, now) : { txId: null };
  if ('takenBy' in booked) {
    const of = { kind: entry?.kind, chain: before.request.chain };
    return faultyFunds({ hash: takenFault(booked.takenBy, of) }, before);
  }
  const { txId } = booked;
  await writeRequest(tx, id, { ...patch, ...(act.kind === 'sent' && { sentTx: txId }) });
  const data = { act: plainAct(act), patch: plainData(patch), ...(txId !== null && { txId }) };
  const subject = showId('FR', id);
  await record(
    tx,
    cause,
    { verb: act.kind, subject, data: { ...data, ...(entry && { entry: plainData(entry) }) } },
    now,
  );
  const after = (await requestNow(tx, deps, id)) as RequestFacts;
  const warning = entry ? await warnings(tx, deps, entry) : [];
  const text = [actLine(before, after, act, actor.id, txId, funds), ...warning].join('\n');
  await post(tx, { role: 'line', target: after.thread.channel, threadId: after.request.threadId, text });
  const dm = requesterDm(after, act, actor.id, funds);
  if (dm) await post(tx, { role: 'dm', target: after.request.requester, text: dm });
  await changed(tx, after.request.releaseId, id);
  const stands = after.request.state === 'sent' || after.request.state === 'closed' ? ` ${leftLine(after, funds)}` : '';
  const sent = act.kind === 'sent' ? sentAnswer(after, txId, funds) : '';
  const done = `:white_check_mark: ${shownRequest(after)}: done.${sent}${act.kind === 'settle' ? '' : stands}`;
  const said = [done, ...warning];
  return { outcome: 'accepted', text: said.join('\n'), requestId: id, ...(txId !== null && { txId }) };
}

/** Locks a request and reads it. @param limits whether what is approved for its person counts */
export async function lockedRequest(tx: Tx, deps: Deps, id: number, limits = false): Promise<RequestFacts | undefined> {
  if (!(await lockRequest(tx, id))) return undefined;
  const first = await requestNow(tx, deps, id);
  if (!limits || !first) return first;
  await lockLimits(tx, first.request.requester);
  return requestNow(tx, deps, id);
}

/** R17: the wallets that this entry took from and that are now below zero, a line each. */
export async function warnings(tx: Tx, deps: Deps, entry: Entry): Promise<string[]> {
  const funds = fundsOf(deps.policy);
  const lines: string[] = [];
  const seen = new Set<string>();
  for (const { account, asset, amount } of entry.postings) {
    if (!account.startsWith('custody:') || amount > 0n || seen.has(`${account} ${asset}`)) continue;
    seen.add(`${account} ${asset}`);
    const holds = await holding(tx, account, asset);
    if (holds < 0n) lines.push(negativeLine(account, asset, holds, funds));
  }
  return lines;
}

/** What is drawn again after any change of the books: the cards, and the sheets. */
export async function changed(tx: Tx, releaseId: number | null, requestId: number | null): Promise<void> {
  // Releases first, as acts on releases do: who waits for whom has one order.
  if (releaseId !== null) await refreshCards(tx, showId('REL', releaseId));
  if (requestId !== null) await refreshCards(tx, showId('FR', requestId));
  await refreshSheets(tx);
}

/** Data for the audit trail, which is JSON: amounts as their digits. */
export function plainData(data: object): Record<string, unknown> {
  return JSON.parse(JSON.stringify(data, (_key, value) => (typeof value === 'bigint' ? value.toString() : value)));
}

/** What was typed, cut to what is worth keeping. */
function plainAct(act: RequestAct): Record<string, unknown> {
  const short = Object.entries(act).map(([k, v]) => [k, typeof v === 'string' ? v.slice(0, 1000) : v]);
  return plainData(Object.fromEntries(short));
}

/** `25 USDC`, for answers. */
export function moneyIn(deps: Pick<Deps, 'policy'>, amount: bigint, asset: string): string {
  return showMoney(amount, asset, fundsOf(deps.policy).assets);
}

/**
 * Has the cards drawn again of what was sent and not agreed to (R18). An upgrade asks about some of it (drizzle/0007, 0010), and nothing else happens to those
 * requests that would draw the button; a card that has it stays as it is.
 */
export async function refreshUnagreed(db: Executor): Promise<void> {
  for (const id of await unagreed(db)) await refreshCards(db, showId('FR', id));
}
