import type { Button, LocalMessage, LocalSlack } from './local-slack.ts';
import { until } from './local-slack.ts';
import { CHANNELS, type PEOPLE } from './world.ts';

/** How the demo speaks: a heading, what somebody does, what Shipshape answered. */
export interface Teller {
  chapter(title: string): void;
  does(who: string, what: string): void;
  saw(what: string): void;
}

export type Person = (typeof PEOPLE)[keyof typeof PEOPLE];
export type Hands = ReturnType<typeof handsOn>;
export type Thread = Awaited<ReturnType<Hands['open']>>;

const { releases } = CHANNELS;
const everything = (m: LocalMessage) => `${m.text} ${JSON.stringify(m.blocks ?? [])}`;

/** What people do in the local Slack, each told, and what they then wait to see there. */
export function handsOn(slack: LocalSlack, tell: Teller) {
  const see = async (what: string, read: () => Promise<LocalMessage[]>, text: string) => {
    const found = await until(
      async () => (await read()).findLast((m) => everything(m).includes(text)),
      `${what}: ${text}`,
    );
    tell.saw(found.text.split('\n').join('\n    '));
    return found;
  };
  /** A message of a channel and its thread. */
  const threadOf = (channel: string, root: LocalMessage) => {
    const press = async (who: Person, action: string, label = '', ts = root.ts) => {
      const wanted = (b: Button) => b.action_id === action && (b.text?.text ?? '').includes(label);
      await until(async () => (await slack.buttons(channel, ts)).some(wanted), `the button ${action} ${label}`);
      await slack.click(who.id, channel, ts, wanted);
    };
    const shows = async (text: string) => {
      const blocks = await until(async () => {
        const now = (await slack.message(channel, root.ts)).blocks ?? [];
        return now.some((b) => JSON.stringify(b).includes(text)) && now;
      }, `the card: ${text}`);
      tell.saw(`[card] ${lineWith(blocks, text)}`);
    };
    const line = (text: string) => see('a line', () => slack.thread(channel, root.ts), text);
    return { ts: root.ts, press, shows, line };
  };
  /** The thread whose first message in the channel has this text. */
  const open = async (channel: string, text: string) =>
    threadOf(
      channel,
      await until(
        async () => (await slack.messages(channel)).findLast((m) => m.text.includes(text)),
        `a card: ${text}`,
      ),
    );
  /** Fills in the form that is open, once it shows this text. */
  const fill = async (who: Person, text: string, values: Record<string, unknown>) => {
    await until(async () => JSON.stringify((await slack.currentView()) ?? '').includes(text), `the form ${text}`);
    const faults = await slack.submitView(who.id, values);
    if (faults) throw new Error(`the form was refused: ${JSON.stringify(faults)}`);
  };
  /** Presses a button of the open modal, once it is there. @param value part of the button's value */
  const pressInModal = async (who: Person, action: string, value = '') => {
    const found = await until(async () => {
      const blocks = (await slack.currentView())?.blocks ?? [];
      const elements = blocks.flatMap((b) => [...(b.elements ?? []), ...(b.accessory ? [b.accessory] : [])]);
      return elements.find((e) => e.action_id === action && e.value?.includes(value));
    }, `the button ${action} ${value} of the modal`);
    await slack.clickStale(who.id, releases, 'modal', { ...found, block_id: 'modal' });
  };
  return {
    slack,
    chapter: tell.chapter,
    does: (who: Person, what: string) => tell.does(who.name, what),
    /** Types a command of `/release`, or another one. */
    command: async (who: Person, text: string, command = '/release', channel = releases) => {
      tell.does(who.name, `${command} ${text}`);
      await slack.command(who.id, text, command, channel);
    },
    open,
    fill,
    pressInModal,
    /** Waits until the open modal shows this text. */
    modal: (text: string) =>
      until(async () => JSON.stringify((await slack.currentView()) ?? '').includes(text), `the modal: ${text}`),
    dm: (who: Person, text: string) => see('a DM', () => slack.dms(who.id), text),
    answer: (who: Person, text: string) => see('an answer', () => slack.answers(who.id, releases), text),
  };
}

/** The line of a card that has this text. */
// biome-ignore lint/suspicious/noExplicitAny: blocks of a message are read ad hoc
function lineWith(blocks: any[], text: string): string {
  const texts = blocks.flatMap((b) => [b.text, ...(b.fields ?? []), ...(b.elements ?? [])].map((e) => e?.text));
  const lines = texts.flatMap((t) => (typeof t === 'string' ? t.split('\n') : []));
  return lines.find((l) => l.includes(text)) ?? text;
}

/** Both take the release from two sets of eyes on production to done: by reaction and by word, by button and by command. */
export async function checkProduction(h: Hands, release: Thread, first: Person, second: Person): Promise<void> {
  const { slack } = h;
  const check = await release.line('Production check');
  h.does(first, 'reacts with :eyes: on the production check');
  await slack.react(first.id, releases, check.ts, 'eyes');
  await release.line('for the production check (1/2)');
  h.does(second, "presses I'm here there");
  await release.press(second, 'release_ready', '', check.ts);
  await release.line('for the production check (2/2)');
  await release.line('Test run of production');
  await h.command(first, 'test send-eth pass');
  await h.command(second, 'test history-evm pass');
  await release.line('The test run of production is complete');
  h.does(first, 'reacts with :lgtm: there');
  await slack.react(first.id, releases, check.ts, 'lgtm');
  await release.line('signed off production (1/2)');
  await h.command(second, 'verify');
  await release.line('*Done*');
  await release.shows('*Done*');
}
