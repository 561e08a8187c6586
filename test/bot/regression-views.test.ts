import { expect, test } from 'vitest';
import type { BotDeps } from '../../src/bot/deps.ts';
import { bugFormOfFailed, casesFor } from '../../src/bot/regression-views.ts';
import { anAssignment, CALENDAR_POLICY } from '../support/calendar.ts';
import { aSpec, aSpecCase } from '../support/testing.ts';

const specs = aSpec([
  aSpecCase('trade-native', { area: { wallet: 'Native', feature: 'trade' } }),
  aSpecCase('trade-ledger', { area: { wallet: 'ledger', feature: 'Trade' } }),
  aSpecCase('send-any', { area: { wallet: 'any', feature: 'Send' } }),
  aSpecCase('send-native', { area: { wallet: 'native', feature: 'Send' } }),
]);
const deps = { policy: CALENDAR_POLICY, specs } as BotDeps;
const ids = (wallet: string, feature: string, on = deps) =>
  casesFor(on, anAssignment({ wallet, feature })).map((c) => c.id);

test('an assignment has the cases of its area in the test spec, and those of any wallet, however they are written', () => {
  expect(ids('native', 'Trade')).toEqual(['trade-native']);
  expect(ids('native', 'Send')).toEqual(['send-any', 'send-native']);
  expect(ids('ledger', 'Receive')).toEqual([]);
  expect(ids('native', 'Trade', { policy: CALENDAR_POLICY } as BotDeps)).toEqual([]);
});

test('a failed one fills the bug form in: area, wallet, key feature, and the steps where one case says them', () => {
  const form = JSON.stringify(bugFormOfFailed(deps, anAssignment({ feature: 'Trade', note: 'NaN' })));
  expect(form).toContain('Trade with native (regression RA-12)');
  expect(form).toContain('1. Do this\\n2. Do that\\nExpected: It works\\nInstead: NaN');
  expect(form).toContain('"initial_value":"native"');
  expect(form).toMatch(/"initial_option":\{"text":\{"type":"plain_text","text":"Trade"/);
  expect(JSON.stringify(bugFormOfFailed(deps, anAssignment()))).not.toContain('Expected');
});
