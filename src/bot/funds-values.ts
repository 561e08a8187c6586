import { OUTSIDE } from '../areas/funds/form-elements.ts';
import type { SpendInitial } from '../areas/funds/spend-forms.ts';
import type { Faults, Moved, RequestInput, SpendInput, TransferInput } from '../areas/funds/types.ts';
import { localDay, momentOf } from '../base/zone.ts';
import { fieldOf, type Values } from './form-values.ts';

/** A field of a form as it was typed; undefined when it is empty. */
export function typed(values: Values, id: string): string | undefined {
  return fieldOf(values, id)?.trim() || undefined;
}

const numbered = (text: string | undefined) => (text && /^\d{1,15}$/.test(text) ? Number(text) : undefined);

/** What was filled in, or what of it no form can mean. */
export type Filled<T> = { input: T } | { faults: Faults };

/**
 * `2026-11-20 14:30` or `2026-11-20` (its noon; of today, now while that is earlier), in the team's zone.
 * @returns undefined for nothing typed, an invalid date for nonsense
 */
export function readWhen(text: string | undefined, zone: string, now: Date): Date | undefined {
  if (text === undefined) return undefined;
  const [, day = '', typedTime] = /^(\d{4}-\d\d-\d\d)(?:[ T]+((?:[01]\d|2[0-3]):[0-5]\d))?$/.exec(text) ?? [];
  const local = `${day}T${typedTime ?? '12:00'}`;
  const at = new Date(`${local}Z`);
  // A day that does not exist (30 February) must not become another one.
  if (Number.isNaN(at.getTime()) || !at.toISOString().startsWith(local)) return new Date(Number.NaN);
  const moment = momentOf(zone, local);
  return !typedTime && moment > now && day === localDay(zone, now) ? now : moment;
}

function movedOf(values: Values, zone: string, now: Date): Filled<Moved> {
  const at = readWhen(typed(values, 'at'), zone, now);
  if (at && Number.isNaN(at.getTime())) return { faults: { at: 'That is no time: write it as 2026-11-20 14:30.' } };
  return { input: { amount: typed(values, 'amount'), hash: typed(values, 'hash'), fee: typed(values, 'fee'), at } };
}

export function requestInput(values: Values): RequestInput {
  return {
    amount: typed(values, 'amount') ?? '',
    asset: typed(values, 'asset') ?? '',
    chain: typed(values, 'chain'),
    address: typed(values, 'address') ?? '',
    reason: typed(values, 'reason') ?? '',
    link: typed(values, 'link'),
    neededBy: typed(values, 'neededBy'),
    releaseId: numbered(typed(values, 'release')),
  };
}

/** A test transaction as it was filled in. A test case that was chosen says which release; another release beside it is a fault. */
export function spendInput(values: Values, zone: string, now: Date): Filled<SpendInput> {
  const moved = movedOf(values, zone, now);
  if ('faults' in moved) return moved;
  const [, of, testCase] = /^(\d+):(.+)$/s.exec(typed(values, 'testCase') ?? '') ?? [];
  const chosen = numbered(typed(values, 'release'));
  if (of !== undefined && chosen !== undefined && chosen !== numbered(of))
    return { faults: { testCase: 'That test case is of another release: choose one of the release, or none.' } };
  const input = {
    ...moved.input,
    amount: moved.input.amount ?? '',
    asset: typed(values, 'asset') ?? '',
    chain: typed(values, 'chain'),
    gasPrice: typed(values, 'gasPrice'),
    usd: typed(values, 'usd'),
    what: typed(values, 'what') ?? '',
    releaseId: chosen ?? numbered(of),
    testCase,
    requestId: numbered(typed(values, 'request')),
  };
  return { input };
}

/** What the next test transaction has in common with this one, and what is left empty again. */
export function sameAgain(s: SpendInput): SpendInitial {
  return {
    asset: s.asset,
    what: s.what,
    ...(s.chain && { chain: s.chain }),
    releaseId: s.releaseId ?? null,
    testCase: s.testCase ?? null,
    requestId: s.requestId ?? null,
  };
}

export function transferInput(values: Values, zone: string, now: Date): Filled<TransferInput> {
  const moved = movedOf(values, zone, now);
  if ('faults' in moved) return moved;
  const wallet = (id: string) => {
    const key = typed(values, id);
    return key === OUTSIDE ? undefined : key;
  };
  const input = {
    ...moved.input,
    amount: moved.input.amount ?? '',
    asset: typed(values, 'asset') ?? '',
    chain: typed(values, 'chain'),
    from: wallet('from'),
    to: wallet('to'),
    note: typed(values, 'note') ?? '',
  };
  return { input };
}

/** How money moved for a request: sent from a wallet, or returned to one. */
export function movedInput(values: Values, zone: string, now: Date): Filled<Moved & { from?: string; to?: string }> {
  const moved = movedOf(values, zone, now);
  if ('faults' in moved) return moved;
  const [from, to] = [typed(values, 'from'), typed(values, 'to')];
  return { input: { ...moved.input, ...(from && { from }), ...(to && { to }) } };
}
