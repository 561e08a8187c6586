import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseEnv } from 'node:util';
import { z } from 'zod';
import { ShipshapeError } from './base/errors.ts';
import type { LogLevel } from './base/log.ts';
import { nearest } from './base/nearest.ts';
import { hideSecrets } from './base/redact.ts';
import { spreadsheetId } from './base/sheets.ts';

/** What the process was started with. Paths are absolute. */
export type Env = {
  /** How Slack reaches us: we connect to it (Socket Mode), or it calls `/slack/events`. */
  connection: { mode: 'socket'; appToken: string } | { mode: 'http'; signingSecret: string };
  botToken: string;
  /** Ends with a slash. */
  slackApiUrl: string;
  /** Absent: an embedded PostgreSQL under `dataDir`. */
  databaseUrl?: string;
  dataDir: string;
  configPath: string;
  /** 0 is any free port. */
  port: number;
  logLevel: LogLevel;
  /** The bot goes by the database's clock in everything, and beats all the time: the demo moves that clock. */
  demoClock: boolean;
  /** What is set for Google Sheets; tabs for which no spreadsheet is named go into a workbook. `credentials` is the path of a key file. */
  sheets?: { spreadsheet?: string; apiUrl?: string; credentials?: string };
  /** Absent: nothing is asked of GitHub. `apiUrl` ends without a slash. */
  github?: { token: string; apiUrl: string };
};

export type EnvFault = { name: string; text: string };

/** The environment is not one to start with; `faults` has everything that is wrong, the message lists it line by line. */
export class EnvError extends ShipshapeError {
  readonly faults: EnvFault[];

  constructor(faults: EnvFault[]) {
    const count = faults.length === 1 ? '1 fault' : `${faults.length} faults`;
    super({
      code: 'environment',
      message: `The environment has ${count}:\n${faults.map((fault) => `  ${fault.name}: ${fault.text}`).join('\n')}`,
      next: 'Set them in the environment or in a .env file (.env.example lists all) and start again.',
    });
    this.faults = faults;
  }
}

type Source = Record<string, string | undefined>;

const BOT_TOKEN =
  'the bot token (xoxb-…), on api.slack.com/apps → your app → OAuth & Permissions → Bot User OAuth Token';
const APP_TOKEN =
  'an app-level token (xapp-…) with the scope connections:write, on api.slack.com/apps → your app → Basic Information → App-Level Tokens';
const SIGNING_SECRET = 'the signing secret, on api.slack.com/apps → your app → Basic Information → Signing Secret';
const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

const token = (prefix: string, what: string) =>
  z.string(`is missing: set it to ${what}`).regex(new RegExp(`^${prefix}-[\\w-]+$`), {
    error: (issue) => `is not a token of that kind${otherToken(String(issue.input))}: set it to ${what}`,
  });

const address = (schemes: string[], form: string) =>
  z.string().refine((text) => URL.canParse(text) && schemes.includes(new URL(text).protocol), `must look like ${form}`);

const schema = z.object({
  SLACK_BOT_TOKEN: token('xoxb', BOT_TOKEN),
  SLACK_APP_TOKEN: token('xapp', APP_TOKEN).optional(),
  SLACK_SIGNING_SECRET: z
    .string()
    .regex(/^\S{8,}$/, `is too short or has spaces: set it to ${SIGNING_SECRET}`)
    .optional(),
  SLACK_API_URL: address(['http:', 'https:'], 'https://slack.com/api/').default('https://slack.com/api/'),
  DATABASE_URL: address(['postgres:', 'postgresql:'], 'postgres://user:password@host:5432/database').optional(),
  DATA_DIR: z.string().default('./data'),
  SHIPSHAPE_CONFIG: z.string().default('./shipshape.yml'),
  PORT: z
    .string()
    .regex(/^\d{1,5}$/, 'must be a port number, 0 to 65535 (0 is any free one)')
    .transform(Number)
    .refine((port) => port <= 65_535, 'must be a port number, 0 to 65535 (0 is any free one)')
    .default(3000),
  GITHUB_TOKEN: z
    .string()
    .regex(/^\S{8,}$/, 'is no token of GitHub: make one as docs/setup-github.md says, or leave it out')
    .optional(),
  GITHUB_API_URL: address(['http:', 'https:'], 'https://api.github.com').default('https://api.github.com'),
  SHEETS_SPREADSHEET_ID: z
    .string()
    .refine(
      (text) => spreadsheetId(text) !== undefined,
      'is no id of a spreadsheet: copy its address from the browser (docs/setup-sheets.md)',
    )
    .optional(),
  SHEETS_API_URL: address(['http:', 'https:'], 'https://sheets.googleapis.com/').optional(),
  GOOGLE_APPLICATION_CREDENTIALS: z.string().optional(),
  DEMO_CLOCK: z.enum(['0', '1'], 'must be 1 or 0').default('0'),
  LOG_LEVEL: z.enum(LEVELS, `must be one of ${LEVELS.join(', ')}`).default('info'),
});
const localSchema = schema.pick({
  DATABASE_URL: true,
  DATA_DIR: true,
  SHIPSHAPE_CONFIG: true,
  GITHUB_TOKEN: true,
  GITHUB_API_URL: true,
  SHEETS_SPREADSHEET_ID: true,
  SHEETS_API_URL: true,
  GOOGLE_APPLICATION_CREDENTIALS: true,
});
type Local = Pick<Env, 'databaseUrl' | 'dataDir' | 'configPath' | 'github' | 'sheets'>;

/**
 * The environment as `Env`. `source` is by default the process's variables, then a `.env` file in the current folder
 * for those that are not set there; an empty variable counts as not there. Relative paths start at the current folder.
 * From here on the secrets read are kept out of every log line and error text. Throws EnvError with every fault.
 */
export function loadEnv(source: Source = withDotEnv(process.env, resolve('.env'))): Env {
  const given = Object.fromEntries(Object.entries(source).filter(([, value]) => value?.trim()));
  hideSecrets([given.SLACK_BOT_TOKEN, given.SLACK_APP_TOKEN, given.SLACK_SIGNING_SECRET, given.GITHUB_TOKEN]);
  const parsed = schema.safeParse(given);
  const faults = (parsed.error?.issues ?? []).map((issue) => ({ name: issue.path.join('.'), text: issue.message }));
  if (given.SLACK_APP_TOKEN === undefined && given.SLACK_SIGNING_SECRET === undefined) {
    const text = `is missing: set it to ${APP_TOKEN}. Or, for HTTP instead of Socket Mode, set SLACK_SIGNING_SECRET to ${SIGNING_SECRET}`;
    faults.push({ name: 'SLACK_APP_TOKEN', text });
  }
  if (parsed.data === undefined || faults.length > 0) throw new EnvError(faults.map((fault) => misspelt(fault, given)));
  const env = parsed.data;
  return {
    connection: connectionOf(env.SLACK_APP_TOKEN, env.SLACK_SIGNING_SECRET ?? ''),
    botToken: env.SLACK_BOT_TOKEN,
    slackApiUrl: env.SLACK_API_URL.replace(/\/*$/, '/'),
    ...localOf(env),
    port: env.PORT,
    logLevel: env.LOG_LEVEL,
    demoClock: env.DEMO_CLOCK === '1',
  };
}

/**
 * The part of the environment that has nothing to do with Slack, for what works without it: where the database and the
 * policy are, and GitHub. Read as `loadEnv` does. Throws EnvError with every fault of that part.
 */
export function loadLocalEnv(source: Source = withDotEnv(process.env, resolve('.env'))): Local {
  const given = Object.fromEntries(Object.entries(source).filter(([, value]) => value?.trim()));
  hideSecrets([given.GITHUB_TOKEN]);
  const parsed = localSchema.safeParse(given);
  if (parsed.data === undefined)
    throw new EnvError(parsed.error.issues.map((issue) => ({ name: issue.path.join('.'), text: issue.message })));
  return localOf(parsed.data);
}

/** Variables in which CI systems name the commit they work on: GitHub, GitLab, Buildkite, CircleCI, Jenkins, Bitbucket, Azure. */
const CI_COMMIT = [
  ...['GITHUB_SHA', 'CI_COMMIT_SHA', 'BUILDKITE_COMMIT', 'CIRCLE_SHA1'],
  ...['GIT_COMMIT', 'BITBUCKET_COMMIT', 'BUILD_SOURCEVERSION'],
];

/** The commit that the CI system this runs in says it works on, and in which variable; undefined outside of one. */
export function ciCommit(source: Source = process.env): { name: string; value: string } | undefined {
  const name = CI_COMMIT.find((key) => source[key]?.trim());
  return name === undefined ? undefined : { name, value: source[name] ?? '' };
}

function localOf(env: z.output<typeof localSchema>): Local {
  const { DATABASE_URL: databaseUrl, GITHUB_TOKEN: token } = env;
  return {
    ...(databaseUrl === undefined ? {} : { databaseUrl }),
    dataDir: resolve(env.DATA_DIR),
    configPath: resolve(env.SHIPSHAPE_CONFIG),
    ...sheetsOf(env),
    ...(token === undefined ? {} : { github: { token, apiUrl: env.GITHUB_API_URL.replace(/\/*$/, '') } }),
  };
}

/** What is set for Google Sheets. Which tabs go there is decided by the spreadsheets that are named, here or in the policy. */
function sheetsOf(env: z.output<typeof localSchema>): Pick<Env, 'sheets'> {
  const { SHEETS_SPREADSHEET_ID: given, SHEETS_API_URL: apiUrl, GOOGLE_APPLICATION_CREDENTIALS: credentials } = env;
  const spreadsheet = given === undefined ? undefined : spreadsheetId(given);
  const sheets = {
    ...(spreadsheet === undefined ? {} : { spreadsheet }),
    ...(apiUrl === undefined ? {} : { apiUrl }),
    ...(credentials === undefined ? {} : { credentials: resolve(credentials) }),
  };
  return Object.keys(sheets).length ? { sheets } : {};
}

/**
 * `set` with what the file at `path` adds; a file that is not there adds nothing. Throws EnvError when it is unreadable, or a line of it would be
 * dropped.
 */
export function withDotEnv(set: Source, path: string): Source {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (err) {
    const code = err instanceof Error && 'code' in err ? String(err.code) : 'unknown error';
    if (code === 'ENOENT') return set;
    throw new EnvError([{ name: path, text: `cannot be read (${code}): make it readable or remove it` }]);
  }
  const faults = droppedLines(text).map(({ line, name }) => ({
    name: `${path} line ${line}`,
    text: `has no "=": write ${name}=value, or put # before what is only a remark`,
  }));
  if (faults.length) throw new EnvError(faults);
  return { ...parseEnv(text), ...set };
}

/** Lines without `=`, which `parseEnv` drops, some versions with the line after. Only the name of a variable is told of what they say: the rest may be a secret. */
function droppedLines(text: string): { line: number; name: string }[] {
  // A value in quotes may have several lines.
  const lines = text.replace(/^[^#\n=]*=[ \t]*(["'`])[\s\S]*?\1/gm, (whole) => whole.replace(/.+/g, '=')).split('\n');
  return lines.flatMap((line, index) => {
    if (line.includes('=') || /^\s*(#|$)/.test(line)) return [];
    const words = line.split(/[^A-Z_]+/);
    return [{ line: index + 1, name: Object.keys(schema.shape).find((key) => words.includes(key)) ?? 'NAME' }];
  });
}

function connectionOf(appToken: string | undefined, signingSecret: string): Env['connection'] {
  return appToken === undefined ? { mode: 'http', signingSecret } : { mode: 'socket', appToken };
}

/** The fault of one of Slack's variables that is missing, with the one that was probably meant for it. */
function misspelt({ name, text }: EnvFault, given: Source): EnvFault {
  const bare = (key: string) => key.replace(/^SLACK_/, '');
  const known = Object.keys(schema.shape).filter((key) => key.startsWith('SLACK_'));
  const typed = Object.keys(given).find(
    (key) => key.startsWith('SLACK_') && !known.includes(key) && nearest(bare(key), known.map(bare)) === bare(name),
  );
  if (typed === undefined || !text.startsWith('is missing')) return { name, text };
  return { name, text: text.replace('is missing', `is missing (there is ${typed}: did you mean ${name}?)`) };
}

/** Says which token was taken for another, without showing it. */
function otherToken(value: string): string {
  if (value.startsWith('xoxb-')) return ' (this one looks like a bot token)';
  if (value.startsWith('xapp-')) return ' (this one looks like an app-level token)';
  if (value.startsWith('xoxp-')) return ' (this one looks like a user token)';
  return '';
}
