import type { Actor } from '../../base/actor.ts';
import type { Done } from '../../base/answer.ts';
import { showId } from '../../base/ids.ts';
import { fundsOf } from '../../base/policy.ts';
import { answered, type Cause } from '../../db/act.ts';
import { record } from '../../db/audit.ts';
import type { Tx } from '../../db/client.ts';
import { post } from '../../db/outbox.ts';
import {
  bookedBefore,
  changed,
  faultyFunds,
  lockedRequest,
  madeAlready,
  plainData,
  refusedFunds,
  requestNow,
  warnings,
} from './actions.ts';
import { bookNew, bookReversal, takenFault } from './book.ts';
import type { Deps } from './deps.ts';
import { leftLine, legsInWords, reverseLine, spendLine, transferLine } from './lines.ts';
import { fundsChannel } from './rules.ts';
import { decideReverse, decideSpend, decideTransfer } from './spend-rules.ts';
import { loadSpend, loadTx, lockTx, releaseOf, writeRequest } from './store.ts';
import type { FundsAnswer, RequestFacts, SpendInput, TransferInput } from './types.ts';

/** Records a test transaction, once per cause (R19): in the books, in the release's and the request's thread. */
export async function recordSpend(deps: Deps, cause: Cause, actor: Actor, s: SpendInput): Done<FundsAnswer> {
  return answered(deps.db, cause, (tx) => spend(tx, deps, cause, actor, s));
}

async function spend(tx: Tx, deps: Deps, cause: Cause, actor: Actor, s: SpendInput): Promise<FundsAnswer> {
  const request = s.requestId === undefined ? undefined : ((await lockedRequest(tx, deps, s.requestId)) ?? null);
  const release = s.releaseId === undefined ? undefined : await releaseOf(tx, s.releaseId);
  const now = deps.clock();
  const funds = fundsOf(deps.policy);
  const facts = { request, releaseKnown: s.releaseId === undefined || release !== undefined };
  const decision = decideSpend(s, actor, facts, funds, now);
  if ('refusal' in decision) return refusedFunds(decision.refusal);
  if ('faults' in decision) return faultyFunds(decision.faults);
  const { entry, patch } = decision;
  if (await bookedBefore(tx, cause, entry)) return madeAlready('recorded');
  const booked = await bookNew(tx, entry, now, decision.spend);
  if ('takenBy' in booked) return faultyFunds({ hash: takenFault(booked.takenBy, entry) });
  const { txId } = booked;
  if (entry.requestId !== null) await writeRequest(tx, entry.requestId, patch);
  const subject = showId('TX', txId);
  await record(tx, cause, { verb: 'spend', subject, data: plainData({ spend: decision.spend, entry, patch }) }, now);
  const line = spendLine({ ...decision.spend, txId }, funds);
  if (release) await post(tx, { role: 'line', target: release.channel, threadId: release.threadId, text: line });
  const after = await requestAfter(tx, deps, entry.requestId);
  const left = after ? ` ${showId('FR', after.request.id)}: ${leftLine(after, funds)}` : '';
  if (after) await say(tx, after, `${line}. ${leftLine(after, funds)}`);
  await changed(tx, entry.releaseId, entry.requestId);
  const text = `:white_check_mark: Recorded *${subject}*.${left}`;
  return { outcome: 'accepted', text, txId, ...(after && { requestId: after.request.id }) };
}

async function requestAfter(tx: Tx, deps: Deps, id: number | null): Promise<RequestFacts | undefined> {
  return id === null ? undefined : requestNow(tx, deps, id);
}

async function say(tx: Tx, f: RequestFacts, text: string): Promise<void> {
  await post(tx, { role: 'line', target: f.thread.channel, threadId: f.request.threadId, text });
}

/** What belongs to no request and changes what is in custody is said in the channel of test funds itself. */
export async function sayAboutCustody(tx: Tx, deps: Pick<Deps, 'policy'>, text: string): Promise<void> {
  await post(tx, { role: 'line', target: fundsChannel(deps.policy), text });
}

/** Books money into custody, out of it, or between two wallets, once per cause (R17). Treasurers only. */
export async function recordTransfer(deps: Deps, cause: Cause, actor: Actor, t: TransferInput): Done<FundsAnswer> {
  return answered(deps.db, cause, async (tx): Promise<FundsAnswer> => {
    const now = deps.clock();
    const funds = fundsOf(deps.policy);
    const decision = decideTransfer(t, actor, funds, now);
    if ('refusal' in decision) return refusedFunds(decision.refusal);
    if ('faults' in decision) return faultyFunds(decision.faults);
    const { entry } = decision;
    if (await bookedBefore(tx, cause, entry)) return madeAlready('recorded');
    const booked = await bookNew(tx, entry, now);
    if ('takenBy' in booked) return faultyFunds({ hash: takenFault(booked.takenBy, entry) });
    const subject = showId('TX', booked.txId);
    await record(tx, cause, { verb: 'transfer', subject, data: plainData({ entry }) }, now);
    const warning = await warnings(tx, deps, entry);
    await sayAboutCustody(tx, deps, [transferLine(booked.txId, entry, funds), ...warning].join('\n'));
    await changed(tx, null, null);
    const said = [`:white_check_mark: Recorded *${subject}*: ${legsInWords(entry.postings, funds)}.`];
    return { outcome: 'accepted', text: [...said, ...warning].join('\n'), txId: booked.txId };
  });
}

/** Books the opposite of a ledger transaction, once per cause (R17): the only correction there is. Treasurers only. */
export async function reverseTx(
  deps: Deps,
  cause: Cause,
  actor: Actor,
  txId: number,
  reason: string,
): Done<FundsAnswer> {
  return answered(deps.db, cause, (tx) => reverse(tx, deps, cause, actor, txId, reason));
}

async function reverse(
  tx: Tx,
  deps: Deps,
  cause: Cause,
  actor: Actor,
  id: number,
  reason: string,
): Promise<FundsAnswer> {
  const shown = showId('TX', id);
  // The request first, as every act on it does; what it is does not change.
  const requestId = (await loadTx(tx, id))?.requestId ?? null;
  const before = requestId === null ? undefined : await lockedRequest(tx, deps, requestId);
  await lockTx(tx, id);
  const found = await loadTx(tx, id);
  if (!found) return refusedFunds({ code: 'no_tx', reason: `there is no ${shown}`, next: 'See `/funds ledger`.' });
  const now = deps.clock();
  const decision = decideReverse(found, before ?? null, actor, reason, now);
  if ('refusal' in decision) {
    const refused = { ...decision.refusal, reason: `${shown}: ${decision.refusal.reason}` };
    return { ...refusedFunds(refused), txId: id };
  }
  if ('faults' in decision) return faultyFunds(decision.faults);
  if ('already' in decision) return { outcome: 'already', text: `*${shown}*: ${decision.already}.`, txId: id };
  const { entry, patch } = decision;
  const by = await bookReversal(tx, entry, id, now);
  if (requestId !== null) await writeRequest(tx, requestId, patch);
  const data = plainData({ by: showId('TX', by), entry, patch });
  await record(tx, cause, { verb: 'reverse', subject: shown, data }, now);
  const warning = await warnings(tx, deps, entry);
  const line = [reverseLine(found, by, actor.id, entry.note ?? ''), ...warning].join('\n');
  const after = await requestAfter(tx, deps, requestId);
  if (after) await say(tx, after, line);
  const release = found.releaseId === null ? undefined : await releaseOf(tx, found.releaseId);
  if (release && found.kind === 'spend')
    await post(tx, { role: 'line', target: release.channel, threadId: release.threadId, text: line });
  // One that is in no thread: whose it was hears of it.
  const tester = after || release || found.kind !== 'spend' ? undefined : (await loadSpend(tx, id))?.tester;
  if (tester && tester !== actor.id) await post(tx, { role: 'dm', target: tester, text: line });
  if (!after && found.kind !== 'spend')
    await sayAboutCustody(tx, deps, `${line}\n${legsInWords(entry.postings, fundsOf(deps.policy))}`);
  await changed(tx, found.releaseId, requestId);
  const said = [`:white_check_mark: *${shown}* is reversed by *${showId('TX', by)}*.`];
  const text = [...said, ...warning].join('\n');
  return { outcome: 'accepted', text, txId: by, ...(requestId !== null && { requestId }) };
}
