import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { DEFAULT_APP, type LocalSlack, startLocalSlack } from './local-slack.ts';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const HERE = fileURLToPath(new URL('.', import.meta.url));
export const DAY_POLICY = `${HERE}policy.yml`;

export const CHANNELS = {
  releases: 'C0RELEASES',
  triage: 'C0TRIAGE',
  prod_issues: 'C0PRODISSUES',
  test_funds: 'C0TESTFUNDS',
  admins: 'C0ADMINS',
};

/** The demo's people, as the policy beside this file casts them. */
export const PEOPLE = {
  ayo: { id: 'U0AYO', name: 'Ayo', role: 'operator' },
  bea: { id: 'U0BEA', name: 'Bea', role: 'operator' },
  chen: { id: 'U0CHEN', name: 'Chen', role: 'operator' },
  mira: { id: 'U0MIRA', name: 'Mira', role: 'engineer, release manager' },
  noah: { id: 'U0NOAH', name: 'Noah', role: 'engineer' },
  pia: { id: 'U0PIA', name: 'Pia', role: 'product' },
  tess: { id: 'U0TESS', name: 'Tess', role: 'treasurer' },
  ada: { id: 'U0ADA', name: 'Ada', role: 'admin' },
} as const;

/** The demo's workspace: a local Slack with the team in it. `port` is wished for; another is taken when it is not free. */
export function startWorkspace(port: number): Promise<LocalSlack> {
  const users = Object.values(PEOPLE).map(({ id, name, role }) => ({
    id,
    name: name.toLowerCase(),
    real_name: `${name} (${role})`,
    tz: 'Europe/London',
  }));
  const members = [...users.map((u) => u.id), DEFAULT_APP.botUserId];
  const channels = Object.entries(CHANNELS).map(([name, id]) => ({ id, name, members }));
  const workspace = { name: 'Shipshape demo', domain: 'shipshape-demo', teamId: 'T0SHIPSHAPE' };
  return startLocalSlack({ users, channels, port, workspace, emojis: { lgtm: `${HERE}lgtm.svg` } });
}

/** What Node is told so that its process ends with ours: by `ipc` it hears that we are gone. */
export const ON_A_LEASH = ['--import', 'tsx', '--import', './src/demo/leash.ts'];

export interface Bot {
  port: number;
  /** SIGTERM, and waits for the end. @returns the exit code */
  stop(): Promise<number | null>;
}

/**
 * Starts the real bot process, exactly as `npm start` would, against the local Slack and an embedded PostgreSQL in `dataDir`.
 * @param said is given each log line's message @param given what else than the day's: `config` is the path of the policy, `env` comes on top @throws with the bot's last words when it ends before it is ready
 */
export async function startBot(
  slack: LocalSlack,
  dataDir: string,
  said: (msg: string) => void,
  given: { config?: string; env?: Record<string, string> } = {},
): Promise<Bot> {
  const env = {
    ...process.env,
    SLACK_BOT_TOKEN: slack.app.botToken,
    SLACK_APP_TOKEN: slack.app.appToken,
    SLACK_API_URL: slack.apiUrl,
    DATA_DIR: dataDir,
    DATABASE_URL: '',
    GITHUB_TOKEN: '',
    SHIPSHAPE_CONFIG: given.config ?? DAY_POLICY,
    DEMO_CLOCK: '0',
    PORT: '0',
    LOG_LEVEL: 'info',
    ...given.env,
  };
  // A group of its own: Ctrl-C in the terminal reaches the demo, and the demo stops the bot in order.
  const bot = spawn(process.execPath, [...ON_A_LEASH, 'src/main.ts'], {
    cwd: ROOT,
    env,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    detached: true,
  });
  const last: string[] = [];
  const port = await readyPort(bot, (line) => {
    last.push(line);
    if (last.length > 20) last.shift();
    said(messageOf(line));
  }).catch((err) => {
    throw new Error(`${err instanceof Error ? err.message : err}\n${last.join('\n')}`);
  });
  const stop = async () => {
    if (bot.exitCode !== null || bot.signalCode !== null) return bot.exitCode;
    const ended = once(bot, 'exit');
    bot.kill('SIGTERM');
    await ended;
    return bot.exitCode;
  };
  return { port, stop };
}

function readyPort(bot: ChildProcess, heard: (line: string) => void): Promise<number> {
  return new Promise((ready, failed) => {
    for (const stream of [bot.stdout, bot.stderr]) {
      if (!stream) continue;
      createInterface({ input: stream }).on('line', (line) => {
        heard(line);
        const fields = parse(line);
        if (fields?.msg === 'ready') ready(Number(fields.port));
      });
    }
    bot.once('exit', (code, signal) => failed(new Error(`the bot ended before it was ready (${signal ?? code})`)));
    bot.once('error', failed);
  });
}

function parse(line: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function messageOf(line: string): string {
  const msg = parse(line)?.msg;
  return typeof msg === 'string' ? msg : line;
}
