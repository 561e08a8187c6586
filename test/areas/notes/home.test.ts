import { describe, expect, it } from 'vitest';
import { noteNeed, noteNeeds } from '../../../src/areas/notes/home.ts';
import type { Note } from '../../../src/areas/notes/types.ts';

const TODAY = '2026-03-02';
const note = (over: Partial<Note> = {}) =>
  ({ id: 4, title: 'Fees & <!here>', state: 'open', due: null, responsible: 'UADA', url: null, ...over }) as Note & {
    url: string | null;
  };

describe('what an issue, meeting or topic needs of who answers for it (R24)', () => {
  it.each([
    [{}, 'yours'],
    [{ due: '2026-03-01' }, 'overdue since Sun 1 Mar 2026'],
    [{ due: TODAY }, 'due today'],
    [{ due: '2026-03-06' }, 'due Fri 6 Mar 2026'],
    [{ state: 'closed', due: '2026-03-01' }, null],
  ] as const)('%o: %s', (over, says) => {
    expect(noteNeed(note(over), TODAY)).toBe(says);
  });

  it('is a line each, of nobody else, and mentions nobody', () => {
    const lines = noteNeeds([note({ due: '2026-03-01' }), note({ responsible: 'UBEN' }), note()], 'UADA', TODAY);
    expect(lines).toEqual([
      ':warning: *NOTE-4* Fees &amp; &lt;!here&gt; — *overdue since Sun 1 Mar 2026*',
      ':pushpin: *NOTE-4* Fees &amp; &lt;!here&gt; — *yours*',
    ]);
  });
});
