// How a command is answered: at once, or when it takes long, first that it is being worked on.
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { SlackError } from '../../src/base/slack.ts';
import { answerInTime, type Reply } from '../../src/bot/answer.ts';
import type { BotDeps } from '../../src/bot/deps.ts';
import { keptLog } from '../support/quiet.ts';

const deps = { log: keptLog().log } as unknown as BotDeps;
const heard: string[] = [];
const to = {
  ack: async (said: { text: string }) => void heard.push(`ack ${said.text}`),
  respond: async (said: { text: string }) => void heard.push(`then ${said.text}`),
} as never;
const DONE: Reply = { text: 'Done.', outcome: 'accepted' };

beforeEach(() => {
  heard.length = 0;
  vi.useFakeTimers();
});
afterEach(() => void vi.useRealTimers());

/** A command that takes so long, in ms. */
const takes = (ms: number, reply: Reply): Promise<Reply> =>
  new Promise((done) => {
    setTimeout(done, ms, reply);
  });

test.each([
  [2_400, DONE, ['ack Done.']],
  [2_600, DONE, ['ack Working on it; the answer follows here.', 'then Done.']],
  // Another instance answers.
  [2_600, { ...DONE, repeated: true }, ['ack Working on it; the answer follows here.']],
])('a command that takes %i ms: %j', async (ms, reply, said) => {
  const outcome = answerInTime(deps, to, takes(ms, reply));
  await vi.advanceTimersByTimeAsync(5_000);
  expect(await outcome).toBe('accepted');
  expect(heard).toEqual(said);
});

test('what breaks becomes an apology, whoever else is at the same thing', async () => {
  const busy = new Error('canceling statement due to lock timeout');
  expect(await answerInTime(deps, to, Promise.reject(busy))).toBe('failed');
  expect(heard.join()).toContain('Somebody else is at the same thing right now; nothing was changed.');
});

test.each([
  [300_000, 'in 5 min'],
  [301_000, 'in 6 min'],
  [59_000, 'in a minute'],
])('R5: what Slack limits (for %i ms) is told as that, with when to try again', async (retryAfterMs, when) => {
  const limited = new SlackError('rate_limited', { method: 'users.info', code: 'ratelimited', retryAfterMs });
  expect(await answerInTime(deps, to, Promise.reject(limited))).toBe('failed');
  expect(heard).toEqual([
    `ack :x: Slack limits how often I may ask it (users.info), and I need that for this; nothing was changed. Please try again ${when}.`,
  ]);
});
