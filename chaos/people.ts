// The hands of the thirty: each does one thing at a time, as somebody at a screen does, and what came of it is written down.
import { setTimeout as wait } from 'node:timers/promises';
import { type Button, buttons, type LocalMessage, type LocalSlack } from '../src/demo/local-slack.ts';
import { CHANNELS } from '../test/support/slack.ts';
import type { Office, OpenForm } from './office.ts';
import type { Deed } from './record.ts';

export type People = ReturnType<typeof peopleOf>;
export type Plan = Pick<Deed, 'n' | 'person' | 'road' | 'what' | 'about'> & { undo?: boolean; text?: string };

type Values = Record<string, unknown>;

/** A form that nobody gets is given up after so long. */
const FORM_MS = 4_000;

export function peopleOf(slack: LocalSlack, office: Office) {
  const deeds: Deed[] = [];

  /** Does one thing, and keeps what came of it. What cannot be done is noted and no failure. */
  const does = async (plan: Plan, act: (deed: Deed) => Promise<void>): Promise<Deed> => {
    const rest = { undo: false, sent: 0, taken: false, answers: [], events: [] };
    const deed: Deed = { ...rest, ...plan, began: Date.now() };
    deeds.push(deed);
    office.begin(deed);
    await act(deed).catch((err: Error) => {
      deed.skipped = err.message;
    });
    return deed;
  };

  /** A message as its thread shows it, and that thread: quicker than all of the channel. */
  const thread = async (channel: string, ts: string): Promise<LocalMessage[]> => {
    const answer = await fetch(`${slack.apiUrl}conversations.replies`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${slack.app.botToken}` },
      body: JSON.stringify({ channel, ts }),
    });
    return ((await answer.json()) as { messages?: LocalMessage[] }).messages ?? [];
  };

  const press = async (deed: Deed, channel: string, ts: string, fits: (b: Button) => boolean): Promise<void> => {
    const message = (await thread(channel, deed.ts ?? ts)).find((m) => m.ts === ts);
    const button = message && buttons(message).find(fits);
    if (!button) throw new Error('there is no such button');
    deed.ts = ts;
    await slack.clickStale(deed.person, channel, ts, button);
    // The answer comes by itself, a little later.
    for (let i = 0; i < 60 && deed.taken && !deed.answers.length; i++) await wait(25);
  };

  return {
    deeds,
    thread,
    react: (plan: Plan, channel: string, ts: string, name: string): Promise<Deed> =>
      does(plan, async (deed) => {
        deed.ts = ts;
        deed.text = name;
        await slack.react(deed.person, channel, ts, name, !deed.undo);
      }),
    say: (plan: Plan, channel: string, text: string, root: string): Promise<Deed> =>
      does(plan, async (deed) => {
        deed.text = text;
        deed.ts = (await slack.say(deed.person, channel, text, root)).ts;
      }),
    /** Deletes a message of their own, or changes it into `text`. */
    unsay: (plan: Plan, channel: string, ts: string, text?: string): Promise<Deed> =>
      does({ ...plan, undo: true }, async (deed) => {
        deed.ts = ts;
        if (text === undefined) await slack.remove(deed.person, channel, ts);
        else await slack.edit(deed.person, channel, ts, text);
      }),
    command: (plan: Plan, slash: string, text: string): Promise<Deed> =>
      does(plan, async (deed) => {
        deed.text = `${slash} ${text}`;
        await slack.command(deed.person, text, slash, CHANNELS.admins);
      }),
    press: (plan: Plan, channel: string, root: string, ts: string, fits: (b: Button) => boolean): Promise<Deed> =>
      does(plan, (deed) => {
        deed.ts = root;
        return press(deed, channel, ts, fits);
      }),
    /** Opens a form with `open` and submits it; twice at most, as people do when nothing seems to happen. */
    fill: (plan: Plan, open: () => Promise<unknown>, filled: Values | ((form: OpenForm) => Values)): Promise<Deed> =>
      does(plan, async (deed) => {
        office.closeForms(deed.person);
        const opening: Deed = { ...deed, answers: [], events: [], road: 'command', what: 'a form' };
        office.begin(opening);
        await open();
        const form = await office.form(deed.person, FORM_MS);
        office.begin(deed);
        if (!form) throw new Error(`no form opened; ${opening.answers.join(' ') || 'no answer'}`);
        deed.began = Date.now();
        const values = typeof filled === 'function' ? filled(form) : filled;
        for (let i = 0; i < 2 && !deed.taken; i++) await office.submit(deed, form, values);
        office.closeForms(deed.person);
      }),
  };
}
