// npm run bench                        everything, three rounds; prints a table
// npm run bench -- speed start         some of the parts: speed, forms, history, start, memory, sheets, beat, plan, ledger
// npm run bench -- --rounds 1 --write  one round; puts the table into docs/performance.md
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { removeEmbedded, startEmbedded } from '../src/db/embedded.ts';
import { beat } from './clock.ts';
import { ledgerSpeed } from './ledger.ts';
import type { Reactions } from './load.ts';
import { forms, memory, OLD_RELEASES, onTopOf, type Results, type Setting, type Speed, speed, start } from './parts.ts';
import { planning } from './plan.ts';
import { linesOf, machine, table } from './report.ts';
import { sheetsCost } from './sheets.ts';
import { type Contender, writePolicy } from './stage.ts';

const PARTS = ['speed', 'forms', 'history', 'start', 'memory', 'sheets', 'beat', 'plan', 'ledger'] as const;
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

async function bothHistories(s: Setting, rounds: number): Promise<Results['history']> {
  const empty: Reactions[] = [];
  const full: Reactions[] = [];
  for (let i = 0; i < rounds; i++) {
    empty.push(await onTopOf(s, 0));
    full.push(await onTopOf(s, OLD_RELEASES));
  }
  const best = (of: Reactions[]) => quietest(of, (run) => run.shown.p50);
  return { empty: best(empty), full: best(full) };
}

async function allForms(s: Setting, rounds: number): Promise<Results['forms']> {
  const runs: NonNullable<Results['forms']>[] = [];
  for (let i = 0; i < rounds; i++) {
    const run = await forms(s);
    runs.push(run);
    s.say(`forms: p50 ${run.opened.p50.toFixed(1)} ms, p99 ${run.opened.p99.toFixed(0)} ms`);
  }
  return quietest(runs, (run) => run.opened.p99);
}

async function intoDoc(text: string): Promise<void> {
  const doc = await readFile(DOC, 'utf8');
  const marked = /(<!-- bench -->)[\s\S]*(<!-- \/bench -->)/;
  await writeFile(
    DOC,
    doc.replace(marked, (_all, from: string, to: string) => `${from}\n${text}\n${to}`),
  );
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: 'string', default: '3' }, write: { type: 'boolean', default: false } },
});
const unknown = positionals.filter((part) => !PARTS.includes(part as never));
if (unknown.length) throw new Error(`there is no part ${unknown.join(', ')}; the parts are ${PARTS.join(', ')}`);
const wanted = (part: (typeof PARTS)[number]) => !positionals.length || positionals.includes(part);
const rounds = Math.max(1, Number(values.rounds));

const dir = await mkdtemp(join(tmpdir(), 'shipshape-bench-'));
const say = (text: string) => console.error(`  ${text}`);
const server = await startEmbedded({ dir, log: say });
const cleanUp = async () => {
  await server.stop();
  await removeEmbedded(dir);
};
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => cleanUp().finally(() => process.exit(1)));
try {
  const s: Setting = { server: server.url, dataDir: dir, policy: await writePolicy(dir), say };
  const results: Results = {};
  if (wanted('speed')) results.speed = await allSpeed(s, rounds);
  if (wanted('forms')) results.forms = await allForms(s, rounds);
  if (wanted('history')) results.history = await bothHistories(s, rounds);
  if (wanted('start')) results.start = await start(s);
  if (wanted('memory')) results.memory = await memory(s);
  if (wanted('sheets')) results.sheets = await sheetsCost(s);
  if (wanted('beat')) results.beat = await beat(s, rounds);
  if (wanted('plan')) results.plan = planning();
  if (wanted('ledger')) results.ledger = await ledgerSpeed(s);
  const text = table(linesOf(results));
  console.log(text);
  if (values.write) await intoDoc(`Measured on ${machine()}.\n\n${text}`);
} finally {
  await cleanUp();
}
