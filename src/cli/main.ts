// `npm run shipshape -- <command>`: everything that is done from a terminal.
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

const program = new Command('shipshape')
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

try {
  // Nothing asked for is no error: it is shown what there is.
  if (process.argv.length <= 2) program.outputHelp();
  else await program.parseAsync();
} catch (err) {
  console.error(err instanceof ShipshapeError ? `${err.message} ${err.next}` : errorText(err));
  process.exitCode = 1;
}
