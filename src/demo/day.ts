import { playAfternoon } from './day-afternoon.ts';
import { handsOn, type Teller } from './day-hands.ts';
import { playMorning } from './day-morning.ts';
import type { LocalSlack } from './local-slack.ts';

/**
 * Plays a whole day of the operations team, with the facts of two releases of shapeshift/unchained. In the morning v7.1.0 is tested, ships, breaks something for
 * users and is rolled back; in the afternoon v7.2.0 meets a blocker, gets a second candidate and ships. Every step waits for what Slack shows, so it
 * fails loudly when Shipshape does not do its part.
 */
export async function playDay(slack: LocalSlack, tell: Teller): Promise<void> {
  const hands = handsOn(slack, tell);
  await playMorning(hands);
  await playAfternoon(hands);
}
