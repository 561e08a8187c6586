// Chance from a seed: the same seed and name give the same numbers, whatever else is drawn meanwhile.
import { mulberry } from '../test/support/random.ts';

export interface Random {
  /** 0 up to, not including, 1. */
  next(): number;
  /** A whole number from `from` to `to`, both included. */
  between(from: number, to: number): number;
  chance(probability: number): boolean;
  /** @throws when the list is empty */
  pick<T>(list: readonly T[]): T;
  /** So many different ones, or all when there are fewer. */
  some<T>(list: readonly T[], count: number): T[];
}

/** @param name what it is drawn for: each has numbers of its own, so that one more draw in one place changes nothing in another */
export function randomOf(seed: number, ...name: readonly (string | number)[]): Random {
  const next = mulberry(mixed(`${seed} ${name.join(' ')}`));
  const between = (from: number, to: number) => from + Math.floor(next() * (to - from + 1));
  return {
    next,
    between,
    chance: (probability) => next() < probability,
    pick: (list) => {
      if (!list.length) throw new Error(`nothing to pick from (${name.join(' ')})`);
      return list[between(0, list.length - 1)] as (typeof list)[number];
    },
    some: (list, count) => {
      const rest = [...list];
      const found: (typeof list)[number][] = [];
      while (rest.length && found.length < count) found.push(...rest.splice(between(0, rest.length - 1), 1));
      return found;
    },
  };
}

/** FNV-1a. */
function mixed(text: string): number {
  let hash = 0x811c9dc5;
  for (const char of text) hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 0x01000193);
  return hash;
}
