import type { Hands, Person } from './day-hands.ts';
import type { MovedClock } from './moved-clock.ts';
import { CHANNELS, PEOPLE } from './world.ts';

const { ayo, bea, chen, mira, ada } = PEOPLE;
const TESTERS: Record<string, Person> = { [ayo.id]: ayo, [bea.id]: bea, [chen.id]: chen };
/** Somebody forgets: a reminder in the afternoon, the owner hears of it the day after; on the month's last day it stays undone. */
const FORGETS = ['2027-03-09', '2027-03-31'];
/** A test fails: the bug form opens. */
const FAILS = '2027-03-04';

/** What people do on a time of the month, besides their regression tests. */
export function actsOf(h: Hands, clock: MovedClock): Record<string, () => Promise<void>> {
  return {
    '2027-02-24T09:30': async () => {
      h.chapter(
        'Three working days before March its regression tests are planned; their testers hear of it when their day begins',
      );
      await h.dm(ayo, 'The regression calendar for March 2027 is made');
    },
    '2027-03-01T10:00': async () => {
      h.chapter('A release goes out in its slot');
      await ship(h, clock, 'v8.0.0', '8ba8d99');
    },
    '2027-03-03T11:05': async () => {
      h.chapter('And not outside of it');
      await approve(h, 'v8.1.0', '77c01d2');
      await h.command(mira, 'ship v8.1.0');
      await h.answer(mira, 'slot');
    },
    '2027-03-03T15:00': () => finish(h, 'v8.1.0'),
    '2027-03-05T09:30': async () => {
      h.chapter('A slot for which no release is open: who is on duty is asked');
      await h.dm(bea, 'SLOT-');
    },
    '2027-03-08T09:30': async () => {
      h.chapter('A freeze: the quarter ends');
      await h.command(mira, 'freeze 2027-03-10 2027-03-12 the quarter ends');
      await h.answer(mira, 'the quarter ends');
    },
    '2027-03-09T13:30': async () => {
      h.chapter(
        'Ayo forgot a test: a reminder in the afternoon, and the day after one to Ada, who answers for the calendar',
      );
      await h.dm(ayo, 'RA-11');
    },
    '2027-03-10T09:30': async () => {
      await h.dm(ada, 'RA-11');
    },
    '2027-03-11T10:00': async () => {
      await approve(h, 'v8.2.0', 'a91e3b4');
      await h.command(mira, 'ship v8.2.0');
      await h.answer(mira, 'emergency');
    },
    '2027-03-12T09:30': async () => {
      h.chapter('Chen will be away for a week: the rest of the month is planned again, and those concerned are told');
      await h.command(chen, 'away 2027-03-15 2027-03-19', '/regression');
      await h.answer(chen, 'away');
      await h.dm(ayo, 'is away');
    },
    '2027-03-15T10:00': () => finish(h, 'v8.2.0'),
    '2027-03-18T09:00': async () => {
      h.chapter('A slot without two sets of eyes says so before it begins');
      await h.command(mira, 'open v8.3.0 5d20c7f');
      await h.open(CHANNELS.releases, 'unchained v8.3.0');
      await h.command(ayo, 'ready v8.3.0');
    },
    '2027-03-18T10:00': async () => {
      const release = await h.open(CHANNELS.releases, 'unchained v8.3.0');
      await release.line('set');
      await h.command(bea, 'ready v8.3.0');
      for (const who of [ayo, bea]) await h.command(who, 'lgtm v8.3.0');
      await finish(h, 'v8.3.0');
    },
    '2027-03-25T16:05': async () => h.chapter('Easter, and the clocks go forward on Sunday'),
    '2027-03-30T10:00': () => ship(h, clock, 'v8.4.0', 'c0ffee1'),
    '2027-04-01T09:00': async () => {
      h.chapter('The month is over: what was covered');
      await h.command(ada, 'month 2027-03', '/regression');
      await h.answer(ada, 'March 2027');
    },
  };
}

/** Everybody does the regression tests that are theirs that day; with the exceptions that make it a month. */
export async function daily(h: Hands, clock: MovedClock, day: string): Promise<void> {
  const due = await clock.query(
    `select 'RA-' || id as id, tester, wallet, feature from regression_assignments where day = $1 and state = 'planned' order by id`,
    [day],
  );
  for (const [i, { id, tester, wallet, feature }] of due.entries()) {
    const who = TESTERS[String(tester)];
    if (!who || (FORGETS.includes(day) && i === 0)) continue;
    if (day === FAILS && i === 0) {
      await h.command(who, `fail ${id} the amount is not shown`, '/regression');
      await h.fill(who, `${feature}`, { steps: `${feature} with ${wallet}` });
      continue;
    }
    await h.slack.command(who.id, `pass ${id}`, '/regression', CHANNELS.releases);
  }
}

async function approve(h: Hands, version: string, commit: string): Promise<void> {
  await h.command(mira, `open ${version} ${commit}`);
  const release = await h.open(CHANNELS.releases, `unchained ${version}`);
  for (const who of [ayo, bea]) await h.command(who, `ready ${version}`);
  for (const who of [ayo, bea]) await h.command(who, `lgtm ${version}`);
  await release.line('*Approved*');
}

async function finish(h: Hands, version: string): Promise<void> {
  const release = await h.open(CHANNELS.releases, `unchained ${version}`);
  await h.command(mira, `ship ${version}`);
  await release.line('*Shipping*');
  await h.command(mira, `shipped ${version}`);
  await release.line('*Live*');
  for (const who of [ayo, bea]) await h.command(who, `ready ${version}`);
  for (const who of [ayo, bea]) await h.command(who, `verify ${version}`);
  await release.line('*Done*');
}

async function ship(h: Hands, clock: MovedClock, version: string, commit: string): Promise<void> {
  await approve(h, version, commit);
  await clock.settled();
  await finish(h, version);
}
