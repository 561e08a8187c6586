import { describe, expect, it } from 'vitest';
import {
  actNamed,
  bar,
  begunLine,
  carriedLine,
  caseText,
  caseValue,
  ciLine,
  completeLine,
  countsText,
  readValue,
  resultLine,
  waivedLine,
} from '../../../src/areas/testing/blocks.ts';
import { AREAS_PER_PAGE, areasView, CASES_PER_PAGE, casesView, noteForm } from '../../../src/areas/testing/forms.ts';
import { readJUnit } from '../../../src/areas/testing/junit.ts';
import { makeReport } from '../../../src/areas/testing/report.ts';
import type { Area, Counts, Given, Result, Run, RunCase } from '../../../src/areas/testing/types.ts';
import { showState } from '../../../src/areas/testing/words.ts';
import type { View } from '../../../src/base/slack.ts';
import { aCase as plainCase, T0 } from './cases.ts';

const later = new Date(T0.getTime() + 10 * 60_000);
const run: Run = {
  id: 7,
  releaseId: 12,
  candidateId: 101,
  stage: 'candidate',
  startedAt: T0,
  commit: 'abc1234def',
  current: true,
  carriedFrom: null,
  release: {
    product: 'web',
    version: 'v1.2.3',
    state: 'testing',
    manager: 'UMAX',
    authors: [],
    threadId: 1,
    channel: 'C1',
  },
};
const production: Run = { ...run, stage: 'production' };
const counts = (over: Partial<Counts> = {}): Counts => ({
  total: 10,
  passed: 0,
  failed: 0,
  blocked: 0,
  skipped: 0,
  skipAsked: 0,
  open: 10,
  required: 8,
  left: 8,
  ...over,
});
const given = (person: string, result: Result, note: string | null = null): Given => ({ person, result, note, at: T0 });
const aCase = (over: Partial<RunCase> = {}): RunCase =>
  plainCase({
    runId: 7,
    title: 'Send <ETH>',
    spec: { steps: ['Open it', 'Send'], expected: 'It arrives', needsFunds: false },
    ...over,
  });
/** As large as a spec allows, with everything that Slack counts as more than it looks. */
const large = (i: number): RunCase =>
  aCase({
    caseId: `c${'x'.repeat(56)}${100 + i}`,
    title: '&'.repeat(120),
    area: '&'.repeat(83),
    spec: {
      steps: Array(12).fill('字'.repeat(150)),
      expected: '字'.repeat(400),
      needsFunds: true,
      flag: 'f'.repeat(60),
    },
    required: false,
    passesRequired: 10,
    takenBy: 'U0AAAAAAA',
    takenAt: T0,
    results: [...Array(9).keys()].map((n) => given(`U0AAAAAA${n}`, 'pass', '<'.repeat(1000))),
  });

/** Slack's limits on a modal. */
function check(view: View): void {
  expect(view.blocks.length).toBeLessThan(100);
  expect(Buffer.byteLength(JSON.stringify(view))).toBeLessThan(250_000);
  expect((view.title as { text: string }).text.length).toBeLessThanOrEqual(24);
  for (const block of view.blocks) {
    const { text, elements = [] } = block as { text?: { text: string }; elements?: Record<string, never>[] };
    expect(text?.text.length ?? 1).toBeLessThanOrEqual(3000);
    expect(text?.text.length ?? 1).toBeGreaterThan(0);
    expect(elements.length).toBeLessThanOrEqual(25);
    const ids = elements.map((e) => e.action_id).filter(Boolean);
    expect(new Set(ids).size).toBe(ids.length);
    for (const e of elements as { options?: { value: string }[]; value?: string }[]) {
      for (const option of e.options ?? []) expect(option.value.length).toBeLessThanOrEqual(150);
    }
  }
}
const json = (view: View) => JSON.stringify(view);

describe('a run in a modal stays within Slack’s limits, whatever is in it', () => {
  const areas = (n: number): Area[] =>
    Array.from({ length: n }, (_, index) => ({ index, name: '&'.repeat(83), ...counts({ total: 500 }) }));

  it('areas, paged', () => {
    for (const page of [0, 1, 24, 99]) check(areasView(run, areas(1000), counts(), page));
    expect(json(areasView(run, areas(AREAS_PER_PAGE + 1), counts(), 0))).toContain('test_areas_on');
    const last = json(areasView(run, areas(AREAS_PER_PAGE + 1), counts(), 1));
    expect(last).toContain('test_areas_back');
    expect(last).not.toContain('test_areas_on');
    const one = json(areasView(production, areas(1), counts({ left: 0 }), 0));
    const carried = { ...run, carriedFrom: 'fedcba9876' };
    expect(json(areasView(carried, areas(1), counts(), 0))).toContain('with what was tested on `fedcba9` (same tree)');
    expect(makeReport(carried, counts(), [], new Map()).files[0]?.text).toContain('tested on `fedcba9876`, which has');
    expect(one).toContain('production');
    expect(one).not.toContain('Page');
  });
  it('a finished area is ticked, and a run without cases says why', () => {
    const done: Area = { index: 0, name: 'native × send', ...counts({ left: 0, passed: 10 }) };
    expect(json(areasView(run, [done], counts(), 0))).toContain(':white_check_mark: *native');
    const none = areasView(run, [], counts({ total: 0 }), 0);
    check(none);
    expect(json(none)).toContain('feature flags');
  });
  it('cases, paged', () => {
    const area: Area = { index: 3, name: '&'.repeat(83), ...counts({ total: 1000 }) };
    const cases = Array.from({ length: CASES_PER_PAGE }, (_, i) => large(i));
    for (const page of [0, 30, 66]) {
      const view = casesView(run, area, page, cases, { viewer: 'U0AAAAAAA', now: later, said: '<'.repeat(5000) });
      check(view);
    }
    const first = json(casesView(run, area, 0, [aCase()], { viewer: 'A', now: later }));
    expect(first).toContain('page 1 of 67');
    const single = json(casesView(run, { ...area, total: 1 }, 0, [aCase()], { viewer: 'A', now: later }));
    expect(single).not.toContain('page 1');
    expect(single).toContain('Send &lt;ETH&gt;');
  });
  it('the form for a note, of each kind', () => {
    for (const kind of ['pass', 'fail', 'blocked', 'skip'] as const) {
      const form = noteForm(kind, large(1), { runId: 7, area: 3, page: 2 }, later);
      check(form);
      expect(form.blocks[1]).toMatchObject({ optional: kind !== 'skip' });
      expect(String(form.private_metadata).length).toBeLessThan(3000);
    }
  });
});

describe('a case shows what may be done with it', () => {
  const shown = (c: RunCase, viewer = 'A') =>
    json(casesView(run, { index: 0, name: 'x', ...counts() }, 0, [c], { viewer, now: later }));

  it('who is on it, and how to take it over or let it go', () => {
    const held = aCase({ takenBy: 'U0BEN', takenAt: T0 });
    expect(shown(held)).toContain('<@U0BEN> is on it since 10 min');
    expect(shown(held)).toContain('test_takeover');
    expect(shown(held, 'U0BEN')).toContain('test_drop');
    expect(shown(aCase())).toContain('test_take"');
  });
  it('a skip that waits is agreed to or not', () => {
    const asked = aCase({ results: [given('U0BEN', 'skip', 'no device')] });
    expect(shown(asked)).toContain('test_agree');
    expect(shown(asked)).not.toContain('test_skip');
    expect(shown(asked)).toContain('no device');
    expect(shown(aCase())).toContain('test_skip');
  });
  it('its marks', () => {
    const text = caseText(large(1), later);
    expect(text).toContain('optional, :moneybag: needs funds');
    expect(text).toContain('by 10 people');
    expect(caseText(aCase({ results: [given('U0BEN', 'pass')] }), later)).toContain('passed by <@U0BEN>');
  });
  it('where it stands, in words', () => {
    expect(showState(aCase())).toBe('to do');
    expect(showState(aCase({ passesRequired: 2, results: [given('A', 'pass')] }))).toBe('1 of 2 passes');
    expect(showState(aCase({ results: [given('A', 'fail')] }))).toBe('failed');
    expect(showState(aCase({ passesRequired: 2, results: [given('A', 'fail'), given('A', 'pass')] }))).toBe(
      'failed, 1 of 2 passes',
    );
    expect(showState(aCase({ results: [given('A', 'skip')] }))).toContain('second operator');
  });
});

describe('what the thread is told', () => {
  it('that a run begins and is complete', () => {
    expect(begunLine(counts({ total: 0 }), 'candidate', 'abc', null)).toBeNull();
    expect(begunLine(counts({ total: 1 }), 'production', 'abc', null)?.text).toContain(
      'of production: 1 case, 8 required',
    );
    expect(begunLine(counts(), 'candidate', 'abc1234def', null)?.text).toContain('of `abc1234`: 10 cases');
    const carried = { commit: '0123456789', cases: 1 };
    expect(begunLine(counts(), 'candidate', 'abc1234def', carried)?.text).toContain(
      'it has the tree of `0123456`, so what was said of 1 case there counts here too.',
    );
    expect(carriedLine('abc1234def', { ...carried, cases: 3 }).text).toContain(
      'confirms of `abc1234` that it has the tree of `0123456`, so what was said of 3 cases',
    );
    expect(completeLine(run, counts({ passed: 10, left: 0 })).text).toContain(
      '🟩🟩🟩🟩🟩🟩🟩🟩🟩🟩 The test run of `abc1234` is complete: 10/10',
    );
  });
  it('of what did not pass', () => {
    const line = (before: RunCase, g: Given) =>
      resultLine(before, aCase({ ...before, results: [...before.results, g] }), g);
    expect(line(aCase(), given('U0BEN', 'pass'))).toBeNull();
    expect(line(aCase(), given('U0BEN', 'fail'))?.text).toContain('failed');
    expect(line(aCase(), given('U0BEN', 'blocked', 'no <funds>'))?.text).toContain('is blocked: no &lt;funds&gt;');
    const failed = aCase({ results: [given('U0ANA', 'fail')] });
    expect(line(failed, given('U0BEN', 'fail'))).toBeNull();
    expect(line(failed, given('U0BEN', 'fail', 'still'))?.text).toContain('still');
    expect(line(aCase(), given('U0BEN', 'skip', 'x'))?.blocks).toHaveLength(2);
    expect(line(aCase(), given('U0BEN', 'skip_agreed'))?.text).toContain('agrees to skip');
    expect(line(aCase(), given('U0BEN', 'skip_refused'))?.text).toContain('is not skipped');
  });
  it('of automated results', () => {
    const at = (commit: string) => ({ commit, newest: commit, counts: true });
    const totals = { passed: 1, failed: 0, skipped: 0, failures: [] as string[] };
    expect(ciLine('unit <x>', at('abc1234def'), totals).text).toBe(
      ':white_check_mark: Automated tests (unit &lt;x&gt;) of `abc1234`: 1 passed, 0 failed',
    );
    const bad = ciLine('unit', at('abc1234'), {
      ...totals,
      failed: 7,
      skipped: 2,
      failures: Array(7).fill('<a>'),
    }).text;
    expect(bad).toContain('7 failed, 2 skipped\n• &lt;a&gt;');
    expect(bad).toContain('… and 2 more');
    expect(ciLine('unit', at('abc1234'), { ...totals, failed: 1, failures: ['a'] }).text).not.toContain('more');
    const earlier = { commit: 'abc1234', newest: 'def5678' };
    expect(ciLine('unit', { ...earlier, counts: false }, totals).text).toContain(
      'of `abc1234`, not the candidate of now (`def5678`): 1 passed',
    );
    expect(ciLine('unit', { ...earlier, counts: true }, totals).text).toContain(
      'of `abc1234`, which count for the candidate of now (`def5678`, same tree): 1 passed',
    );
    expect(waivedLine('<@UBEN>', 'unit <x>', 'it <moved>').text).toContain(
      '(unit &lt;x&gt;) need not be waited for: it &lt;moved&gt;\n',
    );
  });
});

it('the bar is all green only when all is done, and never hides a failure', () => {
  expect(bar(counts({ total: 0 }))).toBe('');
  expect(bar(counts({ total: 1000, passed: 999 }))).toBe('🟩🟩🟩🟩🟩🟩🟩🟩🟩⬜');
  expect(bar(counts({ total: 1000, passed: 990, failed: 1 }))).toBe('🟩🟩🟩🟩🟩🟩🟩🟩🟩🟥');
  expect(countsText(counts({ skipped: 1, skipAsked: 2, failed: 3, blocked: 4 }))).toBe(
    '0/10 passed, 1 skipped, 2 to agree, 3 failed, 4 blocked, 8 required to go',
  );
});

it('buttons say what they were drawn for, and nothing else is understood', () => {
  const at = { runId: 7, area: 3, page: 2 };
  expect(readValue(caseValue(at, 'send-eth'))).toEqual({ ...at, caseId: 'send-eth' });
  expect(readValue(`${caseValue(at, 'send-eth')}:17`)).toEqual({ ...at, caseId: 'send-eth', askedAt: 17 });
  for (const bad of ['', '7', '7:3:2', 'x:3:2:a', '7:3:2:A b', '7:3:2:a:x']) expect(readValue(bad)).toBeUndefined();
  expect(actNamed('takeover', null)).toEqual({ kind: 'take', over: true });
  for (const kind of ['pass', 'fail', 'blocked', 'skip'] as const)
    expect(actNamed(kind, 'n')).toEqual({ kind, note: 'n' });
  for (const kind of ['agree', 'refuse', 'drop'] as const) expect(actNamed(kind, null)).toEqual({ kind });
  expect(actNamed('take', null)).toEqual({ kind: 'take', over: false });
  expect(actNamed('constructor', null)).toBeUndefined();
});

describe('the report', () => {
  const cases = [
    aCase({ results: [given('A', 'pass')] }),
    aCase({ caseId: 'b1', results: [given('A', 'fail', 'a | <b>\n"x" \u0000')] }),
    aCase({ caseId: 'c1', area: 'other × area', required: false, results: [given('B', 'skip', 'x')] }),
    aCase({ caseId: 'd1' }),
  ];
  const report = makeReport(run, counts({ total: 4 }), cases, new Map([['A', 'Ana']]));
  const [md, xml] = report.files;

  it('has every case and result, as Markdown that typed text cannot break', () => {
    expect(md?.name).toBe('web-v1.2.3-candidate-abc1234.md');
    expect(md?.text).toContain('| send-eth | Send &#60;ETH&#62; | yes | passed | Ana: pass (2026-03-02 09:00 UTC) |');
    expect(md?.text).toContain('a &#124; &#60;b&#62; "x"');
    expect(
      md?.text
        .split('\n')
        .filter((l) => l.startsWith('| '))
        .every((l) => l.split('|').length === 7),
    ).toBe(true);
    expect(makeReport(production, counts(), [], new Map()).files[0]?.text).toContain('- Production:');
  });
  it('is JUnit that tools read', async () => {
    async function* bytes() {
      yield new TextEncoder().encode(xml?.text);
    }
    const read = await readJUnit(bytes());
    expect(read).toEqual({ passed: 1, failed: 1, skipped: 2, failures: ['native × send › b1: Send <ETH>'] });
  });
  it('says the same with the same hash', () => {
    expect(makeReport(run, counts({ total: 4 }), cases, new Map([['A', 'Ana']])).hash).toBe(report.hash);
    expect(makeReport(run, counts({ total: 4 }), cases.slice(1), new Map()).hash).not.toBe(report.hash);
  });
});
