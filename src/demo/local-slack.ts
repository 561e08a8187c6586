import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { openPage, type Page, type PageView } from './local-slack-page.ts';

export interface SlackUser {
  id: string;
  name: string;
  real_name?: string;
  tz?: string;
  is_bot?: boolean;
  email?: string;
}

export interface SlackChannel {
  id: string;
  name: string;
  /** User ids; the bot's id must be among them for the bot to hear anything. */
  members: string[];
  is_private?: boolean;
}

export interface SlackApp {
  appId: string;
  botUserId: string;
  botName: string;
  botToken: string;
  appToken: string;
  signingSecret: string;
  mode?: 'socket' | 'events';
  requestUrl?: string;
}

export interface LocalSlackOptions {
  users: SlackUser[];
  channels: SlackChannel[];
  /** Wished for; another is taken when this one is not free. */
  port?: number;
  apps?: SlackApp[];
  workspace?: { name: string; domain: string; teamId: string };
  /** The workspace's own emoji: name → picture file. */
  emojis?: Record<string, string>;
}

export interface LocalMessage {
  ts: string;
  channel: string;
  user?: string;
  bot_id?: string;
  text: string;
  subtype?: string;
  thread_ts?: string;
  ephemeral_to?: string;
  // biome-ignore lint/suspicious/noExplicitAny: blocks are read ad hoc by tests and the demo
  blocks?: any[];
  reactions?: { name: string; users: string[]; count: number }[];
  edited?: { user: string; ts: string };
  files?: { name: string; size: number }[];
}

export interface Button {
  type: string;
  action_id: string;
  block_id: string;
  value?: string;
  text?: { text: string };
}

export interface LogEntry {
  time: number;
  direction: 'to_bot' | 'from_bot' | 'internal';
  kind: string;
  summary: string;
  detail: unknown;
}

export type LocalSlack = Awaited<ReturnType<typeof startLocalSlack>>;

export const DEFAULT_APP: SlackApp = {
  appId: 'A01SHIP',
  botUserId: 'U0SHIPBOT',
  botName: 'shipshape',
  botToken: 'xoxb-local-shipshape',
  appToken: 'xapp-local-shipshape',
  signingSecret: 'local-signing-secret',
  mode: 'socket',
};

/**
 * Starts a local Slack and returns the hands of its people: what they type, click and see. `stop` ends it for certain,
 * and so does the end of this process, however it comes.
 * @throws when the binary is missing (it is prebuilt for Linux x64; elsewhere a `local-slack` on PATH is used)
 */
export async function startLocalSlack(options: LocalSlackOptions) {
  const app = options.apps?.[0] ?? DEFAULT_APP;
  const server = await launch(options, app);
  const home = options.channels[0]?.id ?? '';
  const post = (path: string, body: unknown) => request(`${server.url}/_control/${path}`, body);
  const read = (path: string) => request(`${server.url}/_control/${path}`);
  let page: Page | undefined;
  const thePage = async () => {
    if (page === undefined || page.closed()) page = await openPage(server.url);
    return page;
  };

  const all = async (channel: string): Promise<LocalMessage[]> => (await read(`messages/${channel}`)).messages;
  const visible = async (channel: string) => (await all(channel)).filter((message) => message.subtype !== 'ephemeral');
  const find = async (channel: string, ts: string): Promise<LocalMessage> => {
    const message = (await all(channel)).find((one) => one.ts === ts);
    if (message === undefined) throw new Error(`no message ${ts} in ${channel}`);
    return message;
  };
  const channelOfDm = async (user: string): Promise<string | undefined> => {
    const { channels } = (await read('state')) as { channels: { id: string; is_im: boolean; members: string[] }[] };
    return channels.find((one) => one.is_im && one.members.includes(user) && one.members.includes(app.botUserId))?.id;
  };

  return {
    app,
    url: server.url,
    apiUrl: `${server.url}/api/`,
    port: server.port,
    pid: server.pid,

    /** Types a slash command; resolves when the bot has acknowledged it. */
    command: async (user: string, text: string, command = '/release', channel = home): Promise<void> => {
      await post('command', { user, text, command, channel });
    },
    /** Adds (or takes back) a reaction. */
    react: async (user: string, channel: string, ts: string, name: string, present = true): Promise<void> => {
      await post('reaction', { user, channel, ts, name, present });
    },
    /** Writes a message. @returns it */
    say: async (user: string, channel: string, text: string, threadTs?: string): Promise<LocalMessage> =>
      (await post('message', { user, channel, text, thread_ts: threadTs })).message,
    /** Changes one's own message. */
    edit: async (user: string, channel: string, ts: string, text: string): Promise<void> => {
      await post('edit-message', { user, channel, ts, text });
    },
    /** Deletes one's own message; the bot's messages are deleted by giving the bot's user id. */
    remove: async (user: string, channel: string, ts: string): Promise<void> => {
      await post('delete-message', { user, channel, ts });
    },
    /** Clicks a button the message shows. @throws when it shows no such button */
    click: async (user: string, channel: string, ts: string, which: string | ((button: Button) => boolean)) => {
      const message = await find(channel, ts);
      const action = buttons(message).find(typeof which === 'string' ? (one) => one.action_id === which : which);
      if (action === undefined) {
        const shown = buttons(message).map((one) => one.action_id);
        throw new Error(`no such button (${which}) on ${ts}; it shows ${shown.join(', ') || 'none'}`);
      }
      await post('interact', { user, channel, messageTs: ts, action });
    },
    /** Clicks a button with made-up values, as one that was drawn long ago. */
    clickStale: async (user: string, channel: string, ts: string, action: Button): Promise<void> => {
      await post('interact', { user, channel, messageTs: ts, action });
    },
    buttons: async (channel: string, ts: string): Promise<Button[]> => buttons(await find(channel, ts)),
    message: find,

    /** The modal on top, if one is open. There is one stack of modals for the whole workspace. */
    currentView: async (): Promise<PageView | undefined> => (await thePage()).currentView(),
    /**
     * Submits the open modal. `values` by block id or action id: text, an option's value, user ids, or for the rest the
     * state's own object. Inputs not named keep their initial values.
     * @returns the errors by block id the bot answered with, or null when it took the form
     */
    submitView: async (user: string, values: Record<string, unknown> = {}): Promise<Record<string, string> | null> =>
      (await thePage()).submit(user, values),
    closeView: async (user: string): Promise<void> => (await thePage()).close(user),

    openHome: async (user: string): Promise<void> => {
      await post('open-home', { user });
    },
    /** The App Home as it was last published for this person. */
    home: async (user: string): Promise<PageView | undefined> => (await thePage()).home(user, app.appId),

    /** What a channel shows: top-level messages, no replies, no ephemerals. */
    messages: async (channel: string): Promise<LocalMessage[]> =>
      (await visible(channel)).filter((message) => message.thread_ts === undefined),
    /** A thread's replies, without its root. */
    thread: async (channel: string, ts: string): Promise<LocalMessage[]> =>
      (await visible(channel)).filter((message) => message.thread_ts === ts),
    /** Removes what was said to single people: the page shows it to everybody. */
    forgetAnswers: async (channel = home): Promise<void> => {
      for (const { ts, ephemeral_to, user } of await all(channel))
        if (ephemeral_to) await post('delete-message', { user, channel, ts });
    },
    /** What only this person sees in a channel: answers to commands and buttons. */
    answers: async (user: string, channel = home): Promise<LocalMessage[]> =>
      (await all(channel)).filter((message) => message.ephemeral_to === user),
    /** The conversation between the bot and this person. */
    dms: async (user: string): Promise<LocalMessage[]> => {
      const channel = await channelOfDm(user);
      return channel === undefined ? [] : visible(channel);
    },
    channelOfDm,

    /** The last 1000 things between Slack and the bot, oldest first. */
    log: async (): Promise<LogEntry[]> => (await read('log')).log,
    until,
    /** Empties the workspace: messages, homes, modals, log. */
    reset: async (): Promise<void> => {
      await post('reset', {});
    },
    stop: async (): Promise<void> => {
      page?.stop();
      await server.stop();
    },
  };
}

/**
 * Waits for `condition` to give something truthy: asks every 10 ms at first, and the longer it takes the less often, for asking takes time from those
 * who are asked.
 * @throws after `ms` milliseconds, naming `what` and the last answer
 */
export async function until<T>(
  condition: () => T | Promise<T>,
  what: string,
  ms = 20_000,
): Promise<NonNullable<Exclude<T, false | 0 | ''>>> {
  const began = Date.now();
  let last: unknown;
  do {
    try {
      const found = await condition();
      if (found) return found as NonNullable<Exclude<T, false | 0 | ''>>;
      last = found;
    } catch (err) {
      last = err;
    }
    await wait(Math.min(100, 10 + (Date.now() - began) / 10));
  } while (Date.now() < began + ms);
  const shown = last instanceof Error ? last.message : JSON.stringify(last);
  throw new Error(`not within ${ms} ms: ${what}; last: ${String(shown).slice(0, 500)}`);
}

/** Every button (and menu) a message shows, with the block it stands in. */
export function buttons(message: { blocks?: LocalMessage['blocks'] }): Button[] {
  return (message.blocks ?? []).flatMap((block) => {
    const elements = [
      ...(block.type === 'actions' ? block.elements : []),
      ...(block.accessory ? [block.accessory] : []),
    ];
    return elements
      .filter((element) => element.action_id !== undefined)
      .map(({ type, action_id, value, text }) => ({ type, action_id, block_id: block.block_id, value, text }));
  });
}

// biome-ignore lint/suspicious/noExplicitAny: answers of a server we do not own; each caller names what it reads
async function request(url: string, body?: unknown): Promise<any> {
  const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
  const response = await fetch(url, body === undefined ? {} : init);
  const answer = (await response.json()) as { ok?: boolean; error?: string };
  if (!response.ok || answer.ok === false) throw new Error(`${url}: ${answer.error ?? response.status}`);
  return answer;
}

/**
 * Runs a server that ends, and clears its folder, when our end of its standard input closes: however we end, by kill -9
 * too. The folder comes first, then the server and its arguments.
 */
const GUARD = `
  dir=$1; shift; exec 3<&0
  "$@" 3<&- & server=$!
  (cat <&3 >/dev/null; kill -9 $server 2>/dev/null; rm -rf "$dir") &
  wait $server`;

async function launch(options: LocalSlackOptions, app: SlackApp) {
  let failure = '';
  for (let attempt = 0; attempt < 5; attempt++) {
    const port = attempt === 0 && options.port ? options.port : await freePort();
    const dir = await mkdtemp(join(tmpdir(), 'shipshape-slack-'));
    const child = spawnServer(dir, await writeConfig(dir, options, app), port);
    const running = await started(child);
    const stop = async (): Promise<void> => {
      await end(child);
      await rm(dir, { recursive: true, force: true, maxRetries: 3 });
    };
    if (running === true) return { port, url: `http://127.0.0.1:${port}`, pid: child.pid, stop };
    failure = running;
    await stop();
  }
  throw new Error(`local-slack does not start: ${failure}`);
}

async function writeConfig(dir: string, options: LocalSlackOptions, app: SlackApp): Promise<string> {
  const path = join(dir, 'config.json');
  const workspace = options.workspace ?? { name: 'Shipshape', domain: 'shipshape', teamId: 'T01SHIP' };
  const { users, channels, emojis = {} } = options;
  await writeFile(path, JSON.stringify({ workspace, apps: options.apps ?? [app], users, channels, emojis }));
  return path;
}

function spawnServer(dir: string, config: string, port: number): ChildProcess {
  const args = ['--config', config, '--port', String(port), '--base-host', '127.0.0.1'];
  // It inherits no environment but PATH: a mock has no business with tokens.
  const env = { PATH: process.env.PATH, TMPDIR: dir };
  // In a process group of its own: Ctrl-C is for us, and we stop it in our own order.
  return spawn('/bin/sh', ['-c', GUARD, 'sh', dir, binary(), ...args], { stdio: 'pipe', detached: true, env });
}

function binary(): string {
  try {
    const found = createRequire(import.meta.url).resolve('local-slack-linux-x64/package.json');
    const path = join(dirname(found), 'bin', 'local-slack');
    if (existsSync(path)) return path;
  } catch {
    // Not this platform: the optional dependency was not installed.
  }
  return 'local-slack';
}

/** @returns true when it serves, or why it does not */
function started(child: ChildProcess): Promise<true | string> {
  return new Promise((resolve) => {
    let output = '';
    const timer = setTimeout(() => resolve(`silent for 10 s: ${output.slice(-300)}`), 10_000);
    const settle = (result: true | string): void => {
      clearTimeout(timer);
      resolve(result);
    };
    const hear = (chunk: Buffer): void => {
      output = (output + chunk).slice(-4000);
      if (output.includes('local-slack is running')) settle(true);
    };
    child.stdout?.on('data', hear);
    child.stderr?.on('data', hear);
    child.once('error', (err) => settle(err.message));
    child.once('exit', (code) => settle(`exit ${code}: ${output.slice(-300)}`));
  });
}

async function end(child: ChildProcess): Promise<void> {
  child.stdin?.end();
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  const group = -child.pid;
  const hard = setTimeout(() => process.kill(group, 'SIGKILL'), 2_000);
  await gone;
  clearTimeout(hard);
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
