// npm run bench                        everything, one round, about 20 minutes on a quiet machine; prints the tables
// npm run bench -- speed start         some of the parts; what the others found last on this machine is in the tables too
// npm run bench -- --rounds 3 --write  the best of three rounds of what is a matter of milliseconds; puts the tables into docs/performance.md
// A part that fails is said, and the others go on; what they found is kept after each.
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { removeEmbedded, startEmbedded } from '../src/db/embedded.ts';
import { beat } from './clock.ts';
import { crowd } from './crowd.ts';
import { ledgerSpeed } from './ledger.ts';
import type { Reactions } from './load.ts';
import { memory, sustained } from './long.ts';
import { type Forms, forms, OLD_RELEASES, onTopOf, type Setting, type Speed, speed, start } from './parts.ts';
import { planning } from './plan.ts';
import { linesOf, machine, stepsTable, table } from './report.ts';
import { keepResults, lastResults, type Results } from './results.ts';
import { sheetsCost } from './sheets.ts';
import type { Contender } from './stage.ts';
import { steps } from './steps.ts';

const DOC = fileURLToPath(new URL('../docs/performance.md', import.meta.url));

/** The quietest of several rounds: others who use the machine only ever make things slower. */
function quietest<T>(rounds: readonly T[], p50: (round: T) => number): T {
  return rounds.reduce((best, round) => (p50(round) < p50(best) ? round : best));
}

async function allSpeed(s: Setting, rounds: number): Promise<Record<Contender, Speed>> {
  const runs: Record<Contender, Speed[]> = { floor: [], row: [], shipshape: [] };
  for (let i = 0; i < rounds; i++) {
    for (const contender of ['floor', 'row', 'shipshape'] as const) {
      const run = await speed(s, contender);
      runs[contender].push(run);
      const { alone, paced } = run;
      s.say(
        `${contender}: one by one p50 ${alone.shown.p50.toFixed(1)} ms, at pace p99 ${paced.shown.p99.toFixed(0)} ms`,
      );
    }
  }
  const best = (of: Speed[]): Speed => ({
    alone: quietest(of, (run) => run.alone.shown.p50).alone,
    paced: quietest(of, (run) => run.paced.shown.p99).paced,
    burst: quietest(of, (run) => Math.max(0, ...run.burst.map((b) => b.firstMs))).burst,
  });
  return { floor: best(runs.floor), row: best(runs.row), shipshape: best(runs.shipshape) };
}

async function allHistories(s: Setting, rounds: number): Promise<Reactions[]> {
  const found: Reactions[] = [];
  for (const old of OLD_RELEASES) {
    const runs: Reactions[] = [];
    for (let i = 0; i < rounds; i++) runs.push(await onTopOf(s, old));
    const best = quietest(runs, (run) => run.shown.p50);
    s.say(`on top of ${old} old releases: p50 ${best.shown.p50.toFixed(1)} ms`);
    found.push(best);
  }
  return found;
}

async function allForms(s: Setting, rounds: number): Promise<Forms> {
  const runs: Forms[] = [];
  for (let i = 0; i < rounds; i++) {
    const run = await forms(s);
    runs.push(run);
    s.say(`forms: p50 ${run.opened.p50.toFixed(1)} ms, p99 ${run.opened.p99.toFixed(0)} ms`);
  }
  return quietest(runs, (run) => run.opened.p99);
}

type Part = keyof Results;
const PARTS: { [K in Part]-?: (s: Setting, rounds: number) => Promise<NonNullable<Results[K]>> } = {
  speed: allSpeed,
  steps,
  forms: allForms,
  history: allHistories,
  crowd,
  instances: sustained,
  start,
  sheets: sheetsCost,
  beat,
  plan: async () => planning(),
  ledger: ledgerSpeed,
  // The longest last, and shorter among others.
  memory: (s) => memory(s, wanted.length > 1 ? 8 : 30),
};

async function measure(part: Part, s: Setting, rounds: number, into: Results): Promise<void> {
  Object.assign(into, { [part]: await PARTS[part](s, rounds) });
}

/** Puts a text between a pair of marks in the page. @throws when it has no such marks */
async function intoDoc(mark: string, text: string): Promise<void> {
  const doc = await readFile(DOC, 'utf8');
  const marked = new RegExp(`(<!-- ${mark} -->)[\\s\\S]*(<!-- /${mark} -->)`);
  if (!marked.test(doc)) throw new Error(`docs/performance.md has no place for ${mark}`);
  await writeFile(
    DOC,
    doc.replace(marked, (_all, from: string, to: string) => `${from}\n${text}\n${to}`),
  );
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: 'string', default: '1' }, write: { type: 'boolean', default: false } },
});
const parts = Object.keys(PARTS) as Part[];
const unknown = positionals.filter((part) => !parts.includes(part as Part));
if (unknown.length) throw new Error(`there is no part ${unknown.join(', ')}; the parts are ${parts.join(', ')}`);
const wanted: Part[] = positionals.length ? parts.filter((part) => positionals.includes(part)) : parts;
const rounds = Math.max(1, Number(values.rounds));

const dir = await mkdtemp(join(tmpdir(), 'shipshape-bench-'));
const began = Date.now();
const since = () =>
  `${Math.floor((Date.now() - began) / 60_000)}:${`${Math.floor((Date.now() - began) / 1000) % 60}`.padStart(2, '0')}`;
const say = (text: string) => console.error(`  ${since()}  ${text}`);
const server = await startEmbedded({ dir, log: say });
const cleanUp = async () => {
  await server.stop();
  await removeEmbedded(dir);
};
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => cleanUp().finally(() => process.exit(1)));
// What a part left behind must not end the others.
process.on('unhandledRejection', (err) => say(`left behind: ${err instanceof Error ? err.message : err}`));
try {
  const s: Setting = { server: server.url, dataDir: dir, say };
  const results = await lastResults(machine());
  for (const part of wanted) {
    say(`${part} (${wanted.indexOf(part) + 1} of ${wanted.length})`);
    // What an earlier run found does not stand in for what fails now.
    delete results[part];
    await measure(part, s, rounds, results).catch((err: unknown) => {
      say(`${part} FAILED: ${err instanceof Error ? err.stack : err}`);
      process.exitCode = 1;
    });
    await keepResults(machine(), results);
  }
  const missing = parts.filter((part) => !results[part]);
  const note = missing.length ? `\n\nNot measured: ${missing.join(', ')}.` : '';
  const lines = `Measured on ${machine()}.${note}\n\n${table(linesOf(results))}`;
  console.log(lines);
  if (results.steps) console.log(`\n${stepsTable(results.steps)}`);
  if (values.write) {
    await intoDoc('bench', lines);
    if (results.steps) await intoDoc('steps', stepsTable(results.steps));
  }
} finally {
  await cleanUp();
}
