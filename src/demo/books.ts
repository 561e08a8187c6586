import { execFile } from 'node:child_process';
import { copyFile, mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { Teller } from './day-hands.ts';
import { DAY_POLICY, ROOT } from './world.ts';

/** Where the demo's workbook is left when the demo itself is gone. */
export const WORKBOOK = join(ROOT, 'data', 'demo.xlsx');

/**
 * The evening: what `shipshape` says in a terminal about the day's ledger, and the workbook that stands in for Google Sheets, kept
 * beside the project. @throws with what the command said when one fails
 */
export async function closeBooks(dataDir: string, tell: Teller): Promise<void> {
  tell.chapter('The books of the day');
  const say = async (...args: string[]) => {
    tell.does('Tess', `npm run shipshape -- ${args.join(' ')}`);
    tell.saw((await shipshape(dataDir, args)).trim().split('\n').join('\n    '));
  };
  await say('ledger', 'verify');
  await say('ledger', 'balance');
  await say('sheets', 'sync');
  await mkdir(dirname(WORKBOOK), { recursive: true });
  await copyFile(join(dataDir, 'shipshape.xlsx'), WORKBOOK);
  tell.saw(
    `DATA_DIR goes when the demo ends; its workbook, with releases, test funds and postings, stays as ${WORKBOOK}.`,
  );
}

async function shipshape(dataDir: string, args: string[]): Promise<string> {
  const env = {
    ...process.env,
    DATA_DIR: dataDir,
    DATABASE_URL: '',
    SHIPSHAPE_CONFIG: DAY_POLICY,
    SHEETS_SPREADSHEET_ID: '',
  };
  const run = promisify(execFile);
  const { stdout } = await run(process.execPath, ['--import', 'tsx', 'src/cli/main.ts', ...args], { cwd: ROOT, env });
  return stdout;
}
