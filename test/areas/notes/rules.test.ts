import { describe, expect, test } from 'vitest';
import { noteCard, noteLine, noteList } from '../../../src/areas/notes/blocks.ts';
import { askNoteForm, openNoteForm } from '../../../src/areas/notes/forms.ts';
import { NOTE_PERMISSIONS } from '../../../src/areas/notes/permissions.ts';
import {
  decideNote,
  forbiddenNote,
  NOTE_TABLE,
  overdue,
  REASON_MAX,
  TEXT_MAX,
} from '../../../src/areas/notes/rules.ts';
import type { Check, Listed, Note, NoteAct, NoteFacts } from '../../../src/areas/notes/types.ts';
import type { Actor } from '../../../src/base/actor.ts';
import { readDay, showDay } from '../../../src/base/days.ts';
import { addDays, localDay } from '../../../src/base/zone.ts';
import { readTicks } from '../../../src/bot/notes-buttons.ts';
import { readNoteAct } from '../../../src/bot/notes-command.ts';
import { loadPolicy } from '../../../src/policy.ts';
import { ADA, ADMIN, BEN, CAS, minutes, NOBODY, person, T0 } from '../../support/facts.ts';

const policy = loadPolicy('src/demo/policy.yml');
const TODAY = '2026-03-02';
const NOW = minutes(10);

function note(over: Partial<Note> = {}): Note {
  return {
    id: 4,
    kind: 'issue',
    title: 'Fees are shown <!channel> wrong',
    description: null,
    responsible: ADA.id,
    state: 'open',
    due: null,
    openedBy: BEN.id,
    openedAt: T0,
    closedBy: null,
    closedAt: null,
    summary: null,
    closeReason: null,
    threadId: 9,
    ...over,
  };
}
const box = (position: number, done = false): Check => ({
  position,
  text: `Box ${position}`,
  done,
  by: done ? CAS.id : null,
  at: done ? T0 : null,
});
const facts = (over: Partial<Note> = {}, checks: Check[] = []): NoteFacts => ({
  note: note(over),
  checks,
  thread: { channel: 'CREL', url: null },
});
const CLOSE: NoteAct = { kind: 'close', summary: 'Done and dusted', reason: null };
const CLOSED = { state: 'closed' as const, closedBy: ADA.id, closedAt: NOW, summary: 'Done & dusted' };
const decide = (f: NoteFacts, who: Actor, act: NoteAct) => decideNote(f, who, act, NOW, TODAY);
function code(f: NoteFacts, who: Actor, act: NoteAct): string {
  const d = decide(f, who, act);
  return 'refusal' in d ? d.refusal.code : 'already' in d ? 'already' : 'done';
}

const ACTS: NoteAct[] = [
  CLOSE,
  { kind: 'reopen' },
  { kind: 'assign', person: CAS.id },
  { kind: 'due', day: '2026-03-06' },
  { kind: 'tick', boxes: [{ position: 0, done: true }] },
];

describe('R24: one thread, one responsible person', () => {
  test('every state x act is either in the table or refused', () => {
    for (const state of ['open', 'closed'] as const) {
      for (const act of ACTS) {
        const f = facts(state === 'closed' ? CLOSED : {}, act.kind === 'tick' ? [box(0)] : []);
        expect(code(f, ADA, act) === 'done', `${act.kind} when ${state}`).toBe(NOTE_TABLE[act.kind].includes(state));
      }
    }
  });

  test('closing needs a summary; an issue with open boxes also a reason', () => {
    expect(code(facts(), ADA, { ...CLOSE, summary: null })).toBe('summary');
    expect(code(facts(), ADA, { ...CLOSE, summary: 'x'.repeat(TEXT_MAX + 1) })).toBe('too_long');
    expect(code(facts({}, [box(0, true), box(1)]), ADA, CLOSE)).toBe('open_boxes');
    expect(code(facts({}, [box(0), box(1)]), ADA, CLOSE)).toBe('open_boxes');
    expect(code(facts({}, [box(0)]), ADA, { ...CLOSE, reason: 'x'.repeat(REASON_MAX + 1) })).toBe('too_long');
    expect(decide(facts({}, [box(0)]), ADA, { ...CLOSE, reason: 'not needed' })).toEqual({
      change: {
        patch: {
          state: 'closed',
          closedBy: ADA.id,
          closedAt: NOW,
          summary: CLOSE.kind === 'close' ? CLOSE.summary : '',
          closeReason: 'not needed',
        },
      },
    });
    const all = decide(facts({}, [box(0, true)]), ADA, { ...CLOSE, reason: 'typed all the same' });
    expect(all).toMatchObject({ change: { patch: { closeReason: null } } });
  });

  test('repeats change nothing and say so', () => {
    expect(code(facts(), ADA, { kind: 'reopen' })).toBe('already');
    expect(code(facts(CLOSED), ADA, CLOSE)).toBe('already');
    expect(code(facts(CLOSED), ADA, { kind: 'assign', person: CAS.id })).toBe('closed');
    expect(code(facts(), ADA, { kind: 'assign', person: ADA.id })).toBe('already');
    expect(code(facts({ due: TODAY }), ADA, { kind: 'due', day: TODAY })).toBe('already');
    expect(code(facts(), ADA, { kind: 'due', day: null })).toBe('already');
    expect(code(facts({}, [box(0, true)]), ADA, { kind: 'tick', boxes: [{ position: 0, done: true }] })).toBe(
      'already',
    );
    expect(code(facts({}, [box(0)]), ADA, { kind: 'tick', boxes: [{ position: 7, done: true }] })).toBe('already');
  });

  test('a due date is today or later; overdue is what is open past it', () => {
    expect(code(facts(), ADA, { kind: 'due', day: '2026-03-01' })).toBe('past');
    expect(code(facts(), ADA, { kind: 'due', day: TODAY })).toBe('done');
    expect(code(facts({ due: TODAY }), ADA, { kind: 'due', day: null })).toBe('done');
    expect(overdue(note({ due: '2026-03-01' }), TODAY)).toBe(true);
    expect(overdue(note({ due: TODAY }), TODAY)).toBe(false);
    expect(overdue(note({ due: null }), TODAY)).toBe(false);
    expect(overdue(note({ ...CLOSED, due: '2026-03-01' }), TODAY)).toBe(false);
  });

  test('permissions: who opened it, who answers for it and admins close; anybody of the workspace does the rest', () => {
    for (const act of ['close', 'due'] as const) {
      for (const who of [ADA, BEN, ADMIN]) expect(forbiddenNote(act, who, note())).toBeNull();
      expect(forbiddenNote(act, CAS, note())?.code).toBe('role');
      expect(forbiddenNote(act, { ...CAS, rolesUnknown: 'a group could not be read' }, note())?.code).toBe(
        'roles_unknown',
      );
      expect(forbiddenNote(act, CAS, null)?.code).toBe('role');
    }
    for (const act of ['open', 'tick', 'assign', 'reopen'] as const) {
      expect(forbiddenNote(act, NOBODY, act === 'open' ? null : note())).toBeNull();
    }
    for (const standing of ['bot', 'guest', 'outsider', 'deactivated'] as const) {
      for (const act of Object.keys(NOTE_PERMISSIONS) as (keyof typeof NOTE_PERMISSIONS)[])
        expect(forbiddenNote(act, { ...ADA, standing }, note())?.code).toBe('standing');
    }
    expect(code(facts(), person('UX'), CLOSE)).toBe('role');
  });
});

describe('days as people type them', () => {
  test('a date, today, tomorrow, a weekday', () => {
    // 2026-03-02 is a Monday.
    const days = ['2026-12-01', 'Today', 'tomorrow', 'friday', 'Fri', 'monday', 'next wed', 'sun'];
    expect(days.map((d) => readDay(d, TODAY))).toEqual([
      '2026-12-01',
      TODAY,
      '2026-03-03',
      '2026-03-06',
      '2026-03-06',
      '2026-03-09',
      '2026-03-04',
      '2026-03-08',
    ]);
    for (const bad of ['', 'fr', 'someday', '2026-02-30', '2026-13-01', '1.2.2026', 'fridays'])
      expect(readDay(bad, TODAY), bad).toBeUndefined();
  });

  test('the day is that of the zone, also when summer time begins', () => {
    const late = new Date('2026-03-02T23:30:00Z');
    expect(localDay('Europe/Berlin', late)).toBe('2026-03-03');
    expect(localDay('America/New_York', late)).toBe('2026-03-02');
    expect(localDay('Europe/Berlin', new Date('2026-03-28T23:30:00Z'))).toBe('2026-03-29');
    expect(addDays('2026-03-28', 1)).toBe('2026-03-29');
    expect(addDays('2026-12-31', 1)).toBe('2027-01-01');
    expect(showDay('2026-12-04')).toBe('Fri 4 Dec 2026');
  });
});

describe('what is shown', () => {
  const show = (f: NoteFacts) => JSON.stringify(noteCard(f, policy, NOW).blocks);

  test('the card: responsible, status, due, boxes with who ticked them, buttons', () => {
    const open = show(facts({ due: '2026-03-01', description: 'Since <@U1>' }, [box(0, true), box(1)]));
    for (const part of [
      '<@UADA>',
      'overdue',
      'Since &lt;@U1&gt;',
      'Definition of done* 1/2',
      'note_check:4:10',
      'initial_options',
      ':white_check_mark: Box 0 — <@UCAS>',
      ':white_large_square: Box 1',
      'note_close',
    ])
      expect(open).toContain(part);
    expect(show(facts({ due: '2026-03-06' }, [box(0)]))).not.toContain('overdue');
    expect(show(facts({}, [box(0)]))).not.toContain('initial_options');
    expect(show(facts({ kind: 'meeting' }))).not.toContain('note_check');
    expect(noteCard(facts(), policy, NOW).text).toContain('Issue NOTE-4 (open)');
  });

  test('a closed one shows its summary, by whom, and why with boxes open', () => {
    const shown = show(facts({ ...CLOSED, closeReason: 'not needed' }, [box(0)]));
    expect(shown).toContain('Done &amp; dusted');
    expect(shown).toContain('Closed with boxes open: not needed');
    expect(shown).toContain('note_reopen');
    expect(shown).not.toContain('"checkboxes"');
    expect(show(facts({ state: 'closed', closedBy: null, closedAt: null, summary: null }))).toContain('*Closed* by');
  });

  test('a line for every act', () => {
    const before = facts({}, [box(0, true), box(1)]);
    const after = facts({ ...CLOSED, closeReason: 'why not', due: '2026-03-06' }, [box(0), box(1, true)]);
    const line = (act: NoteAct, a = after, b = before) => noteLine(b, a, act, ADA.id);
    expect(line(CLOSE)).toContain('_With 1 of 2 boxes open: why not_');
    expect(line(CLOSE, facts({ state: 'closed' }))).not.toContain('boxes');
    expect(line({ kind: 'reopen' }, facts(), facts(CLOSED))).toContain('closed with: Done &amp; dusted');
    expect(line({ kind: 'reopen' }, facts(), facts())).toContain('Reopened');
    expect(line({ kind: 'assign', person: ADA.id })).toBe(':bust_in_silhouette: <@UADA> answers for it.');
    expect(noteLine(before, after, { kind: 'assign', person: ADA.id }, BEN.id)).toContain('says <@UBEN>');
    expect(line({ kind: 'due', day: '2026-03-06' })).toContain('Fri 6 Mar 2026');
    expect(line({ kind: 'due', day: null }, facts())).toContain('No due date');
    const ticked = line({ kind: 'tick', boxes: [] }).split('\n');
    expect(ticked).toEqual([':white_large_square: <@UADA> unticked: Box 0', ':white_check_mark: <@UADA>: Box 1']);
    const nameless = facts({}, [{ ...box(0, true), by: null }]);
    expect(JSON.stringify(noteCard(nameless, policy, NOW))).toContain('Box 0 — ');
  });

  test('a list marks what is overdue, and stays within 50 blocks', () => {
    const listed = (over: Partial<Listed>): Listed => ({ ...note(), url: null, boxes: 0, ticked: 0, ...over });
    const some = noteList(
      [
        listed({ due: '2026-03-01', boxes: 3, ticked: 1, url: 'https://s/p1' }),
        listed({ id: 5 }),
        listed({ ...CLOSED, id: 6, due: '2026-03-01' }),
      ],
      TODAY,
      'issues',
    );
    expect(some.text).toBe('2 issues open, 1 overdue');
    const shown = JSON.stringify(some.blocks);
    for (const part of ['<https://s/p1|NOTE-4>', 'overdue', '1/3 done', '*NOTE-5*', 'closed'])
      expect(shown).toContain(part);
    const many = noteList(
      Array.from({ length: 100 }, (_, i) => listed({ id: i + 1, title: 'x'.repeat(150) })),
      TODAY,
      'issues',
    );
    expect(many.blocks.length).toBeLessThan(50);
    expect(JSON.stringify(many.blocks)).toContain('and 40 more');
    expect(noteList([], TODAY, 'issues').text).toBe('There are no issues.');
  });

  test('forms ask for what is missing only', () => {
    const names = (view: { blocks: { block_id?: string }[] }) => view.blocks.map((b) => b.block_id).filter(Boolean);
    expect(names(openNoteForm(['issue'], { responsible: ADA.id }))).toEqual([
      'title',
      'description',
      'responsible',
      'due',
    ]);
    expect(names(openNoteForm(['meeting', 'topic'], { responsible: ADA.id }))[0]).toBe('kind');
    expect(names(askNoteForm('close', facts({}, [box(0, true)])))).toEqual(['summary']);
    expect(names(askNoteForm('close', facts({}, [box(0)]), 'so far'))).toEqual(['summary', 'reason']);
    expect(names(askNoteForm('assign', facts()))).toEqual(['person']);
    expect(names(askNoteForm('due', facts({ due: TODAY })))).toEqual(['due']);
    expect(JSON.stringify(askNoteForm('due', facts()))).not.toContain('initial_date');
  });
});

describe('words and clicks', () => {
  const read = (word: Parameters<typeof readNoteAct>[0], text = '') =>
    readNoteAct(word, text.split(' ').filter(Boolean), text.split(' ').filter(Boolean), ADA.id, TODAY);

  test('what is typed after a command', () => {
    expect(read('close')).toBe('close');
    expect(read('close', 'it works')).toEqual({ kind: 'close', summary: 'it works', reason: null });
    expect(read('reopen')).toEqual({ kind: 'reopen' });
    expect(read('reopen', 'now')).toBeNull();
    expect(read('assign')).toEqual({ kind: 'assign', person: ADA.id });
    expect(read('assign', '<@UBEN|ben>')).toEqual({ kind: 'assign', person: 'UBEN' });
    expect(read('assign', 'ben')).toBeNull();
    expect(read('due')).toBe('due');
    expect(read('due', 'none')).toEqual({ kind: 'due', day: null });
    expect(read('due', 'friday')).toEqual({ kind: 'due', day: '2026-03-06' });
    expect(read('due', 'whenever')).toBeNull();
  });

  test('a click changes only the boxes it was about, whatever others ticked since the card was drawn', () => {
    expect(readTicks('note_check:4:100', ['0', '2'])).toEqual({
      id: 4,
      act: { kind: 'tick', boxes: [{ position: 2, done: true }] },
    });
    expect(readTicks('note_check:4:100', [])).toMatchObject({ act: { boxes: [{ position: 0, done: false }] } });
    expect(readTicks('something else', ['0'])).toBeUndefined();
  });
});
