// `npm test`: every test; the last line is `N passed, N failed`. `npm test -- --coverage`: with coverage and its thresholds.
// `npm test -- test/some.test.ts`: those only.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const out = await mkdtemp(join(tmpdir(), 'shipshape-run-'));
const report = join(out, 'report.json');
const vitest = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs');
const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
const child = spawn(process.execPath, [vitest, 'run', ...reporters, ...process.argv.slice(2)], { stdio: 'inherit' });
// Ctrl-C reaches vitest by itself; we stay to tell how it ended.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => child.kill('SIGTERM'));

const [code, signal] = await once(child, 'close');
type Report = { numPassedTests: number; numFailedTests: number; numPendingTests: number; numTodoTests: number };
const counts: Partial<Report> = await readFile(report, 'utf8').then(JSON.parse, () => ({}));
await rm(out, { recursive: true });
const passed = counts.numPassedTests ?? 0;
const failed = counts.numFailedTests ?? 0;
const skipped = (counts.numPendingTests ?? 0) + (counts.numTodoTests ?? 0);

if (skipped) console.log(`${skipped} skipped`);
if (!passed && !failed) console.log('No test ran to its end.');
else if (code !== 0 && !failed)
  console.log(`No test failed, but the run did (${signal ?? code}): the reason is above.`);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = code === 0 && passed && !failed ? 0 : 1;
