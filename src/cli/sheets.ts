import type { Command } from 'commander';
import { keepSheets, placesOf, type SheetsDeps } from '../areas/sheets/keep.ts';
import { loadTabs } from '../areas/sheets/memory.ts';
import { planSpreadsheet } from '../areas/sheets/sync.ts';
import type { TabOutcome } from '../areas/sheets/types.ts';
import { ShipshapeError } from '../base/errors.ts';
import { makeLog } from '../base/log.ts';
import type { Db } from '../db/client.ts';
import { loadLocalEnv } from '../env.ts';
import { sheetsAndWorkbook } from '../gateways/sheets.ts';
import { loadPolicy } from '../policy.ts';
import { withDatabase } from './database.ts';
import { sameDecimals } from './decimals.ts';

/** `shipshape sheets plan|sync`: R20's tabs, looked at and brought up to date. */
export function registerSheets(program: Command): void {
  const sheets = program.command('sheets').description('the tabs in Google Sheets, or the workbook in their place');
  sheets
    .command('plan')
    .description('say what a sync would change; nothing is written')
    .action(() =>
      withDatabase(async (db) => {
        const deps = await depsOf(db);
        const { groups, rest } = placesOf(deps);
        for (const [spreadsheet, sources] of groups) {
          if (!deps.google) continue;
          const known = await loadTabs(db, spreadsheet);
          const planned = await planSpreadsheet(deps.google.sheets, spreadsheet, sources, known);
          console.log(`Spreadsheet ${spreadsheet}:\n${planned.tabs.map(line).join('\n')}`);
          for (const { text } of planned.notices) console.log(`  ${text}`);
        }
        if (rest) console.log('The workbook would be written whole.');
      }),
    );
  sheets
    .command('sync')
    .description("bring them up to date now, and undo what was changed by hand in the bot's cells")
    .action(() =>
      withDatabase(async (db) => {
        const deps = await depsOf(db);
        const done = await keepSheets(deps, true);
        if (!done) {
          const next = 'It does the same; look again in a minute.';
          throw new ShipshapeError({ code: 'busy', message: 'The bot is syncing just now.', next });
        }
        if (done.length) console.log(done.map(line).join('\n'));
        if (placesOf(deps).rest) console.log('The workbook, shipshape.xlsx in DATA_DIR, is written.');
        const failed = [...placesOf(deps).groups.values()].flat().length - done.length;
        if (failed > 0) {
          const next = 'The admins were told why, in Slack; docs/setup-sheets.md says what to do.';
          throw new ShipshapeError({ code: 'sheets', message: 'Not all tabs could be brought up to date.', next });
        }
      }),
    );
}

async function depsOf(db: Db): Promise<SheetsDeps> {
  const env = loadLocalEnv();
  const policy = loadPolicy(env.configPath);
  await sameDecimals(db, policy, { write: false });
  const log = makeLog('error');
  return { db, policy, log, ...(await sheetsAndWorkbook(env, policy, log)) };
}

function line({ tab, appended, updated, restored, orphans }: TabOutcome): string {
  const parts = [`${appended} rows added`, `${updated} changed`];
  if (restored.length) parts.push(`${restored.length} of them restored after edits by hand`);
  if (orphans.length) parts.push(`${orphans.length} marked as not mine`);
  return `  ${tab}: ${parts.join(', ')}`;
}
