// npm run chaos: random days with faults, and an oracle that says what must be true at their end. docs/chaos.md tells all of it.
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { type Outcome, runSeed, type Size } from './run.ts';
import { startCluster } from './world.ts';

const LONG: Size = { releases: 12, requests: 8, dayMs: 30_000, blows: 6 };
const SHORT: Size = { releases: 4, requests: 3, dayMs: 6_000, blows: 2 };

interface Options {
  seed?: string;
  minutes: string;
  short?: boolean;
}

const program = new Command('npm run chaos --')
  .description(
    'Random days of thirty people, with everything failing around the bot; then an oracle looks at what became of it.\nThe same seed draws the same acts and faults. docs/chaos.md says what is promised, and how to read a failure.',
  )
  .option('--seed <seed>', 'one seed (7) or several (1..50); without it, seeds are drawn until the time is up')
  .option('--minutes <minutes>', 'begin no further seed after so many minutes', '5')
  .option('--short', 'days of four releases and a few seconds')
  .parse();
const options = program.opts<Options>();
const minutes = Number(options.minutes);
if (!(minutes > 0)) program.error(`--minutes is a number above 0, not ${options.minutes}`);
const size = options.short ? SHORT : LONG;
const say = (text: string) => console.log(text);
const bad: Outcome[] = [];
const dir = await mkdtemp(join(tmpdir(), 'shipshape-chaos-'));
const cluster = await startCluster(join(dir, 'postgres'), () => {});
// Everything that we started ends with us, and cleans up after itself.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
try {
  let done = 0;
  const end = Date.now() + minutes * 60_000;
  for (const seed of seedsOf(options.seed)) {
    if (options.seed === undefined && Date.now() > end) break;
    const outcome = await runSeed(seed, size, cluster, join(dir, `seed-${seed}`), say);
    done += 1;
    const { violations, summary, ms } = outcome;
    say(
      `seed ${seed}: ${violations.length ? `${violations.length} VIOLATED` : 'all promises kept'} in ${(ms / 1000).toFixed(0)} s (${summary})`,
    );
    for (const violation of violations) say(`  ${violation}`);
    if (violations.length) {
      bad.push(outcome);
      say(`  logs and the record of this day: ${join(dir, `seed-${seed}`)}`);
      say(`  the same day again: npm run chaos -- --seed ${seed}${options.short ? ' --short' : ''}`);
    }
  }
  say(
    `${done} seeds, ${bad.length} of them with a violated promise${bad.length ? `: ${bad.map((b) => b.seed).join(', ')}` : ''}`,
  );
} finally {
  await cluster.stop();
}
process.exit(bad.length ? 1 : 0);

/** `7`, `1..50`, or nothing: others each time. */
function* seedsOf(text: string | undefined): Generator<number> {
  const [, from, to] = /^(\d+)(?:\.\.(\d+))?$/.exec(text ?? '') ?? [];
  if (text !== undefined && from === undefined)
    program.error(`--seed is a number or a range such as 1..50, not ${text}`);
  if (from === undefined) for (let seed = Date.now() % 1_000_000; ; seed++) yield seed;
  for (let seed = Number(from); seed <= Number(to ?? from); seed++) yield seed;
}
