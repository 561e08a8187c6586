import { actions, button, context, section } from '../../base/elements.ts';
import { date, mention, truncate } from '../../base/mrkdwn.ts';
import type { Block } from '../../base/slack.ts';
import { subjectSays } from './lines.ts';
import { TABLE } from './table.ts';
import { type AnswerKind, type Due, type Item, KINDS, type Kind, type Message } from './types.ts';

export interface Drawing {
  text: string;
  blocks: Block[];
}

/** So many things of a digest have buttons; the rest is named. */
const SHOWN = 15;

/** A thing with its link: `<url|REL-12>`. */
function subjectLink({ subject, url }: Pick<Item, 'subject' | 'url'>): string {
  return url ? `<${url}|${subject}>` : `*${subjectSays(subject)}*`;
}

/** What a button of a reminder is about, for its value. */
export function buttonValue({ kind, subject, since }: Pick<Item, 'kind' | 'subject' | 'since'>): string {
  return `${kind}|${subject}|${since.getTime()}`;
}

export interface Pressed {
  answer: AnswerKind;
  kind: Kind;
  subject: string;
  since: Date;
}

/** What a press meant; undefined for what we never drew. */
export function readPress(actionId: string, value: string): Pressed | undefined {
  const answer = actionId === 'remind_done' ? 'done' : actionId === 'remind_not_today' ? 'not_today' : undefined;
  const [, kind, subject, ms] = /^([a-z_]+)\|([A-Za-z0-9:._-]{1,100})\|(\d{1,15})$/.exec(value) ?? [];
  if (!answer || !subject || !KINDS.includes(kind as Kind)) return undefined;
  return { answer, kind: kind as Kind, subject, since: new Date(Number(ms)) };
}

function buttons({ item }: Due): Block {
  const value = buttonValue(item);
  const own = item.buttons ?? [button('remind_done', 'Done', value)];
  return actions([...own, button('remind_not_today', 'Not today', value)]);
}

/** Since when it waits; of a slot or a test it says itself when that is. */
function waiting({ kind, since, ofSlot }: Item, zone: string): string {
  return ofSlot || kind === 'regression' || kind === 'regression_missed'
    ? ''
    : ` _Waiting since ${date(since, zone)}._`;
}

/** Why somebody hears of it who cannot do it themselves, or need not: they answer for it, or stand in for who does. */
function whyThey({ item, target, escalated }: Due): string {
  if (!escalated) return '';
  if (target === item.owner) return ' You answer for it: who can do it was reminded, or is away.';
  return ' It comes to you because who can do it was reminded, or is away, and who answers for it is away.';
}

function line(due: Due, zone: string): string {
  const { item } = due;
  const why = whyThey(due);
  return truncate(`:bell: ${subjectLink(item)} ${item.text}${waiting(item, zone)}${why}`, 700);
}

/** A message as it goes out. @param zone the team's, for readers whose client knows no time */
export function drawMessage(m: Message, zone: string): Drawing {
  return m.to === 'thread' ? inThread(m.dues, zone) : digest(m.dues, zone);
}

/** In the thread: whom it waits for, named once, and what is to be done. */
function inThread(dues: readonly Due[], zone: string): Drawing {
  const first = dues[0] as Due;
  const people = dues.map((d) => mention(d.target)).join(' ');
  const said = truncate(`:bell: ${people} ${first.item.text}${waiting(first.item, zone)}`, 1500);
  return { text: said, blocks: [section(said), buttons(first)] };
}

/** Several things that wait for one person, in one message: what is urgent first. */
function digest(dues: readonly Due[], zone: string): Drawing {
  const one = dues.length === 1;
  const head = one ? 'Something waits for you' : `${dues.length} things wait for you`;
  const names = dues.map((d) => subjectSays(d.item.subject)).join(', ');
  const blocks: Block[] = one ? [] : [section(`*${head}*`)];
  for (const d of dues.slice(0, SHOWN)) blocks.push(section(line(d, zone)), buttons(d));
  const rest = dues.slice(SHOWN);
  if (rest.length)
    blocks.push(
      context(
        `and ${rest.length} more: ${rest.map((d) => `${subjectLink(d.item)} ${TABLE[d.item.kind].what}`).join(' · ')}`,
      ),
    );
  return { text: truncate(`${head}: ${names}`, 300), blocks };
}
