// `npm run drift`: fails when the tables in src/db/schema differ from what the migrations in drizzle/ make.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const temp = mkdtempSync(join(tmpdir(), 'shipshape-drift-'));
const copy = join(temp, 'drizzle');
const migrations = join(root, 'drizzle');
try {
  if (existsSync(migrations)) cpSync(migrations, copy, { recursive: true });
  const before = new Set(existsSync(copy) ? readdirSync(copy) : []);
  // Its `out` is always taken as relative to the working directory.
  const out = relative(root, copy);
  const kit = join(root, 'node_modules/drizzle-kit/bin.cjs');
  const flags = ['generate', '--dialect', 'postgresql', '--schema', './src/db/schema/*.ts', '--out', out];
  const made = spawnSync(process.execPath, [kit, ...flags], { cwd: root, encoding: 'utf8', input: '' });
  const added = (existsSync(copy) ? readdirSync(copy) : []).filter(
    (name) => !before.has(name) && name.endsWith('.sql'),
  );
  if (added.length) {
    console.error('src/db/schema has changed and drizzle/ has not. Run `npm run generate` and commit what it makes:\n');
    for (const name of added) console.error(readFileSync(join(copy, name), 'utf8'));
    process.exitCode = 1;
  } else if (made.status !== 0 || !/No schema changes/.test(made.stdout)) {
    // It asks when a column may have been renamed, and cannot ask here: that is a difference as well.
    const asks = /Interactive prompts/.test(made.stderr);
    const why = asks
      ? 'Something may have been renamed. Run `npm run generate` and commit what it makes.'
      : made.stderr;
    console.error(`drizzle-kit cannot tell that src/db/schema and drizzle/ agree:\n${why}`);
    process.exitCode = 1;
  } else console.log('Schema and migrations agree.');
} finally {
  rmSync(temp, { recursive: true, force: true });
}
