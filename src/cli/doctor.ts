import { mkdtempSync, rmdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Command } from 'commander';
import { drizzle } from 'drizzle-orm/node-postgres';
import type pg from 'pg';
import { otherDecimals } from '../areas/funds/decimals.ts';
import { noSpecs, parseSpecs, SpecError } from '../areas/testing/spec.ts';
import { systemClock } from '../base/clock.ts';
import { errorText, ShipshapeError } from '../base/errors.ts';
import { makeLog } from '../base/log.ts';
import { fundsOf, type Policy } from '../base/policy.ts';
import { hasCluster, makeFolder } from '../db/embedded-home.ts';
import { journalOf, MIGRATIONS, unknownMigrations } from '../db/migrate.ts';
import { reach } from '../db/reach.ts';
import { newerDatabase, unfinishedRestore } from '../db/unfit.ts';
import { type Env, EnvError, loadEnv, loadLocalEnv } from '../env.ts';
import { makeGithub } from '../gateways/github.ts';
import { checkGithub } from '../gateways/github-check.ts';
import { readSpecFolder } from '../gateways/specs.ts';
import { loadPolicy, PolicyError } from '../policy.ts';
import { noDatabase, withDatabaseUrl } from './database.ts';
import { checkSlack, withoutRole } from './doctor-slack.ts';

/** One thing that was looked at. `todo` says what to do about it; every WARN and FAIL has one. */
export interface Finding {
  level: 'OK' | 'WARN' | 'FAIL';
  about: string;
  text: string;
  todo?: string;
}
export type Say = (finding: Finding) => void;

/** `shipshape doctor`: looks at everything the bot needs to run; exits 1 when something it cannot do without is missing. */
export function registerDoctor(program: Command): void {
  program
    .command('doctor')
    .description(
      'check environment, policy, test specs, database, GitHub and Slack; exits 1 when the bot could not do its work',
    )
    .action(async () => {
      const counts = { OK: 0, WARN: 0, FAIL: 0 };
      await diagnose(undefined, (finding) => {
        counts[finding.level]++;
        console.log(showFinding(finding));
      });
      console.log(`${counts.OK} fine, ${counts.WARN} to look at, ${counts.FAIL} to be corrected.`);
      if (counts.FAIL) process.exitCode = 1;
    });
}

/** A finding as one line. */
export function showFinding({ level, about, text, todo }: Finding): string {
  const line = `${level.padEnd(4)}  ${about}: ${text}${todo ? ` → ${todo}` : ''}`;
  return line.replace(/\s*\n\s*/g, ' ');
}

/**
 * Checks one thing after the other and says what it finds; what cannot be checked because of an earlier failure is left out.
 * @param source the environment, by default the process's
 */
export async function diagnose(source: Parameters<typeof loadEnv>[0], say: Say): Promise<void> {
  const env = attempt('environment', say, () => loadEnv(source));
  if (env) say({ level: 'OK', about: 'environment', text: `complete, for ${modeOf(env)}` });
  // Without Slack's tokens the rest can still be looked at.
  const local = env ?? quietly(() => loadLocalEnv(source));
  const policy = local && attempt('policy', say, () => loadPolicy(local.configPath));
  if (policy) {
    const products = policy.products.map((p) => p.key).join(', ');
    const text = `${local.configPath} is right; products: ${products}`;
    say(exampleFinding(local.configPath, policy) ?? { level: 'OK', about: 'policy', text });
  }
  if (policy) checkSpecs(local.configPath, policy, say);
  if (local) await checkDatabase(local, policy, say);
  if (policy) await github(local.github, policy, say);
  if (env && policy) await slack(env, policy, say);
}

function modeOf(env: Env): string {
  return env.connection.mode === 'socket' ? 'Socket Mode' : 'HTTP mode';
}

/** The test specs of every product; folders of no product would test nothing. */
function checkSpecs(configPath: string, policy: Policy, say: Say): void {
  const about = 'test specs';
  const products = policy.products.map((p) => p.key);
  const read = attempt(about, say, () => {
    const { folder, there, files, unknown } = readSpecFolder(configPath, policy.testing.specs, products);
    const none = files.length ? undefined : noSpecs(folder, there, policy.testing.specs !== undefined);
    return { none, unknown, specs: parseSpecs(files, products) };
  });
  if (!read) return;
  for (const name of read.unknown)
    say({ level: 'WARN', about, text: `the folder ${name} is no product's`, todo: `name it as a product's key` });
  const counts = [...read.specs.values()].map((spec) => `${spec.product} ${spec.cases.length}`);
  say(read.none ? { about, ...read.none } : { level: 'OK', about, text: `cases: ${counts.join(', ')}` });
}

async function github(setup: Env['github'], policy: Policy, say: Say): Promise<void> {
  const log = makeLog('silent');
  for (const finding of await checkGithub(setup && makeGithub({ ...setup, log, clock: systemClock }), policy))
    say(finding);
}

async function slack(env: Env, policy: Policy, say: Say): Promise<void> {
  // The SDK's own complaints would stand between the findings, which say the same in words.
  await checkSlack(env, policy, makeLog('silent'), say);
}

/** What `read` gives; its faults become findings, one each. */
function attempt<T>(about: string, say: Say, read: () => T): T | undefined {
  try {
    return read();
  } catch (err) {
    if (err instanceof EnvError) {
      for (const { name, text } of err.faults)
        say({ level: 'FAIL', about: `${about} ${name}`, ...envAdvice(name, text) });
    } else if (err instanceof PolicyError) {
      for (const { path, line, text } of err.faults)
        say({
          level: 'FAIL',
          about: `${about} ${path || 'file'}`,
          text: line === 0 ? `${err.file} ${text}` : text,
          todo: atLine(line),
        });
    } else if (err instanceof SpecError) {
      for (const { file, path, line, text } of err.faults)
        say({
          level: 'FAIL',
          about: `${about} ${file}`,
          text: `${path ? `${path}: ` : ''}${text}`,
          todo: atLine(line),
        });
    } else {
      say({ level: 'FAIL', about, text: errorText(err), todo: atLine(0) });
    }
    return undefined;
  }
}

/** A fault of the environment and what to do about it, which it says itself after its last colon; for a variable also where. */
function envAdvice(name: string, text: string): { text: string; todo: string } {
  const at = text.lastIndexOf(': ');
  const advice = at < 0 ? 'correct it' : text.slice(at + 2);
  const where = /^[A-Z_]+$/.test(name) ? 'in the environment or in .env: ' : '';
  return { text: at < 0 ? text : text.slice(0, at), todo: `${where}${advice}` };
}

/** The ids in the shipshape.yml that comes with the project; channels' are left out: tests and the demo have channels of these ids. */
const EXAMPLE = /^(T0EXAMPLE|U0(OPERATOR|ENGINEER|PRODUCT|ADMIN)\d)$/;

/** That a policy still has ids of the example; undefined when it has none. */
function exampleFinding(path: string, policy: Policy): Finding | undefined {
  const people = [...Object.values(policy.roles).flatMap((members) => members.users), ...withoutRole(policy)];
  const ids = [...new Set([policy.workspace.teamId, ...people])].filter((id) => EXAMPLE.test(id));
  if (!ids.length) return undefined;
  const text = `${path} has ids that are only examples: ${ids.join(', ')}`;
  return { level: 'WARN', about: 'policy', text, todo: 'put in your own; the file says where Slack shows them' };
}

/** @param line 0: of no line, such as a file that is not there */
function atLine(line: number): string {
  return line === 0 ? 'correct that and run doctor again' : `correct line ${line}`;
}

/** The faults of this were said already. */
function quietly<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

/** PostgreSQL's own number for a version: 140000 is 14.0. */
const OLDEST = 140_000;
const SKEW_WARN_MS = 1000;
const SKEW_FAIL_MS = 30_000;

async function checkDatabase(
  env: Pick<Env, 'databaseUrl' | 'dataDir'>,
  policy: Policy | undefined,
  say: Say,
): Promise<void> {
  const about = 'database';
  try {
    if (env.databaseUrl === undefined && !hasCluster(env.dataDir)) return say(await newDatabase(env.dataDir));
    await withDatabaseUrl((url) => lookInside(url, policy, say), env);
  } catch (err) {
    const own = err instanceof ShipshapeError;
    const where = env.databaseUrl === undefined ? `look into ${env.dataDir}` : 'look at the log of the PostgreSQL';
    const todo = `${where}, or set DATABASE_URL to another one`;
    say({ level: 'FAIL', about, text: own ? err.message : errorText(err), todo: own ? err.next : todo });
  }
}

/** That there is no database yet, and whether one can be made. It is tried: rights alone do not say it of every file system. */
async function newDatabase(dataDir: string): Promise<Finding> {
  const about = 'database';
  const { message: text, next: todo } = noDatabase(dataDir);
  let made: string | undefined;
  try {
    made = await makeFolder(resolve(dataDir));
    rmdirSync(mkdtempSync(join(dataDir, 'doctor-')));
    return { level: 'WARN', about, text, todo };
  } catch (err) {
    const why = (err as NodeJS.ErrnoException).code ?? errorText(err);
    const cannot = `${text} None can be made there (${why}).`;
    return { level: 'FAIL', about, text: cannot, todo: 'set DATA_DIR to a folder that you may write to' };
  } finally {
    if (made !== undefined) removeEmpty(resolve(dataDir), made);
  }
}

/** Removes the folders from `inner` out to `outer`, as far as nobody has put anything into them meanwhile. */
function removeEmpty(inner: string, outer: string): void {
  try {
    rmdirSync(inner);
    if (inner !== outer) removeEmpty(dirname(inner), outer);
  } catch {
    // The bot has begun to use it.
  }
}

function lookInside(url: string, policy: Policy | undefined, say: Say): Promise<void> {
  return reach(url, 'shipshape doctor', async (client) => {
    await checkVersion(client, say);
    await checkMigrations(client, say);
    await checkClock(client, say);
    if (policy) await checkDecimals(client, policy, say);
  });
}

/** That the policy counts its assets as the books do; a database of an older version does not know yet. */
async function checkDecimals(client: pg.Client, policy: Policy, say: Say): Promise<void> {
  const about = 'test funds';
  const { rows } = await client.query("select to_regclass('asset_decimals') is not null as known");
  if (!rows[0].known) return;
  const faults = await otherDecimals(drizzle(client), fundsOf(policy).assets);
  for (const { text } of faults) say({ level: 'FAIL', about, text, todo: 'correct funds.assets in the policy' });
  if (!faults.length) say({ level: 'OK', about, text: 'assets have the decimals of what is in the books' });
}

async function checkVersion(client: pg.Client, say: Say): Promise<void> {
  const { rows } = await client.query(
    "select current_setting('server_version') as shown, current_setting('server_version_num')::int as number",
  );
  const { shown, number } = rows[0] as { shown: string; number: number };
  if (number >= OLDEST) say({ level: 'OK', about: 'database', text: `PostgreSQL ${shown} answers` });
  else
    say({
      level: 'FAIL',
      about: 'database',
      text: `PostgreSQL ${shown} is too old`,
      todo: 'use version 14 or newer',
    });
}

async function checkMigrations(client: pg.Client, say: Say): Promise<void> {
  const about = 'migrations';
  const migrate = 'run `npm run shipshape -- migrate`; the bot does so too when it starts';
  const { rows } = await client.query(
    "select to_regclass('drizzle.__drizzle_migrations') is not null as ours, to_regclass('graphile_worker.migrations') is not null as queue",
  );
  const { ours, queue } = rows[0] as { ours: boolean; queue: boolean };
  if (!ours || !queue) return say({ level: 'WARN', about, text: 'the database has no tables yet', todo: migrate });
  const unknown = await unknownMigrations(client);
  if (unknown > 0) return say(unfit(about, newerDatabase(unknown)));
  const cut = await unfinishedRestore(drizzle(client));
  if (cut) say(unfit('restore', cut));
  const done = await client.query('select created_at::float8 as at from drizzle.__drizzle_migrations');
  const at = new Set(done.rows.map((row: { at: number }) => row.at));
  const known = await journalOf(MIGRATIONS);
  const missing = known.filter((when) => !at.has(when)).length;
  const are = missing === 1 ? 'is' : 'are';
  if (missing > 0)
    return say({ level: 'WARN', about, text: `${missing} of ${known.length} ${are} to be applied`, todo: migrate });
  say({ level: 'OK', about, text: `all ${known.length} are applied` });
}

function unfit(about: string, { message: text, next: todo }: ShipshapeError): Finding {
  return { level: 'FAIL', about, text, todo };
}

async function checkClock(client: pg.Client, say: Say): Promise<void> {
  const before = Date.now();
  const { rows } = await client.query('select extract(epoch from clock_timestamp())::float8 * 1000 as now');
  const after = Date.now();
  const there = (rows[0] as { now: number }).now;
  // Nothing is known about where in between the server looked at its clock.
  const skew = there < before ? before - there : Math.max(0, there - after);
  say(clockFinding(skew));
}

/** What a difference of `skew` milliseconds between this machine's clock and the database's means. */
export function clockFinding(skew: number): Finding {
  const about = 'clock';
  const text = `this machine and the database differ by ${skew < 1000 ? 'less than a second' : `${(skew / 1000).toFixed(1)} s`}`;
  if (skew < SKEW_WARN_MS) return { level: 'OK', about, text };
  return { level: skew < SKEW_FAIL_MS ? 'WARN' : 'FAIL', about, text, todo: 'set both by NTP' };
}
