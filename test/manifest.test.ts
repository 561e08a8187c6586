import { readdirSync, readFileSync } from 'node:fs';
import { App, type Receiver } from '@slack/bolt';
import { Ajv } from 'ajv';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { parse } from 'yaml';
import type { Identity } from '../src/base/slack.ts';
import { LISTENS, makeApp } from '../src/bot/app.ts';
import type { BotDeps } from '../src/bot/deps.ts';
import { keptLog } from './support/quiet.ts';

const at = (path: string) => new URL(`../${path}`, import.meta.url);
const text = (path: string) => readFileSync(at(path), 'utf8');

interface Manifest {
  features: {
    shortcuts: { callback_id: string; type: string }[];
    slash_commands: { command: string; usage_hint: string; should_escape: boolean }[];
  };
  oauth_config: { scopes: { bot: string[]; user?: string[] } };
  settings: {
    event_subscriptions: { bot_events: string[] };
    interactivity: { is_enabled: boolean };
    socket_mode_enabled: boolean;
  };
}
const manifest = parse(text('manifest.yml')) as Manifest;
const sorted = (list: Iterable<string>) => [...new Set(list)].sort();

/** The bot scopes each Web API method needs for what it is used for here, from Slack's reference of methods. */
const METHOD_SCOPES: Record<string, string[]> = {
  'auth.test': [],
  'chat.getPermalink': [],
  'chat.postMessage': ['chat:write'],
  'chat.update': ['chat:write'],
  // Posts are looked up in channels, public and private, and in direct messages.
  'conversations.history': ['channels:history', 'groups:history', 'im:history'],
  'conversations.info': ['channels:read', 'groups:read'],
  'conversations.open': ['im:write'],
  'conversations.replies': ['channels:history', 'groups:history'],
  'emoji.list': ['emoji:read'],
  'files.completeUploadExternal': ['files:write'],
  'files.getUploadURLExternal': ['files:write'],
  'reactions.get': ['reactions:read'],
  'usergroups.users.list': ['usergroups:read'],
  'users.info': ['users:read'],
  'views.open': [],
  'views.publish': [],
  'views.push': [],
  'views.update': [],
  // With the app-level token, whose scope is no bot scope.
  'apps.connections.open': [],
};

/** The events Slack knows for each name a listener uses, and their scopes. */
const EVENT_SCOPES: Record<string, Record<string, string[]>> = {
  app_home_opened: { app_home_opened: [] },
  message: { 'message.channels': ['channels:history'], 'message.groups': ['groups:history'] },
  reaction_added: { reaction_added: ['reactions:read'] },
  reaction_removed: { reaction_removed: ['reactions:read'] },
};

/** Names in quotes that look like Web API methods, in the only folder that talks to Slack's Web API. */
function calledMethods(): string[] {
  const files = readdirSync(at('src/gateways')).filter((name) => /^(slack|app-token)/.test(name));
  const sources = files.map((name) => text(`src/gateways/${name}`));
  return sorted(sources.flatMap((s) => [...s.matchAll(/'([a-z]+(?:\.[a-zA-Z]+)+)'/g)].map((m) => m[1] as string)));
}

describe('manifest.yml', () => {
  afterEach(() => vi.restoreAllMocks());

  it("is accepted by Slack's published schema", () => {
    const schema = JSON.parse(text('test/fixtures/slack-app-manifest.schema.2.0.0.json'));
    const validate = new Ajv({ strict: false, allErrors: true, validateFormats: false }).compile(schema);
    validate(manifest);
    expect(validate.errors ?? []).toEqual([]);
  });

  it('names the commands, shortcuts and events that the bot listens to, and no others', () => {
    expect(sorted(manifest.features.slash_commands.map((c) => c.command))).toEqual(sorted(LISTENS.commands));
    expect(sorted(manifest.features.shortcuts.map((s) => s.callback_id))).toEqual(sorted(LISTENS.shortcuts));
    const events = LISTENS.events.flatMap((name) => Object.keys(EVENT_SCOPES[name] ?? { [name]: [] }));
    expect(sorted(manifest.settings.event_subscriptions.bot_events)).toEqual(sorted(events));
  });

  it('is complete: LISTENS is what the Bolt app registers', () => {
    const spies = {
      commands: vi.spyOn(App.prototype, 'command'),
      shortcuts: vi.spyOn(App.prototype, 'shortcut'),
      events: vi.spyOn(App.prototype, 'event'),
      others: vi.spyOn(App.prototype, 'message'),
    };
    const receiver: Receiver = { init: () => {}, start: async () => {}, stop: async () => {} };
    const me: Identity = { userId: 'U0BOT', botId: 'B0BOT', teamId: 'T0TEAM', team: 'team', url: '', scopes: [] };
    makeApp(receiver, { log: keptLog().log } as BotDeps, me, { token: 'xoxb-test', apiUrl: 'http://127.0.0.1:9/' });
    const name = (by: unknown) => (typeof by === 'object' && by && 'callback_id' in by ? by.callback_id : by);
    const names = (spy: { mock: { calls: unknown[][] } }) => sorted(spy.mock.calls.map(([by]) => String(name(by))));
    expect(names(spies.commands)).toEqual(sorted(LISTENS.commands));
    expect(names(spies.shortcuts)).toEqual(sorted(LISTENS.shortcuts));
    expect(names(spies.events)).toEqual(sorted(LISTENS.events));
    expect(names(spies.others)).toEqual([]);
  });

  it('asks for the scopes that the code uses, and no others', () => {
    const methods = calledMethods();
    expect(methods.filter((name) => !METHOD_SCOPES[name])).toEqual([]);
    expect(methods).toContain('chat.postMessage');
    const used = [
      ...methods.flatMap((name) => METHOD_SCOPES[name] ?? []),
      ...LISTENS.events.flatMap((name) => Object.values(EVENT_SCOPES[name] ?? {}).flat()),
      ...(LISTENS.commands.length + LISTENS.shortcuts.length ? ['commands'] : []),
    ];
    expect(sorted(manifest.oauth_config.scopes.bot)).toEqual(sorted(used));
    expect(manifest.oauth_config.scopes.user ?? []).toEqual([]);
  });

  it('knows every way to the Web API: only the gateways make a client, and listeners leave theirs alone', () => {
    const files = readdirSync(at('src'), { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
    for (const name of files) {
      const source = text(`src/${name}`);
      if (!name.startsWith('gateways/')) expect(source, name).not.toMatch(/\bWebClient\b/);
      if (name.startsWith('bot/')) expect(source, name).not.toMatch(/\b(?:app\.)?client\.[a-z]+\.[a-z]/);
    }
  });

  it('turns on what the bot relies on', () => {
    expect(manifest.settings.socket_mode_enabled).toBe(true);
    expect(manifest.settings.interactivity.is_enabled).toBe(true);
    for (const command of manifest.features.slash_commands) {
      expect(command.usage_hint).not.toBe('');
      // What people type is parsed as they typed it; only where people are named must they arrive as ids.
      expect(command.should_escape, command.command).toBe(command.command !== '/release');
    }
  });
});
