// `npm run shipshape -- <command>`: everything that is done from a terminal.
import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { errorText, ShipshapeError } from '../base/errors.ts';
import { registerAudit } from './audit.ts';
import { registerBackup } from './backup.ts';
import { registerCiReport } from './ci-report.ts';
import { registerDoctor } from './doctor.ts';
import { registerImport } from './import.ts';
import { registerLedger } from './ledger.ts';
import { registerMigrate } from './migrate.ts';
import { registerSchedules } from './schedules.ts';
import { registerSheets } from './sheets.ts';

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string;
};
const program = new Command('shipshape')
  .version(version)
  .description('Looks after the database of Shipshape. The bot itself is `npm start`.')
  .showHelpAfterError('(--help shows what there is)');

registerDoctor(program);
registerMigrate(program);
registerSheets(program);
registerAudit(program);
registerBackup(program);
registerCiReport(program);
registerSchedules(program);
registerLedger(program);
registerImport(program);

// `… | head` closes the pipe early, which is no error. The command goes on to its end, unheard: what it does is done whole, and what it started is stopped.
for (const stream of [process.stdout, process.stderr])
  stream.on('error', (err: NodeJS.ErrnoException) => {
    if (err.code !== 'EPIPE') process.exitCode = 1;
  });

try {
  // Nothing asked for is no error: it is shown what there is.
  if (process.argv.length <= 2) program.outputHelp();
  else await program.parseAsync();
} catch (err) {
  // A list of faults ends in a line of its own.
  const told = (e: ShipshapeError) => `${e.message}${e.message.includes('\n') ? '\n' : ' '}${e.next}`;
  console.error(err instanceof ShipshapeError ? told(err) : errorText(err));
  process.exitCode = 1;
}
