import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Command } from 'commander';
import { readVersion } from '../areas/releases/opening.ts';
import { recordCi } from '../areas/testing/ci.ts';
import { BYTES_MAX, readJUnit } from '../areas/testing/junit.ts';
import { openByVersion } from '../areas/testing/store.ts';
import { systemClock } from '../base/clock.ts';
import { readCommit } from '../base/commit.ts';
import { ShipshapeError } from '../base/errors.ts';
import type { Executor } from '../db/client.ts';
import { ciCommit, loadLocalEnv } from '../env.ts';
import { loadPolicy } from '../policy.ts';
import { withDatabase } from './database.ts';

type Options = { release: string; product?: string; suite?: string; commit?: string };

const wrong = (code: string, message: string, next: string) => new ShipshapeError({ code, message, next });

/** `shipshape ci-report`: automated results, as JUnit XML, for the candidate of a release that was tested. */
export function registerCiReport(program: Command): void {
  program
    .command('ci-report')
    .description("record automated test results of a release's candidate; the newest of a suite counts")
    .argument('<junit.xml>', 'the report, as vitest, pytest, Maven Surefire, go-junit-report or Playwright write it')
    .requiredOption('--release <version>', 'the version under test: v1.2.3')
    .option('--product <key>', 'needed when several products have this version open')
    .option(
      '--commit <sha>',
      'the commit that was tested (by default the one that the CI system names in the environment)',
    )
    .option('--suite <name>', "what these tests are called (the file's name by default)")
    .action(async (path: string, options: Options) => console.log(await report(path, options)));
}

async function report(path: string, options: Options): Promise<string> {
  const policy = loadPolicy(loadLocalEnv().configPath);
  const suite = (options.suite ?? basename(path).replace(/\.xml$/i, '')).trim();
  if (suite === '' || suite.length > 80 || /\p{Cc}/u.test(suite))
    throw wrong('suite', 'That is no name of a suite.', 'Give 1 to 80 characters with --suite.');
  const tested = commitOf(options.commit, ciCommit());
  // Read to its end before anything is opened: a bad file changes nothing.
  const totals = await readJUnit(await opened(path));
  return withDatabase(async (db) => {
    const release = await theRelease(db, options);
    const about = { releaseId: release.id, suite, commit: tested };
    const kept = await recordCi({ db, policy, clock: systemClock }, about, totals);
    return `${suite} on ${release.product} ${options.release} (${kept.commit.slice(0, 7)}): ${outcome(kept, totals)}`;
  });
}

/** The counts, and what they mean for the release: whether they count for its candidate of now, and hold it up. */
export function outcome(
  kept: { commit: string; newest: string; counts: boolean; gates: boolean },
  { passed, failed, skipped }: { passed: number; failed: number; skipped: number },
): string {
  const { commit, newest, counts, gates } = kept;
  const by = counts ? 'by now, with the same tree: they count for it.' : 'by now.';
  const said = [
    `${passed} passed, ${failed} failed, ${skipped} skipped.`,
    commit !== newest && `The candidate is ${newest.slice(0, 7)} ${by}`,
    counts && failed > 0 && gates && 'They hold the release up.',
  ];
  return said.filter(Boolean).join(' ');
}

/**
 * R3: results count for the commit they were made of, so nothing is guessed: a late report would be taken for the newest candidate's.
 * @param ci what the CI system says @throws ShipshapeError when neither says a commit
 */
export function commitOf(given: string | undefined, ci: { name: string; value: string } | undefined): string {
  const found = given === undefined ? ci : { name: '--commit', value: given };
  if (!found)
    throw wrong('commit', 'It is not said which commit was tested.', 'Give it with --commit, 7 to 40 hex digits.');
  const commit = readCommit(found.value);
  if (commit) return commit;
  throw wrong(
    'commit',
    `${found.name} is no commit: ${found.value.slice(0, 60)}.`,
    'Give 7 to 40 hex digits with --commit.',
  );
}

async function opened(path: string): Promise<AsyncIterable<Uint8Array>> {
  const found = await stat(path).catch(() => undefined);
  if (!found?.isFile()) throw wrong('file', `${path} cannot be read.`, 'Give the path of a JUnit XML file.');
  if (found.size > BYTES_MAX)
    throw wrong(
      'junit',
      `${path} has ${Math.round(found.size / 1_000_000)} MB.`,
      `At most ${BYTES_MAX / 1_000_000} MB are read: give one suite at a time.`,
    );
  return createReadStream(path);
}

async function theRelease(db: Executor, { release, product }: Options): Promise<{ id: number; product: string }> {
  const found = await openByVersion(db, readVersion(release) ?? release, product);
  const [one] = found;
  if (!one) {
    const of = product === undefined ? '' : ` of ${product}`;
    throw wrong(
      'release',
      `There is no open release ${release}${of}.`,
      'Versions are written as in Slack: `/release list`.',
    );
  }
  const products = [...new Set(found.map((f) => f.product))];
  if (products.length > 1)
    throw wrong('release', `${release} is open for ${products.join(' and ')}.`, 'Say which with --product.');
  return one;
}
