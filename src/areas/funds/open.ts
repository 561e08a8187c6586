import type { Actor } from '../../base/actor.ts';
import type { Done } from '../../base/answer.ts';
import { showId } from '../../base/ids.ts';
import { date } from '../../base/mrkdwn.ts';
import { fundsOf } from '../../base/policy.ts';
import { localDay } from '../../base/zone.ts';
import { answered, type Cause, madeBefore } from '../../db/act.ts';
import { record } from '../../db/audit.ts';
import type { Tx } from '../../db/client.ts';
import { post } from '../../db/outbox.ts';
import { fundRequests } from '../../db/schema/funds.ts';
import { beginThread } from '../../db/threads.ts';
import { changed, faultyFunds, madeAlready, moneyIn, plainData, refusedFunds } from './actions.ts';
import { checkAddress } from './addresses.ts';
import type { Deps } from './deps.ts';
import { forbiddenFunds, fundsChannel } from './rules.ts';
import { releaseOf } from './store.ts';
import { clean, REASON_MAX, readAmount, readLink, readPlace, readText } from './typed.ts';
import type { Faults, FundsAnswer, RequestInput } from './types.ts';

/** Where money goes that is on no chain: any short text. */
const PAYEE_MAX = 200;

/** Files a request for test funds, once per cause: its row, its thread with the card (R18). @returns the private answer, with faults by field */
export async function requestFunds(deps: Deps, cause: Cause, actor: Actor, r: RequestInput): Done<FundsAnswer> {
  return answered(deps.db, cause, async (tx): Promise<FundsAnswer> => {
    const no = forbiddenFunds('request', actor);
    if (no) return refusedFunds(no);
    const release = r.releaseId === undefined ? undefined : await releaseOf(tx, r.releaseId);
    const read = readRequest(deps, r, r.releaseId !== undefined && !release);
    if ('faults' in read) return faultyFunds(read.faults);
    if (await madeBefore(tx, cause)) return madeAlready('filed');
    return insert(tx, deps, cause, actor, { ...read.values, releaseId: r.releaseId ?? null });
  });
}

interface Asked {
  asset: string;
  amount: bigint;
  chain: string | null;
  address: string | null;
  reason: string;
  link: string | null;
  neededBy: string | null;
  releaseId: number | null;
}

/** Reads what was typed. @returns what is asked for, or every fault by field */
function readRequest(
  deps: Deps,
  r: RequestInput,
  noRelease: boolean,
): { values: Omit<Asked, 'releaseId'> } | { faults: Faults } {
  const funds = fundsOf(deps.policy);
  const place = readPlace(r, funds);
  const reason = readText(r.reason, 'The reason', REASON_MAX);
  const link = readLink(r.link);
  const neededBy = readDay(r.neededBy, deps);
  const amount = 'faults' in place ? undefined : readAmount(r.amount, place.asset);
  const address = 'faults' in place ? undefined : readTarget(r.address, place.chain);
  const faults: Faults = {
    ...('faults' in place && place.faults),
    ...(amount && 'fault' in amount && { amount: amount.fault }),
    ...(address && 'fault' in address && { address: address.fault }),
    ...('fault' in reason && { reason: reason.fault }),
    ...('fault' in link && { link: link.fault }),
    ...('fault' in neededBy && { neededBy: neededBy.fault }),
    ...(noRelease && { release: 'There is no such release: see `/release list`.' }),
  };
  if (Object.keys(faults).length || 'faults' in place) return { faults };
  if (!amount || 'fault' in amount || !address || 'fault' in address) return { faults };
  if ('fault' in reason || 'fault' in link || 'fault' in neededBy) return { faults };
  const values = {
    asset: place.asset.key,
    amount: amount.amount,
    chain: place.chain?.key ?? null,
    address: address.address,
    reason: reason.text,
    link: link.link,
    neededBy: neededBy.day,
  };
  return { values };
}

function readTarget(
  typed: string,
  chain: Parameters<typeof checkAddress>[1] | null,
): { address: string | null } | { fault: string } {
  if (chain) return checkAddress(typed, chain);
  const text = clean(typed);
  if (text.length > PAYEE_MAX)
    return { fault: `Where it goes has ${text.length} characters: please keep it to ${PAYEE_MAX}.` };
  return { address: text || null };
}

function readDay(typed: string | undefined, deps: Deps): { day: string | null } | { fault: string } {
  const text = clean(typed);
  if (!text) return { day: null };
  const at = /^\d{4}-\d\d-\d\d$/.test(text) ? new Date(`${text}T00:00:00Z`) : new Date(Number.NaN);
  if (Number.isNaN(at.getTime()) || !at.toISOString().startsWith(text))
    return { fault: 'That is no day: write it as 2027-01-31.' };
  const today = localDay(deps.policy.team.zone, deps.clock());
  return text < today ? { fault: 'That day is over: name today or a later one.' } : { day: text };
}

async function insert(tx: Tx, deps: Deps, cause: Cause, actor: Actor, asked: Asked): Promise<FundsAnswer> {
  const now = deps.clock();
  const channel = fundsChannel(deps.policy);
  const money = moneyIn(deps, asked.amount, asked.asset);
  const thread = { kind: 'funds', title: `${money} for a test`, responsible: actor.id, channel, openedAt: now };
  const threadId = await beginThread(tx, thread);
  const [made] = await tx
    .insert(fundRequests)
    .values({ ...asked, requester: actor.id, state: 'requested', requestedAt: now, threadId })
    .returning({ id: fundRequests.id });
  const requestId = made?.id as number;
  const subject = showId('FR', requestId);
  await record(tx, cause, { verb: 'request', subject, data: plainData({ ...asked, channel }) }, now);
  await post(tx, { role: 'card', target: channel, threadId, subject });
  await changed(tx, asked.releaseId, null);
  const text = `:white_check_mark: Asked for ${money} as *${subject}* in <#${channel}>, ${date(now, deps.policy.team.zone)}. A treasurer decides.`;
  return { outcome: 'accepted', text, requestId };
}
