// Issues, meetings and topics: rows of `authorisation-table.ts`, by hand.
import { P, type World } from '../support/world.ts';
import { button, command, form, MEMBERS, menu, type Row } from './authorisation-roads.ts';

const noteId = (state: keyof World['notes']) => (w: World) => ({ noteId: w.notes[state] });
const OPEN_NOTE = { title: 'Weekly', kind: { option: 'meeting' }, responsible: { person: P.abe } };
export const NOTES: Row[] = [
  {
    ...{ act: 'open', who: MEMBERS, how: 'does' },
    roads: [command('/issue Fonts'), command('/thread meeting Weekly'), form('note_open', OPEN_NOTE)],
  },
  { act: 'open', who: MEMBERS, how: 'sees', roads: [command('/issue'), command('/thread topic')] },
  {
    ...{ act: 'tick', who: MEMBERS, how: 'does' },
    roads: [
      {
        key: 'note_check',
        go: (d, person, w) => d.press(person, 'note_check', `note_check:${w.notes.open}:00`, { boxes: ['0'] }),
      },
    ],
  },
  {
    ...{ act: 'assign', who: MEMBERS, how: 'does' },
    roads: [
      command((w) => `/issue assign NOTE-${w.notes.open} <@U0ABEX>`),
      command((w) => `/thread assign NOTE-${w.notes.open} <@U0ABEX>`),
      form('note_ask_assign', { person: { person: P.abe } }, noteId('open')),
    ],
  },
  // Whose it is already need not take it.
  {
    ...{ act: 'assign', who: 'op eng prod other auth treas admin nobody', how: 'own' },
    roads: [menu('note_more', (w) => `mine:${w.notes.open}`)],
  },
  { act: 'assign', who: MEMBERS, how: 'sees', roads: [menu('note_more', (w) => `assign:${w.notes.open}`)] },
  {
    ...{ act: 'reopen', who: MEMBERS, how: 'does' },
    roads: [
      command((w) => `/issue reopen NOTE-${w.notes.closed}`),
      command((w) => `/thread reopen NOTE-${w.notes.closed}`),
      button('note_reopen', (w) => `${w.notes.closed}`),
    ],
  },
  {
    ...{ act: 'due', who: 'mgr other admin', how: 'does' },
    roads: [
      command((w) => `/issue due NOTE-${w.notes.open} 2027-02-01`),
      command((w) => `/thread due NOTE-${w.notes.open} 2027-02-01`),
      form('note_ask_due', { due: { day: '2027-02-01' } }, noteId('open')),
    ],
  },
  {
    ...{ act: 'due', who: 'mgr other admin', how: 'sees' },
    roads: [menu('note_more', (w) => `due:${w.notes.open}`)],
  },
  {
    ...{ act: 'close', who: 'mgr other admin', how: 'does' },
    roads: [form('note_ask_close', { summary: 'done', reason: 'so' }, noteId('open'))],
  },
  {
    ...{ act: 'close', who: 'mgr other admin', how: 'sees' },
    roads: [
      command((w) => `/issue close NOTE-${w.notes.open} done`),
      command((w) => `/thread close NOTE-${w.notes.open}`),
      button('note_close', (w) => `${w.notes.open}`),
    ],
  },
  {
    ...{ act: 'look', who: MEMBERS, how: 'sees' },
    roads: [
      command('/issue list'),
      command((w) => `/issue show NOTE-${w.notes.open}`),
      command('/thread list'),
      command((w) => `/thread show NOTE-${w.notes.open}`),
    ],
  },
];
