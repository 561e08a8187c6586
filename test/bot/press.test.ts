import { describe, expect, it } from 'vitest';
import { makeMetrics } from '../../src/base/metrics.ts';
import type { BotDeps } from '../../src/bot/deps.ts';
import { cameTo, idsOf, nameOfPress, pressListener } from '../../src/bot/press.ts';
import { regressionButton } from '../../src/bot/regression-buttons.ts';

describe('what a press means', () => {
  it('is said by the button, or in a menu by what was chosen', () => {
    expect(nameOfPress('bug_fixed', '7:102')).toEqual({ name: 'fixed', of: '7:102' });
    expect(nameOfPress('bug_tried_no', '7')).toEqual({ name: 'tried_no', of: '7' });
    expect(nameOfPress('pi_more', 'reopen:3')).toEqual({ name: 'reopen', of: '3' });
    expect(nameOfPress('release_more', 'unhold:12:4')).toEqual({ name: 'unhold', of: '12:4' });
    expect(nameOfPress('test_more', 'skip|5:0:0:login', '|')).toEqual({ name: 'skip', of: '5:0:0:login' });
    expect(nameOfPress('note_more', '')).toEqual({ name: '', of: '' });
    expect(nameOfPress('strange', 'x')).toEqual({ name: '', of: 'x' });
  });

  it('ids are whole numbers from 1 on, and nothing else', () => {
    expect(idsOf('12:34')).toEqual([12, 34]);
    expect(idsOf('12:undefined')).toEqual([12, undefined]);
    for (const odd of ['', '0', '-1', '1e3', ' 7', '7.0', '9'.repeat(16)]) expect(idsOf(odd)).toEqual([undefined]);
  });
});

describe('how a press is answered', () => {
  const said: unknown[] = [];
  const warned: unknown[] = [];
  const deps = {
    slack: { pushView: async (trigger: string, view: unknown) => void said.push(trigger, view) },
    clock: () => new Date(),
    log: { warn: (about: unknown) => void warned.push(about), error: (about: unknown) => void warned.push(about) },
  } as unknown as BotDeps;
  const args = (body: object, respond = async (text: unknown) => void said.push(text)) => ({
    ack: async () => void said.push('ack'),
    respond,
    action: { action_id: 'regression_pass', value: 'x', action_ts: '1' },
    body: { user: { id: 'U0ANA' }, trigger_id: 'T1', ...body },
  });
  const press = async (a: object, listener = pressListener(deps, async () => 'done')) => {
    said.length = 0;
    warned.length = 0;
    await listener(a as never);
    return said;
  };
  const URL = { response_url: 'https://slack.example/r' };

  it('acknowledged first, then beside the message, only to who pressed', async () => {
    expect(await press(args(URL))).toEqual([
      'ack',
      { response_type: 'ephemeral', replace_original: false, text: 'done' },
    ]);
    expect(
      await press(
        args(URL),
        pressListener(deps, async () => null),
      ),
    ).toEqual(['ack']);
  });

  it('in a modal, where no message can be answered beside, by a modal on top', async () => {
    const shown = await press(args({ view: { id: 'V1', type: 'modal' } }), regressionButton(deps));
    expect(shown).toEqual(['ack', 'T1', expect.objectContaining({ type: 'modal', title: expect.anything() })]);
    expect(JSON.stringify(shown)).toContain('I do not know that button any more');
    expect(await press(args({ view: { id: 'V1', type: 'home' } }))).toEqual(['ack']);
  });

  it('an answer that does not arrive undoes nothing: it is noted, and nobody hears that the act failed', async () => {
    const gone = async () => Promise.reject(new Error('expired_url'));
    expect(await press(args(URL, gone))).toEqual(['ack']);
    expect(warned).toHaveLength(1);
  });

  it('what another instance did is counted, and told by that one alone', async () => {
    const metrics = makeMetrics();
    const came = (repeated: boolean) =>
      cameTo({ ...deps, metrics }, 'x', { answer: { outcome: 'accepted', text: 'done' }, repeated });
    expect([came(false), came(true)]).toEqual(['done', null]);
    const { values } = await metrics.commands.get();
    expect(values).toMatchObject([{ value: 2, labels: { command: 'button', subcommand: 'x', outcome: 'accepted' } }]);
  });

  it('what breaks becomes an apology', async () => {
    const broken = pressListener(deps, async () => Promise.reject(new Error('no such table')));
    expect(JSON.stringify(await press(args(URL), broken))).toContain('Something went wrong on my side');
  });
});
