// What the rules of reminders are given, for their tests.
import { type Humane, messages } from '../../../src/areas/reminders/rules.ts';
import type { Answered, Board, Due, Item, Message, Person, Sent } from '../../../src/areas/reminders/types.ts';

/** A Monday; Lisbon is at UTC then. */
export const at = (clock: string, day = '2026-03-02') => new Date(`${day}T${clock}:00Z`);
export const RULES: Humane = {
  zone: 'Europe/Lisbon',
  hours: { start: 540, end: 1080 },
  holidays: ['2026-03-05'],
  maxPerDay: 5,
};

export function anItem(over: Partial<Item> = {}): Item {
  return {
    kind: 'sign_off',
    subject: 'REL-1',
    text: 'waits.',
    url: null,
    thread: { id: 7, channel: 'CREL' },
    since: at('08:00'),
    until: null,
    due: null,
    day: null,
    people: ['UANA'],
    owner: 'UMAX',
    ...over,
  };
}

export function aBoard(items: Item[], over: { people?: Person[]; sent?: Sent[]; answers?: Answered[] } = {}): Board {
  const { people = [], sent = [], answers = [] } = over;
  return { items, sent, answers, people: new Map(people.map((p) => [p.id, p])) };
}

let number = 0;
/** What is noted when messages went out. */
export function noted(out: readonly Message[], now: Date): Sent[] {
  return out.flatMap((m) => {
    number++;
    return m.dues.map(({ item, target, day, part, escalated }) => {
      const { kind, subject, since } = item;
      return {
        kind,
        subject,
        since,
        target,
        day,
        part,
        escalated,
        at: now,
        message: number,
        digest: m.to === 'target',
      };
    });
  });
}

export const to = (found: readonly Due[]) => found.map((d) => `${d.escalated ? '!' : ''}${d.target}`);
export const due = (item: Item, now: Date, over: Parameters<typeof aBoard>[1] = {}, rules = RULES) =>
  to(messages(aBoard([item], over), rules, now).flatMap((m) => m.dues));
export const wasSent = (item: Item, target: string, when: Date, over: Partial<Sent> = {}): Sent => ({
  kind: item.kind,
  subject: item.subject,
  target,
  day: when.toISOString().slice(0, 10),
  part: 0,
  since: item.since,
  at: when,
  message: ++number,
  digest: true,
  escalated: false,
  ...over,
});
