import type { Button, LocalMessage, LocalSlack } from './local-slack.ts';
import { until } from './local-slack.ts';
import { CHANNELS, PEOPLE } from './world.ts';

/** How the demo speaks: a heading, what somebody does, what Shipshape answered. */
export interface Teller {
  chapter(title: string): void;
  does(who: string, what: string): void;
  saw(what: string): void;
}

const { ayo, bea, chen, mira, pia } = PEOPLE;
const { releases } = CHANNELS;

/**
 * Plays a whole release day: opened by form, two sets of eyes, a word that does not count, a hold, a second candidate, both sign-offs, the push, the production
 * check, done. Every step waits for what Slack shows, so it fails loudly when Shipshape does not do its part.
 */
export async function playDay(slack: LocalSlack, tell: Teller): Promise<void> {
  tell.chapter('A release is opened');
  tell.does(mira.name, '/release open   (and fills in the form)');
  await slack.command(mira.id, 'open', '/release', releases);
  await until(async () => await slack.currentView(), 'the form');
  const faults = await slack.submitView(mira.id, {
    version: 'v7.2.0',
    commit: 'BAFFF87',
    opsOwner: ayo.id,
    productOwner: pia.id,
    authors: [PEOPLE.noah.id],
    changes: 'Avalanche is named Avalanche everywhere. EVM transaction history loads in one request.',
    risks: 'Transaction history of every EVM chain.',
    flags: 'avalanche-history',
  });
  if (faults) throw new Error(`the form was refused: ${JSON.stringify(faults)}`);
  const card = await until(
    async () => (await slack.messages(releases)).find((m) => m.text.includes('v7.2.0')),
    'the card',
  );
  const day = watch(slack, card, tell);
  await day.thread('Owners');

  tell.chapter('Nobody tests alone');
  tell.does(ayo.name, 'reacts with :eyes: on the card');
  await slack.react(ayo.id, releases, card.ts, 'eyes');
  await day.line('is here and testing (1/2)');
  tell.does(ayo.name, 'writes LGTM in the thread, too early');
  await slack.say(ayo.id, releases, 'LGTM', card.ts);
  await day.dm(ayo.id, 'waiting for two sets of eyes');
  tell.does(bea.name, "presses I'm here");
  await day.press(bea.id, card.ts, 'release_ready');
  await day.line('two sets of eyes are here');

  tell.chapter('What is no sign-off');
  tell.does(bea.name, 'writes "not LGTM yet, the history is slow"');
  await slack.say(bea.id, releases, 'not LGTM yet, the history is slow', card.ts);
  await day.dm(bea.id, 'it was not counted');
  tell.does(mira.name, '/release lgtm   (she is its manager)');
  await slack.command(mira.id, 'lgtm');
  await day.answer(mira.id, 'only an operator');

  tell.chapter('A hold, and a second candidate');
  tell.does(ayo.name, 'presses LGTM');
  await day.press(ayo.id, card.ts, 'release_lgtm');
  await day.line('signed off `bafff87` (1/2)');
  tell.does(bea.name, '/release hold history takes 20 s');
  await slack.command(bea.id, 'hold history takes 20 s');
  await day.line('On hold');
  tell.does(mira.name, '/release candidate 1282ce5');
  await slack.command(mira.id, 'candidate 1282ce5');
  await day.line('named a new candidate');
  await day.dm(ayo.id, 'has a new candidate');
  tell.does(bea.name, '/release unhold');
  await slack.command(bea.id, 'unhold');
  await day.line('lifted their hold');

  tell.chapter('Two sign-offs');
  tell.does(ayo.name, '/release lgtm');
  await slack.command(ayo.id, 'lgtm');
  await day.line('signed off `1282ce5`');
  tell.does(bea.name, 'presses LGTM');
  await day.press(bea.id, card.ts, 'release_lgtm', '1282ce5');
  await day.line('*Approved*');

  tell.chapter('It ships');
  tell.does(mira.name, 'presses Ship');
  await day.press(mira.id, card.ts, 'release_ship');
  await day.line('*Shipping*');
  tell.does(mira.name, '/release shipped');
  await slack.command(mira.id, 'shipped');
  await day.line('*Live*');

  tell.chapter('Production is checked');
  const check = await until(
    async () => (await slack.thread(releases, card.ts)).find((m) => m.text.startsWith('Production check')),
    'the production check',
  );
  tell.does(bea.name, 'reacts with :eyes: on the production check');
  await slack.react(bea.id, releases, check.ts, 'eyes');
  tell.does(chen.name, "presses I'm here there");
  await day.press(chen.id, check.ts, 'release_ready');
  await day.line('for the production check (2/2)');
  tell.does(bea.name, 'reacts with :lgtm: there');
  await slack.react(bea.id, releases, check.ts, 'lgtm');
  tell.does(chen.name, '/release verify');
  await slack.command(chen.id, 'verify');
  await day.line('*Done*');
  await until(
    async () => JSON.stringify((await slack.message(releases, card.ts)).blocks).includes('*Done*'),
    'the card to say Done',
  );
}

/** Waits for what the day brings, and tells it. */
function watch(slack: LocalSlack, card: LocalMessage, tell: Teller) {
  const everything = (m: LocalMessage) => `${m.text} ${JSON.stringify(m.blocks ?? [])}`;
  const has = async (what: string, read: () => Promise<LocalMessage[]>, ...texts: string[]) => {
    const found = await until(
      async () => (await read()).find((m) => texts.some((t) => everything(m).includes(t))),
      `${what} with "${texts.join('" or "')}"`,
    );
    tell.saw(found.text.split('\n').join('\n    '));
  };
  const thread = () => slack.thread(releases, card.ts);
  return {
    /** Presses a button, once the message shows it. */
    press: async (person: string, ts: string, action: string, label = '') => {
      const wanted = (b: Button) => b.action_id === action && (b.text?.text ?? '').includes(label);
      await until(async () => (await slack.buttons(releases, ts)).some(wanted), `the button ${action} ${label}`);
      await slack.click(person, releases, ts, wanted);
    },
    thread: (text: string) => has('a reply', thread, text),
    line: (text: string) => has('a line', thread, text),
    dm: (person: string, text: string) => has('a DM', () => slack.dms(person), text),
    answer: (person: string, text: string) => has('an answer', () => slack.answers(person, releases), text),
  };
}
