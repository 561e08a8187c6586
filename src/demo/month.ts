import { fileURLToPath } from 'node:url';
import { addDays, isWorkday, momentOf } from '../base/zone.ts';
import { startEmbedded } from '../db/embedded.ts';
import { handsOn, type Teller } from './day-hands.ts';
import type { LocalSlack } from './local-slack.ts';
import { actsOf, daily } from './month-acts.ts';
import { type MovedClock, moveClock } from './moved-clock.ts';
import { type Bot, startBot } from './world.ts';

const CONFIG = fileURLToPath(new URL('month.yml', import.meta.url));
const ZONE = 'Europe/London';
/** As month.yml has them: Good Friday and Easter Monday. On the Sunday between them the clocks go forward. */
const HOLIDAYS = ['2027-03-26', '2027-03-29'];
/** Three working days before the month, when its plan is made, and the day after it, when it is summed up. */
const FIRST = '2027-02-24';
const LAST = '2027-04-01';
/** When something comes round, or somebody does something, on a working day; and on others. */
const WORKDAY = ['08:30', '09:00', '09:30', '10:00', '11:05', '13:30', '14:00', '15:00', '16:05'];
const DAY_OFF = ['09:00', '15:00'];

/** The bot on a database of its own, whose clock stands at the month's beginning. */
export async function startMonth(slack: LocalSlack, dataDir: string): Promise<{ bot: Bot; clock: MovedClock }> {
  const server = await startEmbedded({ dir: dataDir, fast: true, log: () => {} });
  const clock = await moveClock(server.url, momentOf(ZONE, `${FIRST}T08:00`));
  const env = { DATABASE_URL: server.url, DEMO_CLOCK: '1' };
  const started = await startBot(slack, dataDir, () => {}, { config: CONFIG, env });
  const stop = async () => {
    const code = await started.stop();
    await clock.stop();
    await server.stop();
    return code;
  };
  return { bot: { ...started, stop }, clock };
}

/**
 * Plays March 2027: moves the clock from each time at which something comes round to the next, and waits until the bot has done it. What
 * is said in #releases is told; people do what they do on that day.
 * @param last the day after which it ends, when not all of it is wanted
 */
export async function playMonth(slack: LocalSlack, clock: MovedClock, tell: Teller, last = LAST): Promise<void> {
  const hands = handsOn(slack, tell);
  const acts = actsOf(hands, clock);
  const said = news(slack, tell);
  for (let day = FIRST; day <= last; day = addDays(day, 1)) {
    const works = isWorkday(day, HOLIDAYS);
    for (const time of works ? WORKDAY : DAY_OFF) {
      await clock.to(momentOf(ZONE, `${day}T${time}`));
      await said(`${day} ${time}`);
      await acts[`${day}T${time}`]?.();
      if (works && time === '11:05') await daily(hands, clock, day);
      await clock.settled();
    }
    if (!works) tell.does('—', `${day}: nobody is disturbed`);
  }
}

/** Tells what is new in #releases, by its first line. */
function news(slack: LocalSlack, tell: Teller): (when: string) => Promise<void> {
  let known = 0;
  return async (when) => {
    const all = await slack.messages('C0RELEASES');
    for (const { text } of all.slice(known)) tell.saw(`${when}  #releases  ${text.split('\n')[0]}`);
    known = all.length;
  };
}
