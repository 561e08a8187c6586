// What the forms of test funds are made of.
import { input, select, textInput } from '../../base/elements.ts';
import type { Funds } from '../../base/policy.ts';
import type { Block } from '../../base/slack.ts';
import type { Account, Field } from './types.ts';

/** Slack shows no more options in a menu. */
const OPTIONS_MAX = 100;
/** Longer than any amount, address or link to an explorer; the rules say what is wrong with what is shorter. */
const SHORT = 300;

/** A release or request to choose from: its id, and what people read. */
export type Choice = { id: number; name: string };

/** A menu as a question of its own; nothing where there is nothing to choose from. */
export function choice(
  id: Field,
  label: string,
  choices: readonly (readonly [string, string])[],
  first?: string,
): Block[] {
  const fits = choices.filter(([value]) => value.length <= 150).slice(0, OPTIONS_MAX);
  return fits.length ? [input(id, label, select(fits, first), { optional: true })] : [];
}

/** A short text. */
export const text = (
  id: Field,
  label: string,
  initial: string | undefined,
  more: { optional?: boolean; hint?: string } = {},
) => input(id, label, textInput(initial?.slice(0, SHORT), { max_length: SHORT }), more);

/** A text of at most `max` characters on several lines. */
export const long = (id: Field, label: string, max: number, initial?: string, more: { hint?: string } = {}) =>
  input(id, label, textInput(initial?.slice(0, max), { multiline: true, max_length: max }), more);

/** Which asset; the first of the policy unless one is known. */
export function asset(funds: Funds, first: string | undefined): Block {
  const keys = funds.assets.map((a) => a.key).slice(0, OPTIONS_MAX);
  const known = keys.find((k) => k === first) ?? keys[0];
  return input(
    'asset',
    'Asset',
    select(
      keys.map((k) => [k, k] as const),
      known,
    ),
  );
}

/** Asked only where an asset is on several chains: else the asset says it. */
export function chain(funds: Funds, first: string | undefined): Block[] {
  const several = funds.assets.some((a) => funds.chains.filter((c) => c.assets.includes(a.key)).length > 1);
  return several
    ? choice(
        'chain',
        'Chain',
        funds.chains.map((c) => [c.key, c.name] as const),
        first,
      )
    : [];
}

/** Which release. */
export const release = (releases: readonly Choice[], first: number | undefined) =>
  choice(
    'release',
    'Release',
    releases.map((r) => [`${r.id}`, r.name] as const),
    `${first}`,
  );

/** Which of these custody wallets, the usual one first; not asked where there is one. @param meant chosen where it is one of them, else the first */
export const wallet = (id: 'from' | 'to', label: string, wallets: Funds['accounts'], meant?: Account): Block[] => {
  const [usual, ...rest] = wallets;
  const first = wallets.find((a) => `custody:${a.key}` === meant) ?? usual;
  return rest.length
    ? choice(
        id,
        label,
        wallets.map((a) => [a.key, a.name] as const),
        first?.key,
      )
    : [];
};

/** Which custody wallet, or the outside. */
export const end = (id: 'from' | 'to', label: string, funds: Funds, first: string): Block[] =>
  choice(id, label, [[OUTSIDE, 'Outside'] as const, ...funds.accounts.map((a) => [a.key, a.name] as const)], first);

/** No key of a wallet: those have no capitals. */
export const OUTSIDE = 'OUTSIDE';

export const DIGITS = 'Digits with a point before the decimals, such as 25.5';
/** Asked where something may have happened before it is recorded. */
export const WHEN = input('at', 'When, if not now', textInput(undefined, { max_length: 40 }), {
  optional: true,
  hint: 'Such as 2026-11-20 14:30, in the team’s time zone',
});
