// What people type into the forms of test funds, read and checked. Pure.
import { findUnit, type Parsed, parseAmount } from '../../base/money.ts';
import { isUrl } from '../../base/mrkdwn.ts';
import type { Asset, Chain, Funds } from '../../base/policy.ts';
import { readHash, readReference } from './hashes.ts';
import type { Faults, Moved } from './types.ts';

export const REASON_MAX = 1000;
export const WHAT_MAX = 500;
export const LINK_MAX = 1000;
const CASE_MAX = 100;

/** A clock that is a little ahead is no mistake. */
const SKEW_MS = 5 * 60_000;
/** A year typed wrongly; PostgreSQL does not even know the year 0. */
const EARLIEST = Date.UTC(2000, 0, 1);

/** A typed text without what cannot be seen: controls, and marks that turn the direction of writing; emoji stay whole. */
export function clean(typed: string | undefined): string {
  return (typed ?? '')
    .replace(/\r\n?/g, '\n')
    .replace(/[^\P{Cc}\n\t]|[\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]/gu, '')
    .trim();
}

/** A filled-in text, or what is wrong with it. @param what begins the sentence: "The reason" */
export function readText(typed: string | undefined, what: string, max: number): { text: string } | { fault: string } {
  const text = clean(typed);
  if (!text) return { fault: `${what} is missing: say it in a sentence.` };
  return text.length > max ? { fault: tooLong(what, text.length, max) } : { text };
}

const tooLong = (what: string, has: number, max: number) => `${what} has ${has} characters: please keep it to ${max}.`;

/** A link that may be left out. */
export function readLink(typed: string | undefined): { link: string | null } | { fault: string } {
  const text = clean(typed);
  if (!text) return { link: null };
  if (text.length > LINK_MAX) return { fault: tooLong('The link', text.length, LINK_MAX) };
  return isUrl(text) ? { link: text } : { fault: 'That is no link: one begins with https:// or http://.' };
}

/** The id of a test case, which may be left out. */
export function readCase(typed: string | undefined): { testCase: string | null } | { fault: string } {
  const text = clean(typed);
  if (text.length > CASE_MAX) return { fault: tooLong('The test case', text.length, CASE_MAX) };
  return { testCase: text || null };
}

/** The asset and chain that are meant. An asset on one chain needs no chain named; one on none has none. */
export function readPlace(
  typed: { asset: string; chain?: string | undefined },
  funds: Funds,
): { asset: Asset; chain: Chain | null } | { faults: Faults } {
  const asset = findUnit(typed.asset, funds.assets);
  if (!asset)
    return { faults: { asset: `There is no such asset: known are ${funds.assets.map((a) => a.key).join(', ')}.` } };
  const chains = funds.chains.filter((c) => c.assets.includes(asset.key));
  const named = clean(typed.chain).toLowerCase();
  const list = chains.map((c) => c.key).join(', ');
  if (named) {
    const chain = chains.find((c) => c.key === named || c.name.toLowerCase() === named);
    if (chain) return { asset, chain };
    const where = list ? `it is on ${list}` : 'it is on none';
    return { faults: { chain: `${asset.key} is not on that chain: ${where}.` } };
  }
  if (chains.length > 1) return { faults: { chain: `On which chain? ${asset.key} is on ${list}.` } };
  return { asset, chain: chains[0] ?? null };
}

/** Reads `25` or `25 USDC`, when that is the asset anyway. */
export function readAmount(typed: string, unit: Asset, opts: { zero?: boolean } = {}): Parsed {
  const text = typed.trim();
  const named = text.toUpperCase().endsWith(unit.key.toUpperCase());
  return parseAmount(named ? text.slice(0, -unit.key.length) : text, unit, opts);
}

/** The asset fees are paid in: the chain's, or, on none, the asset itself. */
function feeUnit(asset: Asset, chain: Chain | null, funds: Funds): Asset {
  return funds.assets.find((a) => a.key === chain?.feeAsset) ?? asset;
}

/** How money moved, read. */
export interface Move {
  /** Undefined when it was left out. */
  amount: bigint | undefined;
  fee: bigint;
  feeAsset: string;
  /** Null only on no chain. */
  hash: string | null;
  at: Date;
}

/** Reads amount, hash, fee and time. On a chain the hash must be there (R17). @returns it, or every fault by field */
export function readMove(
  m: Moved,
  place: { asset: Asset; chain: Chain | null },
  funds: Funds,
  now: Date,
): Move | { faults: Faults } {
  const faults: Faults = {};
  const { asset, chain } = place;
  const unit = feeUnit(asset, chain, funds);
  const amount = m.amount?.trim() ? readAmount(m.amount, asset) : undefined;
  if (amount && 'fault' in amount) faults.amount = amount.fault;
  const fee = m.fee?.trim() ? readAmount(m.fee, unit, { zero: true }) : { amount: 0n };
  if ('fault' in fee) faults.fee = `The fee, in ${unit.key}: ${fee.fault}`;
  const hash = readTx(m.hash, chain, funds.chains);
  if ('fault' in hash) faults.hash = hash.fault;
  const at = m.at ?? now;
  if (Number.isNaN(at.getTime()) || at.getTime() > now.getTime() + SKEW_MS)
    faults.at = 'That time is not over yet: when did it happen?';
  else if (at.getTime() < EARLIEST) faults.at = 'That was before the year 2000: when did it happen?';
  if (Object.keys(faults).length || (amount && 'fault' in amount) || 'fault' in fee || 'fault' in hash)
    return { faults };
  return { amount: amount?.amount, fee: fee.amount, feeAsset: unit.key, hash: hash.hash, at };
}

function readTx(
  typed: string | undefined,
  chain: Chain | null,
  chains: readonly Chain[],
): { hash: string | null } | { fault: string } {
  const text = (typed ?? '').trim();
  if (chain) {
    return text
      ? readHash(text, chain, chains)
      : { fault: `The transaction's hash is missing: copy it from ${chain.name}.` };
  }
  return text ? readReference(text) : { hash: null };
}
