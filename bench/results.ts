// What the parts have found, kept beside the bench, so that one part can be measured again and the table still be whole.
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { BeatCost } from './clock.ts';
import type { Crowd } from './crowd.ts';
import type { LedgerSpeed } from './ledger.ts';
import type { Reactions } from './load.ts';
import type { Memory, Sustained } from './long.ts';
import type { Forms, Speed, start } from './parts.ts';
import type { planning } from './plan.ts';
import type { SheetsCost } from './sheets.ts';
import type { Contender } from './stage.ts';
import type { Steps } from './steps.ts';

export interface Results {
  speed?: Record<Contender, Speed>;
  steps?: Steps;
  forms?: Forms;
  /** One for each of OLD_RELEASES. */
  history?: Reactions[];
  crowd?: Crowd;
  instances?: Sustained;
  start?: Awaited<ReturnType<typeof start>>;
  memory?: Memory;
  sheets?: { ours: SheetsCost; theirs: SheetsCost };
  beat?: { few: BeatCost; many: BeatCost };
  plan?: ReturnType<typeof planning>;
  ledger?: LedgerSpeed;
}

const FILE = fileURLToPath(new URL('./last.json', import.meta.url));

/** What the last runs on this machine found; empty when there were none, or when they were on another. */
export async function lastResults(machine: string): Promise<Results> {
  try {
    // What is not a number is null in JSON.
    const numbers = (_key: string, value: unknown) => (value === null ? Number.NaN : value);
    const last = JSON.parse(await readFile(FILE, 'utf8'), numbers) as { machine: string; results: Results };
    return last.machine === machine ? last.results : {};
  } catch {
    return {};
  }
}

/** Keeps what was found on this machine, for the tables of the next run. */
export async function keepResults(machine: string, results: Results): Promise<void> {
  await writeFile(FILE, `${JSON.stringify({ machine, results }, null, 2)}\n`);
}
