import { expect, it } from 'vitest';
import type { BotDeps } from '../../src/bot/deps.ts';
import { regressionButton } from '../../src/bot/regression-buttons.ts';

it('a button in a modal, where no message can be answered beside, is answered by a modal on top', async () => {
  const shown: unknown[] = [];
  const deps = {
    slack: { pushView: async (trigger: string, view: unknown) => void shown.push(trigger, view) },
  } as unknown as BotDeps;
  const press = {
    ack: async () => undefined,
    respond: async () => expect.unreachable(),
    action: { action_id: 'regression_pass', value: 'x', action_ts: '1' },
    body: { user: { id: 'U0ANA' }, view: { id: 'V1' }, trigger_id: 'T1' },
  };
  await regressionButton(deps)(press as never);
  expect(shown).toEqual(['T1', expect.objectContaining({ type: 'modal', title: expect.anything() })]);
  expect(JSON.stringify(shown)).toContain('I do not know that button any more');
});
