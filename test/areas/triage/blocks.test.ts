import { describe, expect, test } from 'vitest';
import { card, waitsFor } from '../../../src/areas/triage/blocks.ts';
import { askForm, type BugAsk, bugForm } from '../../../src/areas/triage/forms.ts';
import { lineFor, proposalLine } from '../../../src/areas/triage/lines.ts';
import { list } from '../../../src/areas/triage/list.ts';
import { type ReportForm, readReport } from '../../../src/areas/triage/report.ts';
import { decide } from '../../../src/areas/triage/rules.ts';
import { monthOf, statsText, weekOf } from '../../../src/areas/triage/stats.ts';
import type { Act, Bug, BugFacts } from '../../../src/areas/triage/types.ts';
import type { Block } from '../../../src/base/slack.ts';
import { loadPolicy } from '../../../src/policy.ts';
import { aBug, BUG_ACTS, bugFacts, FOUND, LATER, patched } from '../../support/bugs.ts';
import { ADA, BEN, ENG, minutes, T0 } from '../../support/facts.ts';

const policy = loadPolicy('src/demo/policy.yml');
const shown = (f: BugFacts, canTicket = false) => JSON.stringify(card(f, policy, canTicket).blocks);
const actionsOf = (f: BugFacts, canTicket = false) =>
  [...shown(f, canTicket).matchAll(/"action_id":"(bug_\w+)"/g)].map((m) => m[1]);

/** Every text within what Slack takes. */
function fits(blocks: readonly Block[], max: number): void {
  expect(blocks.length).toBeLessThanOrEqual(max);
  for (const b of blocks) {
    const text = (b.text as { text: string } | undefined)?.text ?? '';
    expect(text.length).toBeLessThanOrEqual(b.type === 'header' ? 150 : 3000);
    for (const f of (b.fields as { text: string }[] | undefined) ?? []) expect(f.text.length).toBeLessThanOrEqual(2000);
    for (const e of (b.elements as { options?: unknown[]; text?: { text: string } | string }[] | undefined) ?? []) {
      expect(e.options?.length ?? 1).toBeLessThanOrEqual(5);
      if (typeof e.text === 'object') expect(e.text.text.length).toBeLessThanOrEqual(75);
      if (typeof e.text === 'string') expect(e.text.length).toBeLessThanOrEqual(2000);
    }
  }
}

describe('the card', () => {
  test.each<[string, Partial<Bug>, Partial<BugFacts>, string]>([
    ['suspected', {}, {}, 'somebody to recreate it and a try in production'],
    ['half confirmed', { recreatedBy: 'UADA' }, {}, 'waits for a try in production'],
    ['confirmed', { state: 'confirmed' }, {}, 'its fix to be named'],
    ['confirmed without a candidate', { state: 'confirmed' }, { candidates: [FOUND] }, 'a candidate with its fix'],
    ['fixing', { state: 'fixing' }, { fix: LATER }, 'retests it on `def5678`'],
    ['fixing, unknown', { state: 'fixing' }, {}, 'retests it on ``'],
    ['verified', { state: 'verified', endedBy: 'UADA' }, { fix: LATER }, 'by <@UADA> on `def5678`'],
    ['verified, unknown', { state: 'verified' }, {}, 'by  on ``'],
    [
      'rejected',
      { state: 'rejected', askedBy: 'UADA', agreedBy: 'UBEN', endReason: 'a < b' },
      {},
      'asked by <@UADA>, agreed by <@UBEN>: a &lt; b',
    ],
    ['rejected, unknown', { state: 'rejected' }, {}, 'asked by , agreed by : '],
    ['reported', { blocking: false, state: 'reported' }, {}, 'somebody else to recreate it'],
    ['recreated', { blocking: false, state: 'recreated' }, {}, 'waits for a ticket'],
    [
      'ticketed',
      { blocking: false, state: 'ticketed', ticket: 'https://t.example/1' },
      {},
      '<https://t.example/1|its ticket>',
    ],
    ['ticketed, unknown', { blocking: false, state: 'ticketed' }, {}, 'its ticket'],
    ['resolved', { blocking: false, state: 'resolved', endedBy: 'UADA' }, {}, 'by <@UADA>'],
    ['resolved, unknown', { blocking: false, state: 'resolved' }, {}, 'by '],
    [
      'wont_fix',
      { blocking: false, state: 'wont_fix', endedBy: 'UADA', endReason: 'by design' },
      {},
      'by <@UADA>: by design',
    ],
    ['duplicate', { blocking: false, state: 'duplicate', duplicateOf: 3 }, {}, 'of *BUG-3*'],
    ['duplicate, unknown', { blocking: false, state: 'duplicate' }, {}, 'of *BUG-0*'],
  ])('says what it waits for: %s', (_, bug, over, wanted) => {
    const f = bugFacts({ ...over, bug });
    expect(waitsFor(f)).toContain(wanted);
    fits(card(f, policy).blocks, 50);
  });
  test('shows the four steps, the release it holds up and the question that is open', () => {
    const f = bugFacts({
      bug: {
        recreatedBy: 'UADA',
        inProduction: 'no',
        triedBy: 'UBEN',
        state: 'fixing',
        askedFor: 'reject',
        askedBy: 'UADA',
        askedReason: 'no <bug>',
        askedAt: T0,
      },
      fix: LATER,
    });
    for (const text of [
      'does not happen, <@UBEN>',
      '`def5678` (wallet v1.2.3)',
      'Holds up',
      'asks to reject it: no &lt;bug&gt;',
      'candidate `abc1234`',
    ])
      expect(shown(f)).toContain(text);
    expect(actionsOf(f)).toEqual(['bug_agree', 'bug_decline', 'bug_fixed', 'bug_still', 'bug_more']);
    expect(shown({ ...f, bug: { ...f.bug, state: 'verified', endedBy: 'UADA' } })).toContain('*Retest*\\n<@UADA>');
    expect(shown({ ...f, bug: { ...f.bug, state: 'verified', askedReason: null } })).toContain('*Retest*\\n');
  });
  test('has the buttons that make sense now', () => {
    expect(actionsOf(bugFacts())).toEqual(['bug_recreate', 'bug_tried_yes', 'bug_tried_no', 'bug_more']);
    expect(actionsOf(bugFacts({ bug: { state: 'confirmed', recreatedBy: 'UADA', inProduction: 'no' } }))).toEqual([
      'bug_fix',
      'bug_more',
    ]);
    const triage = (bug: Partial<Bug>, can = false) => actionsOf(bugFacts({ bug: { blocking: false, ...bug } }), can);
    expect(triage({ state: 'reported' })).toEqual(['bug_recreate', 'bug_more']);
    expect(triage({ state: 'recreated' })).toEqual(['bug_ticket', 'bug_resolve', 'bug_more']);
    expect(triage({ state: 'recreated' }, true)).toEqual(['bug_github', 'bug_ticket', 'bug_resolve', 'bug_more']);
    expect(triage({ state: 'ticketed' })).toEqual(['bug_resolve', 'bug_more']);
    expect(triage({ state: 'resolved', endedAt: T0 })).toEqual([]);
    expect(shown(bugFacts({ bug: { state: 'fixing' } }))).toContain('"value":"7:0"');
  });
  test('says where it was found, its answers and its history, and little when little is known', () => {
    const full = bugFacts({
      bug: {
        foundIn: 'production',
        inProduction: 'yes',
        link: 'https://slack.example/p1',
        ticket: 'https://t.example/1',
        owner: 'UMAX',
        priorityReason: 'many calls',
        downgradedAt: T0,
        askedBy: 'UADA',
        agreedBy: 'UBEN',
        askedReason: 'rare',
        answers: { wallet: 'Keep<Key>', users: 'one', money: 'odd', feature: 'send' },
      },
      prodIssueId: 4,
    });
    for (const text of [
      'in production',
      'wallet: Keep&lt;Key&gt;',
      'who has it: One, as far as we know',
      'can move their money: odd',
      '(many calls)',
      '*PI-4*',
      'downgraded: asked by <@UADA>, agreed by <@UBEN>: rare',
      'from this message',
      '|ticket>',
    ])
      expect(shown(full)).toContain(text);
    const bare = bugFacts({
      found: null,
      release: null,
      open: [],
      bug: {
        steps: null,
        owner: null,
        priority: null,
        answers: {},
        downgradedAt: T0,
        askedFor: 'downgrade',
        askedBy: 'UADA',
        askedAt: null,
      },
    });
    for (const text of ['wallet, production', '_nobody yet_', 'none']) expect(shown(bare)).toContain(text);
    expect(shown(bugFacts({ bug: { downgradedAt: T0 } }))).toContain('downgraded: asked by , agreed by : ');
    const noUrl = bugFacts({
      release: { id: 1, name: 'wallet v1', kind: 'scheduled', state: 'testing', manager: 'UMAX', url: null },
    });
    expect(shown(noUrl)).toContain('*wallet v1*, candidate');
  });
  test('stays within Slack’s limits whatever was typed', () => {
    const long = '&<>'.repeat(1000);
    const f = bugFacts({
      bug: {
        title: long.slice(0, 150),
        steps: long.slice(0, 2800),
        answers: { wallet: long.slice(0, 200), browser: long.slice(0, 200), device: long.slice(0, 200) },
        priorityReason: long.slice(0, 500),
        askedFor: 'reject',
        askedBy: 'UADA',
        askedReason: long.slice(0, 500),
        downgradedAt: T0,
      },
      open: Array.from({ length: 30 }, (_, id) => ({
        id,
        name: 'wallet v1',
        kind: 'scheduled',
        state: 'testing',
        manager: 'UMAX',
        url: `https://s.example/${'x'.repeat(80)}`,
      })),
    });
    fits(card(f, policy).blocks, 50);
    expect(shown(f)).not.toContain('<&');
  });
});

describe('the thread’s lines', () => {
  test('every act that is taken says who did it', () => {
    const starts = [
      bugFacts(),
      bugFacts({ bug: { state: 'confirmed', recreatedBy: 'UCAS', inProduction: 'yes' } }),
      bugFacts({ bug: { state: 'fixing', fixCandidateId: LATER.id }, fix: LATER }),
      bugFacts({
        bug: { state: 'fixing', askedFor: 'downgrade', askedBy: BEN.id, askedReason: 'rare', askedAt: T0 },
        fix: LATER,
      }),
      bugFacts({
        bug: { blocking: false, state: 'recreated', recreatedBy: 'UADA' },
        original: { id: 3, product: 'wallet', state: 'reported' },
      }),
    ];
    const acts: Act[] = [...BUG_ACTS, { kind: 'tried', happens: true }, { kind: 'retest', fixed: false }];
    const told = new Set<string>();
    for (const f of starts)
      for (const act of acts) {
        const d = decide(f, act.kind === 'fix' ? ENG : ADA, act, minutes(90));
        if (!('patch' in d)) continue;
        const line = lineFor(f, patched(f, d.patch), act, ADA.id);
        expect(line.text).toContain(act.kind === 'assign' ? '<@UENG>' : `<@${ADA.id}>`);
        if (line.blocks) fits(line.blocks, 50);
        told.add(act.kind);
      }
    expect(told.size).toBe(BUG_ACTS.length);
  });
  test('R14: both operators are named, with the reason; taking a question back is no decline', () => {
    const f = bugFacts({ bug: { askedFor: 'reject', askedBy: BEN.id, askedReason: 'a <b>', askedAt: T0 } });
    const d = decide(f, ADA, { kind: 'agree' }, minutes(90));
    if (!('patch' in d)) throw new Error('not taken');
    expect(lineFor(f, patched(f, d.patch), { kind: 'agree' }, ADA.id)).toMatchObject({
      text: ':wastebasket: *Rejected*: asked by <@UBEN>, agreed by <@UADA>: a &lt;b&gt;',
      broadcast: true,
    });
    expect(lineFor(f, f, { kind: 'decline' }, BEN.id).text).toContain('no longer asks to reject it');
    const pi = { ...bugFacts({ bug: { askedFor: 'prod_issue', askedBy: BEN.id, askedReason: 'x' } }), prodIssueId: 4 };
    expect(lineFor(pi, pi, { kind: 'agree' }, ADA.id).text).toContain('*PI-4* now');
    expect(proposalLine(aBug(), 'downgrade').text).toContain('non-blocking');
  });
});

describe('the form', () => {
  test('is within Slack’s limits, prefilled, and offers the product’s key features', () => {
    const view = bugForm(policy, {
      product: 'unchained',
      releaseId: 4,
      title: 'x'.repeat(500),
      steps: 'y'.repeat(9000),
      link: 'https://a.example',
    });
    fits(view.blocks, 100);
    expect(JSON.stringify(view)).toContain('"initial_value":"REL-4"');
    expect(JSON.stringify(view)).toContain('"value":"trade"');
    expect(JSON.stringify(view).length).toBeLessThan(250_000);
    expect(
      JSON.stringify(bugForm({ ...policy, products: [{ ...policy.products[0], keyFeatures: [] } as never] }, {})),
    ).not.toContain('Key feature');
    for (const b of view.blocks) expect((b.label as { text: string }).text.length).toBeLessThanOrEqual(2000);
  });
  test('with one question, of each kind', () => {
    const asks: BugAsk[] = ['fix', 'downgrade', 'reject', 'block', 'ticket', 'wontfix', 'duplicate', 'priority'];
    for (const what of asks) {
      const view = askForm(what, bugFacts({ bug: { priority: null } }));
      expect(view.callback_id).toBe(`bug_ask_${what}`);
      for (const part of ['title', 'submit', 'close'] as const)
        expect((view[part] as { text: string }).text.length).toBeLessThanOrEqual(24);
    }
  });
  const form: ReportForm = { product: 'unchained', title: 'T', foundIn: 'candidate', blocking: 'no' };
  const faults = (over: Partial<ReportForm>) => {
    const read = readReport({ ...form, ...over }, policy);
    return 'faults' in read ? Object.keys(read.faults) : [];
  };
  test('names every fault by its field', () => {
    expect(faults({})).toEqual([]);
    expect(faults({ product: 'unchaned', title: ' ', link: 'x', release: 'a b c', steps: 'x'.repeat(2801) })).toEqual(
      ['product', 'title', 'link', 'release', 'steps'].sort((a, b) => faultsOrder(a) - faultsOrder(b)),
    );
    expect(faults({ product: 'zzzzzz' })).toEqual(['product']);
    expect(faults({ release: 'web v1.0.0' })).toEqual(['release']);
  });
  const order = ['product', 'title', 'link', 'release', 'steps'];
  const faultsOrder = (field: string) => order.indexOf(field);
  test('reads the release by id, version or with its product; and keeps only answers it asked for', () => {
    const read = (over: Partial<ReportForm>) => {
      const r = readReport({ ...form, ...over }, policy);
      if ('faults' in r) throw new Error(JSON.stringify(r.faults));
      return r.report;
    };
    expect(read({ release: 'rel-12' }).release).toEqual({ id: 12 });
    expect(read({ release: '1.2.3' }).release).toEqual({ version: 'v1.2.3' });
    expect(read({ release: 'Unchained V1.2.3' }).release).toEqual({ version: 'v1.2.3' });
    expect(read({}).release).toEqual({});
    const r = read({
      users: 'constructor',
      money: 'no',
      feature: 'nothing',
      foundIn: 'production',
      production: 'no',
      wallet: ' KeepKey ',
    });
    expect(r.answers).toEqual({ money: 'no', wallet: 'KeepKey' });
    expect(r.inProduction).toBe('yes');
    expect(read({ production: 'no' }).inProduction).toBe('no');
    expect(read({ feature: 'send' }).answers).toEqual({ feature: 'send' });
  });
});

describe('lists', () => {
  test('the open bugs, in few blocks', () => {
    expect(list([]).text).toContain('No bug is open');
    const bugs = Array.from({ length: 100 }, (_, id) => ({
      ...aBug({
        id,
        owner: id % 2 ? 'UADA' : null,
        blocking: id % 3 === 0,
        priority: id % 2 ? 'P1' : null,
        title: '&'.repeat(150),
      }),
      url: id % 2 ? 'https://s.example/1' : null,
    }));
    const drawn = list(bugs);
    fits(drawn.blocks, 50);
    expect(JSON.stringify(drawn)).toContain('and 60 more');
  });
  test('R25: weeks begin on Monday, in the team’s zone', () => {
    expect(weekOf(new Date('2026-03-01T22:30:00Z'), 'Europe/London')).toBe('2026-02-23');
    expect(weekOf(new Date('2026-03-01T23:30:00Z'), 'Europe/Berlin')).toBe('2026-03-02');
    expect(monthOf(new Date('2026-02-28T23:30:00Z'), 'Europe/Berlin')).toBe('2026-03');
    expect(statsText([], new Map(), 'Europe/London')).toContain('no bugs yet');
  });
});
