// Plays the steps of the day: each person does theirs one after the other, all of them at the same time.
import { setTimeout as wait } from 'node:timers/promises';
import type { LocalMessage, LocalSlack } from '../src/demo/local-slack.ts';
import { buttons } from '../src/demo/local-slack.ts';
import { CHANNELS } from '../test/support/slack.ts';
import type { People, Plan } from './people.ts';
import { answered, type Deed } from './record.ts';
import { nameOf, type Release, type Step } from './story.ts';

export type Day = ReturnType<typeof dayOf>;
/** Something a person does at a time of the day. */
export interface Turn {
  at: number;
  person: string;
  act: () => Promise<unknown>;
}

const { releases: CHANNEL } = CHANNELS;
const NAMES: Partial<Record<Step['what'], string>> = {
  eyes: 'eyes',
  check: 'eyes',
  lgtm: 'lgtm',
  verify: 'lgtm',
  hold: 'octagonal_sign',
};
/** What a deed is called as a word of /release, and as a button. */
const WORDS: Partial<Record<Step['what'], string>> = { eyes: 'ready', check: 'ready' };

/** Takes turns in time: whoever is late with one begins the next at once. Resolves when all are done. */
export async function play(turns: readonly Turn[], dayMs: number): Promise<void> {
  const began = Date.now();
  const people = [...new Set(turns.map((turn) => turn.person))];
  await Promise.all(
    people.map(async (person) => {
      for (const turn of turns.filter((one) => one.person === person).sort((a, b) => a.at - b.at)) {
        await wait(Math.max(0, began + turn.at * dayMs - Date.now()));
        await turn.act();
      }
    }),
  );
}

export function dayOf(slack: LocalSlack, people: People, releases: readonly Release[]) {
  let seen: { at: number; messages: LocalMessage[] } = { at: 0, messages: [] };
  let looking: Promise<void> | undefined;

  /** The channel as it was a moment ago: many look at it all the time. */
  const channel = async (): Promise<LocalMessage[]> => {
    if (Date.now() - seen.at > 400) {
      looking ??= slack.messages(CHANNEL).then((messages) => {
        seen = { at: Date.now(), messages };
        looking = undefined;
      });
      await looking;
    }
    return seen.messages;
  };

  const cards = new Map<string, string>();
  /** The message that stands for something: a release's card. @throws when there is none yet */
  const cardOf = async (release: Release): Promise<string> => {
    const name = nameOf(release);
    const known = cards.get(name);
    if (known) return known;
    const card = (await channel()).find((m) => m.text.startsWith(`release ${name} (`));
    if (!card) throw new Error('its card is not there');
    cards.set(name, card.ts);
    return card.ts;
  };
  const checkOf = async (root: string): Promise<string> => {
    const check = (await people.thread(CHANNEL, root)).find((m) => m.text.startsWith('Production check'));
    if (!check) throw new Error('there is no production check');
    return check.ts;
  };
  const bugOf = async (title: string): Promise<string> => {
    const card = (await channel()).find(
      (m) => JSON.stringify(m).includes(title) && /BUG-\d+/.test(JSON.stringify(m.blocks)),
    );
    const id = /BUG-\d+/.exec(JSON.stringify(card?.blocks ?? ''))?.[0];
    if (!id) throw new Error('the bug has no card');
    return id;
  };
  const releaseById = (id: number): Release | undefined => {
    const opened = people.deeds.find(
      (d) => d.what === 'open' && (answered(d, `as REL-${id} `) || d.ts === `REL-${id}`),
    );
    return releases.find((release) => nameOf(release) === opened?.about);
  };

  let deedNumber = 0;
  const skip = (plan: Plan, why: string) => {
    const rest = { undo: false, sent: 0, taken: false, answers: [], events: [], began: Date.now() };
    people.deeds.push({ ...rest, ...plan, skipped: why });
  };

  const act = async (step: Step, plan: Plan): Promise<unknown> => {
    const { what, road, release, text = '' } = step;
    const name = nameOf(release);
    switch (what) {
      case 'open':
        return open(step, plan);
      case 'bug':
        return people.fill({ ...plan, text }, () => slack.command(plan.person, '', '/bug', CHANNELS.admins), {
          product: release.product,
          title: text,
          blocking: 'yes',
        });
      case 'downgrade':
        return command(plan, '/bug', `downgrade ${await bugOf(text)} only on my machine`);
      case 'agree':
        return command(plan, '/bug', `agree ${await bugOf(text)}`);
      case 'pass':
        return command(plan, '/release', `test ${name} ${text} pass`);
      case 'answer':
        return answerDm(plan);
      case 'mention':
        return people.say(plan, CHANNEL, 'I would say LGTM once the login works', await cardOf(release));
      case 'candidate':
        return command(plan, '/release', `candidate ${name} ${text}`);
    }
    const root = await cardOf(release);
    const target = what === 'check' || (what === 'verify' && road !== 'command') ? await checkOf(root) : root;
    if (road === 'reaction') return people.react(plan, CHANNEL, target, NAMES[what] ?? what);
    if (road === 'word') return plan.undo ? unsay(plan) : people.say(plan, CHANNEL, 'LGTM', root);
    const word = WORDS[what] ?? what;
    if (road === 'command') return command(plan, '/release', `${word} ${name} ${text}`.trim());
    const action = what === 'retract' ? 'release_more' : `release_${word}`;
    if (action === 'release_more') return command({ ...plan, road: 'command' }, '/release', `retract ${name}`);
    return people.press(plan, CHANNEL, root, target, (b) => b.action_id === action);
  };

  const open = async ({ release }: Step, plan: Plan): Promise<unknown> => {
    const there = await cardOf(release).catch(() => undefined);
    const said = people.deeds.some((d) => d.what === 'open' && d.about === plan.about && answered(d, 'Opened'));
    if (there || said) throw new Error('it is open');
    const { product, version, commit, kind } = release;
    const urgent = { reason: 'users cannot log in', prodIssue: 'https://issues.example.com/1' };
    if (plan.road === 'form') {
      const values = { product, version, commit, kind, ...(kind === 'emergency' && urgent) };
      return people.fill(plan, () => slack.command(plan.person, 'open', '/release', CHANNELS.admins), values);
    }
    const text =
      kind === 'scheduled'
        ? `open ${product} ${version} ${commit}`
        : `emergency ${product} ${version} ${commit} ${urgent.prodIssue} ${urgent.reason}`;
    return command(plan, '/release', text);
  };

  /** A command; once more when something went wrong, as it says itself. */
  const command = async (plan: Plan, slash: string, text: string): Promise<Deed> => {
    const first = await people.command(plan, slash, text);
    if (first.taken && !answered(first, 'Something went wrong')) return first;
    await wait(700);
    return people.command({ ...plan, n: plan.n + 0.5 }, slash, text);
  };

  /** Deletes or changes the last LGTM they wrote about it. */
  const unsay = (plan: Plan): Promise<Deed> => {
    const said = people.deeds.filter((d) => d.person === plan.person && d.about === plan.about && d.road === 'word');
    const last = said.findLast((d) => d.what === 'lgtm' && !d.undo && d.ts);
    if (!last?.ts || said.some((d) => d.undo && d.ts === last.ts)) throw new Error('nothing was said');
    return people.unsay(plan, CHANNEL, last.ts, plan.n % 2 ? undefined : 'Sorry, not yet');
  };

  /** Presses the newest button that the bot sent them privately. */
  const answerDm = async (plan: Plan): Promise<unknown> => {
    const dms = await slack.dms(plan.person);
    const asked = dms.findLast((m) => buttons(m).some((b) => /^release_(lgtm|ready|verify)$/.test(b.action_id)));
    const button = asked && buttons(asked).find((b) => b.action_id.startsWith('release_'));
    const release = button && releaseById(Number(button.value?.split(':')[0]));
    if (!asked || !release) throw new Error('nothing was asked');
    const what = { release_lgtm: 'lgtm', release_ready: 'eyes', release_verify: 'verify' }[button.action_id] ?? '';
    const dm = (await slack.channelOfDm(plan.person)) ?? '';
    return people.press(
      { ...plan, what, about: nameOf(release) },
      dm,
      asked.ts,
      asked.ts,
      (b) => b.value === button.value,
    );
  };

  return {
    cardOf,
    channel,
    /** The turns of these steps. */
    turns: (steps: readonly Step[]): Turn[] =>
      steps.map((step) => {
        deedNumber += 1;
        const { person, what, road, undo = false } = step;
        const plan: Plan = { n: deedNumber, person, what, road, undo, about: nameOf(step.release) };
        return {
          at: step.at,
          person,
          act: () => act(step, plan).catch((err: Error) => skip(plan, err.message)),
        };
      }),
  };
}
