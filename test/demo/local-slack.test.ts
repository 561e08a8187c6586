import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { App } from '@slack/bolt';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeMetrics } from '../../src/base/metrics.ts';
import type { Block, Slack } from '../../src/base/slack.ts';
import { type Connection, socketConnection } from '../../src/bot/connection.ts';
import { stateOf } from '../../src/demo/local-slack-page.ts';
import { makeSlack } from '../../src/gateways/slack.ts';
import { keptLog } from '../support/quiet.ts';
import { CHANNELS, DEFAULT_APP, type LocalSlack, PEOPLE, startSlack, until } from '../support/slack.ts';

const { releases } = CHANNELS;
let local: LocalSlack;
let connection: Connection;
let slack: Slack;
let app: App;
beforeAll(async () => {
  local = await startSlack();
  const { log } = keptLog();
  connection = socketConnection({ appToken: DEFAULT_APP.appToken, apiUrl: local.apiUrl, log });
  slack = makeSlack({ token: DEFAULT_APP.botToken, apiUrl: local.apiUrl, metrics: makeMetrics(), log });
  app = new App({
    token: DEFAULT_APP.botToken,
    receiver: connection.receiver,
    clientOptions: { slackApiUrl: local.apiUrl },
  });
  await connection.start();
});
afterAll(async () => {
  await connection.stop();
  await local.stop();
});

const input = (block_id: string, element: Record<string, unknown>): Block => ({
  type: 'input',
  block_id,
  label: { type: 'plain_text', text: block_id },
  element: { action_id: 'value', ...element },
});

describe('the hands of people in a local Slack', () => {
  it('fills in and submits a modal, and sees its errors', async () => {
    const blocks = [
      input('version', { type: 'plain_text_input' }),
      input('kind', {
        type: 'static_select',
        options: [{ value: 'a' }, { value: 'b' }],
        initial_option: { value: 'a' },
      }),
      input('authors', { type: 'multi_users_select' }),
    ];
    app.command('/release', async ({ ack, command }) => {
      await ack();
      await slack.openView(command.trigger_id, { type: 'modal', callback_id: 'open', blocks });
    });
    const seen: unknown[] = [];
    app.view('open', async ({ ack, view }) => {
      const version = view.state.values.version?.value?.value;
      seen.push(view.state.values);
      if (version === 'bad') await ack({ response_action: 'errors', errors: { version: 'not a version' } });
      else await ack();
    });
    await local.command(PEOPLE.ana, 'open');
    await until(() => local.currentView(), 'the modal is open');
    expect(await local.submitView(PEOPLE.ana, { version: 'bad' })).toEqual({ version: 'not a version' });
    expect(await local.submitView(PEOPLE.ana, { version: '1.2', authors: [PEOPLE.ben] })).toBeNull();
    expect(await local.currentView()).toBeUndefined();
    expect(seen[1]).toMatchObject({
      version: { value: { value: '1.2' } },
      kind: { value: { selected_option: { value: 'a' } } },
      authors: { value: { selected_users: [PEOPLE.ben] } },
    });
    await expect(local.submitView(PEOPLE.ana, {})).rejects.toThrow('no modal is open');
  });

  it('clicks the buttons that are there, and only those', async () => {
    const clicked: unknown[] = [];
    app.action('lgtm', async ({ ack, body, action }) => {
      await ack();
      clicked.push([body.user.id, 'value' in action ? action.value : undefined, action.type]);
    });
    const elements = [
      { type: 'button', action_id: 'lgtm', value: 'REL-1', text: { type: 'plain_text', text: 'LGTM' } },
    ];
    const blocks = [{ type: 'divider' }, { type: 'actions', block_id: 'acts', elements }];
    const { ts } = await slack.postMessage({ channel: releases, text: 'card', blocks, outboxId: 1 });
    await local.click(PEOPLE.ben, releases, ts, 'lgtm');
    await until(() => clicked.length === 1, 'the click is heard');
    expect(clicked).toEqual([[PEOPLE.ben, 'REL-1', 'button']]);
    await expect(local.click(PEOPLE.ben, releases, ts, 'ship')).rejects.toThrow('it shows lgtm');
  });

  it('opens the App Home', async () => {
    app.event('app_home_opened', async ({ event }) => {
      await slack.publishHome(event.user, { type: 'home', blocks: [{ type: 'divider' }] });
    });
    await local.openHome(PEOPLE.cem);
    await until(() => local.home(PEOPLE.cem), 'the home is published');
    expect(await local.home(PEOPLE.dee)).toBeUndefined();
  });

  it('names what it waited for', async () => {
    await expect(until(async () => 0, 'pigs fly', 30)).rejects.toThrow('not within 30 ms: pigs fly; last: 0');
  });

  it('takes another port when the one wished for is taken, and leaves nothing behind', async () => {
    const second = await startSlack({ port: local.port });
    expect(second.port).not.toBe(local.port);
    const { pid } = second;
    await second.stop();
    expect(() => process.kill(pid ?? 0, 0)).toThrow('ESRCH');
  });
});

describe('its end', () => {
  it('comes with the end of who started it, by kill -9 too', async () => {
    const script = `
      import { startSlack } from './test/support/slack.ts';
      console.log((await startSlack()).url);`;
    const args = ['--import', 'tsx', '--input-type=module', '-e', script];
    const parent = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    const [line] = await once(createInterface(parent.stdout), 'line');
    expect((await fetch(`${line}/_control/state`)).status).toBe(200);
    parent.kill('SIGKILL');
    const answers = () => fetch(`${line}/_control/state`).catch(() => undefined);
    await until(async () => (await answers()) === undefined, 'local-slack is gone');
  });
});

describe('stateOf', () => {
  const view = (element: Record<string, unknown>) => ({
    id: 'V1',
    type: 'modal' as const,
    blocks: [input('x', element)],
  });
  const options = [{ value: 'a' }, { value: 'b' }];
  it.each([
    [{ type: 'checkboxes', options }, ['a', 'b'], { selected_options: options }],
    [{ type: 'checkboxes', options }, undefined, { selected_options: [] }],
    [{ type: 'radio_buttons', options }, 'b', { selected_option: { value: 'b' } }],
    [{ type: 'users_select', initial_user: 'U1' }, undefined, { selected_user: 'U1' }],
    [{ type: 'datepicker' }, '2026-01-02', { selected_date: '2026-01-02' }],
    [{ type: 'timepicker' }, undefined, { selected_time: null }],
    [{ type: 'plain_text_input', initial_value: 'i' }, undefined, { value: 'i' }],
    [{ type: 'url_text_input' }, { type: 'url_text_input', value: 'u' }, { value: 'u' }],
  ])('is what Slack sends for %o filled in with %o', (element, given, expected) => {
    const state = stateOf(view(element), given === undefined ? {} : { x: given });
    expect(state).toEqual({ x: { value: { type: element.type, ...expected } } });
  });

  it('refuses what the form does not have', () => {
    expect(() => stateOf(view({ type: 'static_select', options }), { x: 'c' })).toThrow('no option c');
    expect(() => stateOf(view({ type: 'plain_text_input' }), { y: 'c' })).toThrow('no input y');
  });
});
