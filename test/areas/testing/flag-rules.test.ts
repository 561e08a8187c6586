import { describe, expect, it } from 'vitest';
import { flagsLine } from '../../../src/areas/testing/blocks.ts';
import { flagsForm } from '../../../src/areas/testing/flag-forms.ts';
import {
  askedFlags,
  flagChanges,
  flagsBarred,
  labelFlags,
  readFlag,
  takesFlags,
} from '../../../src/areas/testing/flag-rules.ts';
import { ADMIN, BEN, ENG, MAX, NOBODY } from '../../support/facts.ts';

const said = (flag: string, asked = true) => ({ flag, asked, person: 'UBEN' });
const at = (state = 'testing') => ({ state, manager: MAX.id });

describe('R10: which flags are tested', () => {
  it('those the form names and those asked for since, without those that are not to be', () => {
    expect([...askedFlags({ form: 'Dark-Mode, swap.v2.', said: [] })]).toEqual(['dark-mode', 'swap.v2']);
    expect([...askedFlags({ form: null, said: [said('fees')] })]).toEqual(['fees']);
    expect([...askedFlags({ form: 'fees', said: [said('fees', false)] })]).toEqual([]);
  });
  it('a name is one word of a flag; backticks and case are aside', () => {
    expect(['`New-Fees`', ' a.b ', 'two words', '', '<!channel>', 'a..b'].map(readFlag)).toEqual([
      'new-fees',
      'a.b',
      ...Array(4).fill(undefined),
    ]);
  });
  it('labels ask by their prefix, each flag once; what is no name asks for nothing', () => {
    expect(labelFlags(['flag:new-fees', 'Flag: New-Fees', 'flag:', 'needs-test', 'flag:two words'], 'flag:')).toEqual([
      'new-fees',
    ]);
  });
  it('an ask changes only what is not so already', () => {
    const f = { form: 'a', said: [said('b'), said('c', false)] };
    expect(flagChanges(f, { add: ['a', 'b', 'c', 'c'], drop: [] })).toEqual({ add: ['c'], drop: [] });
    const labelled = { form: null, said: [{ ...said('l'), person: 'shipshape' }] };
    expect(flagChanges(labelled, { add: ['l'], drop: [] })).toEqual({ add: ['l'], drop: [] });
    expect(flagChanges(labelled, { add: [], drop: ['l'] })).toEqual({ add: [], drop: ['l'] });
    expect(flagChanges(f, { add: [], drop: ['a', 'b', 'c', 'd'] })).toEqual({ add: [], drop: ['a', 'b'] });
  });
});

describe('R10: who asks for flags', () => {
  it('its manager, operators and engineers, while it is on its way', () => {
    for (const who of [MAX, BEN, ENG]) expect(flagsBarred(at(), who)).toBeNull();
    expect(flagsBarred(at(), NOBODY)?.code).toBe('role');
    expect(flagsBarred(at(), { ...ADMIN, roles: new Set(['admin']) })?.code).toBe('role');
    expect(flagsBarred(at(), { ...NOBODY, rolesUnknown: 'the group could not be read' })?.code).toBe('roles_unknown');
    expect(flagsBarred(at(), { ...BEN, standing: 'guest' })?.code).toBe('standing');
    expect(flagsBarred(at('rolled_back'), BEN)).toMatchObject({ code: 'over', reason: 'it is rolled back' });
    expect(['waiting', 'shipping', 'verifying', 'done', 'cancelled'].map(takesFlags)).toEqual([
      ...[true, true, true],
      ...[false, false],
    ]);
  });
});

describe('R10: what the thread is told', () => {
  const none = { added: 0, removed: 0, kept: 0, running: true, unknown: [] };
  const line = (add: string[], drop: string[], more: object) =>
    flagsLine('<@UBEN>', { add, drop }, { ...none, ...more }).text;
  it('who asks for what, and what it did to the run', () => {
    expect(line(['a'], [], { added: 1 })).toBe(
      ':triangular_flag_on_post: <@UBEN> asks to test with the flag `a`. 1 test case more.',
    );
    expect(line(['a', 'b'], [], { running: false, unknown: ['b'] })).toContain(
      'the flags `a`, `b`. No test case is behind `b`: look at it by hand. Its test cases come with the test run.',
    );
    expect(line([], ['a'], { removed: 2, kept: 1 })).toContain(
      "no longer asks for the flag `a`: tested with production's. 2 test cases fewer. 1 case with results already stays",
    );
    expect(line([], ['a'], { kept: 2 })).toContain('2 cases with results already stay');
  });
});

describe('R10: the form with the flags of now', () => {
  const drawn = (flags: string[]) => {
    const view = flagsForm('web v1.0.0', 7, flags, []);
    const meta = view.private_metadata as string;
    const { releaseId, shown } = JSON.parse(meta) as { releaseId: number; shown: string[] };
    const text = (view.blocks[1]?.element as { initial_value?: string } | undefined)?.initial_value ?? '';
    return { releaseId, shown, text, meta: meta.length, says: JSON.stringify(view.blocks[0]) };
  };
  it('shows them all while there is room', () => {
    const few = drawn(['a', 'b']);
    expect(few).toMatchObject({ releaseId: 7, shown: ['a', 'b'], text: 'a\nb' });
    expect(few.says).not.toContain('not shown');
    expect(drawn([])).toMatchObject({ shown: [], text: '' });
  });
  it.each([2, 30, 300])('of more, each %i characters long, takes back only what it showed', (length) => {
    const flags = Array.from({ length: 900 }, (_, i) => `${i}`.padStart(length, 'f'));
    const { shown, text, meta, says } = drawn(flags);
    expect(shown).toEqual(flags.slice(0, shown.length));
    expect(text).toBe(shown.join('\n'));
    expect(shown.length).toBeGreaterThan(5);
    expect(text.length).toBeLessThan(2500);
    expect(meta).toBeLessThanOrEqual(3000);
    expect(says).toContain(`${900 - shown.length} more are not shown here: saving`);
  });
  it('says so of one, too', () => {
    const flags = Array.from({ length: 7 }, (_, i) => `${i}`.padStart(300, 'f'));
    expect(drawn(flags).says).toContain('1 more is not shown here: saving');
  });
});
