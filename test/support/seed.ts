import fc from 'fast-check';

/**
 * The property tests draw the same cases on every run, so that a change is judged by what it changed and not by luck.
 * `FC_SEED=$RANDOM npm test` draws others; a failure prints its seed.
 */
fc.configureGlobal({ seed: Number(process.env.FC_SEED ?? 20_261_121) });
