import fc from 'fast-check';

/**
 * The property tests draw the same cases on every run, so that a change is judged by what it changed and not by luck.
 * `FC_SEED=$RANDOM npm test` draws others; a failure prints its seed.
 */
fc.configureGlobal({ seed: Number(process.env.FC_SEED ?? 20_261_121) });

/** How often a property is tried: `few` by default, or as often as `FC_RUNS` says when that is more. */
export function runs(few: number): number {
  return Math.max(few, Number(process.env.FC_RUNS ?? 0));
}
