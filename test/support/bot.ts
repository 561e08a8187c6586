// The real bot process on a database and a Slack of the test's.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { program, ROOT } from './program.ts';
import { CHANNELS, type LocalSlack } from './slack.ts';

/** The test team. Guests and the like are unknown to local-slack; `stage.ts` writes them into the bot's cache of people. */
export const TEAM = {
  ana: 'U0ANA',
  ben: 'U0BEN',
  cem: 'U0CEM',
  dee: 'U0DEE',
  mia: 'U0MIA',
  noa: 'U0NOA',
  pia: 'U0PIA',
  ada: 'U0ADA',
  zoe: 'U0ZOE',
  gus: 'U0GUS',
  rob: 'U0ROB',
} as const;

/** How many products the policy has: a test takes one of its own, and with it a release that is open alone. */
export const PRODUCTS = 60;

/** ana, ben, cem and dee are operators; mia and noa engineers; pia of the product team; ada an admin; zoe, gus (a guest) and rob (a bot) nothing. */
export const POLICY = `
workspace:
  team_id: T01SHIP
  channels: { releases: ${CHANNELS.releases}, admins: ${CHANNELS.admins} }
team: { zone: Europe/Lisbon, hours: { start: '09:00', end: '18:00' } }
roles:
  operators: { users: [U0ANA, U0BEN, U0CEM, U0DEE] }
  engineers: { users: [U0MIA, U0NOA] }
  product: { users: [U0PIA] }
  admins: { users: [U0ADA] }
products:
${Array.from({ length: PRODUCTS }, (_, i) => `  - { key: p${i + 1}, name: Product ${i + 1}, environments: { candidate: 'https://staging.example.com', production: 'https://example.com' } }`).join('\n')}
review: { separation_of_duties: true, eyes_expire_after: 4h, emergency_ship_on_one: true }
`;

export interface BotOptions {
  slack: LocalSlack;
  databaseUrl: string;
  /** Another policy than POLICY. */
  policy?: string;
  /** Slack's address, when it is not the local Slack's own: a proxy before it. */
  apiUrl?: string;
  /** HTTP mode in place of Socket Mode. */
  http?: boolean;
  /** GitHub's address and a token for it; without one GitHub is not set up. */
  github?: { url: string; token: string };
  /** Google Sheets' address and a spreadsheet; without one there is the workbook. */
  sheets?: { url: string; id: string };
  logLevel?: string;
  /** Started as `npm start` does it, and not from a bundle. */
  shipped?: boolean;
  /** Goes by the database's clock, which the test moves. */
  demoClock?: boolean;
}

export interface BotProcess {
  /** Of health and metrics, and in HTTP mode of Slack's requests. */
  port: number;
  pid: number;
  /** From the spawn to "ready", in milliseconds. */
  startMs: number;
  /** Every line it wrote so far, for looking at a failure. */
  lines: string[];
  /** SIGTERM, and waits for the end. @returns the exit code, 0 when it had ended in order before */
  stop(): Promise<number | null>;
  /** SIGKILL, and waits for the end. */
  kill(): Promise<void>;
}

/** Runs the bot so that it ends, and its folder goes, when our end of its standard input closes: however the test run ends, by kill -9 too. */
const GUARD = `
  dir=$1; shift
  exec 3<&0
  "$@" 3<&- </dev/null & bot=$!
  echo "$bot"
  (cat <&3; kill -9 $bot) >/dev/null 2>&1 &
  exec 3<&-
  wait $bot; code=$?
  rm -rf "$dir"
  exit $code`;

/** Starts a bot and waits until it says "ready". @throws with all it wrote when it ends before */
export async function startBot(options: BotOptions): Promise<BotProcess> {
  const started = performance.now();
  const dir = await mkdtemp(join(tmpdir(), 'shipshape-bot-'));
  const config = join(dir, 'policy.yml');
  await writeFile(config, options.policy ?? POLICY);
  const child = spawn('/bin/sh', ['-c', GUARD, 'sh', dir, ...program('src/main', options.shipped)], {
    cwd: ROOT,
    env: environment(options, dir, config),
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
  });
  const lines: string[] = [];
  let pid = 0;
  const exited = once(child, 'exit').then(([code]) => {
    child.stdin.end();
    return code as number | null;
  });
  const port = await new Promise<number>((ready, failed) => {
    const hear = (line: string) => {
      if (!pid) {
        pid = Number(line);
        return;
      }
      lines.push(line);
      if (line.includes('"msg":"ready"')) ready(Number(JSON.parse(line).port));
    };
    createInterface({ input: child.stdout }).on('line', hear);
    createInterface({ input: child.stderr }).on('line', (line) => lines.push(line));
    exited.then((code) => failed(new Error(`the bot ended before it was ready (${code}):\n${lines.join('\n')}`)));
  });
  const send = async (signal: NodeJS.Signals) => {
    if (child.exitCode === null && child.signalCode === null) process.kill(pid, signal);
    return exited;
  };
  return {
    port,
    pid,
    startMs: performance.now() - started,
    lines,
    stop: () => send('SIGTERM'),
    kill: async () => {
      await send('SIGKILL');
    },
  };
}

function environment(
  { slack, databaseUrl, apiUrl, http, github, sheets, logLevel, demoClock }: BotOptions,
  dir: string,
  config: string,
) {
  return {
    PATH: process.env.PATH,
    HOME: process.env.HOME,
    NODE_ENV: 'test',
    SLACK_BOT_TOKEN: slack.app.botToken,
    ...(http ? { SLACK_SIGNING_SECRET: slack.app.signingSecret } : { SLACK_APP_TOKEN: slack.app.appToken }),
    SLACK_API_URL: apiUrl ?? slack.apiUrl,
    ...(github && { GITHUB_TOKEN: github.token, GITHUB_API_URL: github.url }),
    ...(sheets && { SHEETS_API_URL: sheets.url, SHEETS_SPREADSHEET_ID: sheets.id }),
    DATABASE_URL: databaseUrl,
    DATA_DIR: dir,
    SHIPSHAPE_CONFIG: config,
    PORT: '0',
    LOG_LEVEL: logLevel ?? 'info',
    ...(demoClock && { DEMO_CLOCK: '1' }),
  };
}
