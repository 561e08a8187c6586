/** R25: bugs found before production, and in it. */
export interface Catch {
  caught: number;
  escaped: number;
}

/** The share of bugs that is to be found before production. */
const GOAL = 0.95;
export const DEFINITION =
  'Catch rate = caught ÷ (caught + escaped); the goal is 95 %. Caught: found on the candidate. Escaped: found in production while the release it is attributed to was live and watched (until 24 h after done, or after its roll-back). Left out: rejected bugs, duplicates, and what was found on the candidate but is in production too.';
/** In place of the definition where there is room for a few words. */
export const BRIEFLY = 'the goal is 95 %; what counts: `/bug stats`';

/** The share caught, 0 to 1; null when there was nothing to catch. */
export function rate({ caught, escaped }: Catch): number | null {
  return caught + escaped === 0 ? null : caught / (caught + escaped);
}

/** `19 of 20 caught, 95 % :white_check_mark:`, against the goal. */
export function rateSays(c: Catch): string {
  const share = rate(c);
  if (share === null) return 'nothing to catch';
  const mark = share >= GOAL ? ':white_check_mark:' : ':small_red_triangle_down:';
  // Rounded down, so that only what reaches the goal reads like it.
  return `${c.caught} of ${c.caught + c.escaped} caught, ${Math.floor(share * 100 + 1e-9)} % ${mark}`;
}
