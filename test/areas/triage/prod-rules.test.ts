import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { prodCard, prodList } from '../../../src/areas/triage/prod-blocks.ts';
import { prodForm } from '../../../src/areas/triage/prod-forms.ts';
import { declaredLine, prodLine, releaseLine } from '../../../src/areas/triage/prod-lines.ts';
import { PROD_PERMISSIONS, type ProdPermission } from '../../../src/areas/triage/prod-permissions.ts';
import {
  ANSWER_MAX,
  attribute,
  canRollBack,
  decideProd,
  forbiddenProd,
  NOTE_MAX,
  PROD_TABLE,
  restoreMs,
  whyProd,
} from '../../../src/areas/triage/prod-rules.ts';
import {
  type LiveRelease,
  type ProdAct,
  type ProdFacts,
  type ProdIssue,
  type ProdState,
  QUESTIONS,
} from '../../../src/areas/triage/prod-types.ts';
import type { Actor } from '../../../src/base/actor.ts';
import { readProdAct } from '../../../src/bot/prod-command.ts';
import { loadPolicy } from '../../../src/policy.ts';
import { ADA, ADMIN, ENG, HOURS, minutes, NOBODY, person, T0 } from '../../support/facts.ts';

const policy = loadPolicy('src/demo/policy.yml');
const NOW = minutes(90);
const PM = person('UPM', 'product');
const ANSWERS = Object.fromEntries(Object.keys(QUESTIONS).map((key) => [key, `answer to ${key}`]));

function live(over: Partial<LiveRelease> = {}): LiveRelease {
  return {
    id: 12,
    name: 'wallet v1.2.3',
    state: 'done',
    manager: 'UMAX',
    shippedAt: minutes(-60),
    doneAt: minutes(-30),
    endedAt: null,
    url: 'https://slack.example/p12',
    ...over,
  };
}

function issue(over: Partial<ProdIssue> = {}): ProdIssue {
  return {
    id: 3,
    bugId: 7,
    product: 'wallet',
    title: 'Nobody can send <!here>',
    state: 'declared',
    why: 'money',
    releaseId: 12,
    attributedBy: null,
    declaredBy: 'UDEC',
    declaredAt: T0,
    mitigatedAt: null,
    resolvedAt: null,
    reviewedAt: null,
    owner: 'UMAX',
    engineer: null,
    communication: null,
    review: null,
    reviewedBy: null,
    threadId: 9,
    ...over,
  };
}

const facts = (over: Partial<ProdIssue> = {}, more: Partial<ProdFacts> = {}): ProdFacts => ({
  issue: issue(over),
  bug: { id: 7, title: 'Nobody can send', url: 'https://slack.example/b7' },
  releases: [live({ id: 13, name: 'wallet v1.2.4', shippedAt: minutes(30), doneAt: null, state: 'verifying' }), live()],
  emergencies: [],
  thread: { channel: 'CPROD', url: null },
  ...more,
});
const AT: Record<ProdState, Partial<ProdIssue>> = {
  declared: {},
  mitigated: { state: 'mitigated', mitigatedAt: minutes(20) },
  resolved: { state: 'resolved', mitigatedAt: minutes(20), resolvedAt: minutes(40) },
  reviewed: {
    state: 'reviewed',
    mitigatedAt: minutes(20),
    resolvedAt: minutes(40),
    reviewedAt: minutes(60),
    reviewedBy: 'UREV',
    review: ANSWERS,
  },
};
const ACTS: ProdAct[] = [
  { kind: 'mitigate', note: null },
  { kind: 'resolve', note: null },
  { kind: 'reopen', reason: 'still there' },
  { kind: 'assign', roles: { engineer: ENG.id } },
  { kind: 'attribute', releaseId: null },
  { kind: 'review', answers: ANSWERS },
];
const decide = (f: ProdFacts, act: ProdAct, who: Actor = ADA) => decideProd(f, who, act, NOW);
function code(f: ProdFacts, act: ProdAct, who: Actor = ADA): string {
  const d = decide(f, act, who);
  return 'refusal' in d ? d.refusal.code : 'already' in d ? 'already' : 'done';
}

describe('attribution: the release that most likely brought it', () => {
  test('the right one of three: the newest that was live and watched when it was declared', () => {
    const old = live({ id: 1, shippedAt: minutes(-40 * HOURS), doneAt: minutes(-39 * HOURS) });
    const right = live({ id: 2, shippedAt: minutes(-2 * HOURS), doneAt: minutes(-1 * HOURS) });
    const later = live({ id: 3, shippedAt: minutes(5), doneAt: null, state: 'verifying' });
    expect(attribute([later, old, right], T0)?.id).toBe(2);
    expect(attribute([old, later], T0)).toBeNull();
    expect(attribute([], T0)).toBeNull();
  });

  test('the watch ends 24 h after done, to the millisecond; a rolled back one is live no more', () => {
    const done = live({ doneAt: minutes(-24 * HOURS), shippedAt: minutes(-25 * HOURS) });
    expect(attribute([done], T0)).toBeNull();
    expect(attribute([done], new Date(T0.getTime() - 1))?.id).toBe(12);
    expect(attribute([live({ shippedAt: T0, doneAt: null })], T0)?.id).toBe(12);
    expect(attribute([live({ state: 'rolled_back', endedAt: T0 })], T0)).toBeNull();
    expect(attribute([live({ state: 'rolled_back', endedAt: minutes(1) })], T0)?.id).toBe(12);
  });

  test('property: it picks the newest within the window, and only null when the window is empty', () => {
    const hour = fc.integer({ min: -80, max: 10 });
    const some = fc.record({
      shipped: hour,
      done: fc.option(fc.nat(20), { nil: null }),
      ended: fc.option(fc.nat(60), { nil: null }),
    });
    fc.assert(
      fc.property(fc.array(some, { maxLength: 12 }), (rows) => {
        const releases = rows.map((r, id) =>
          live({
            id,
            shippedAt: minutes(r.shipped * HOURS),
            doneAt: r.done === null ? null : minutes((r.shipped + r.done) * HOURS),
            endedAt: r.ended === null ? null : minutes((r.shipped + r.ended) * HOURS),
          }),
        );
        // Naively, hour by hour.
        let best: number | null = null;
        rows.forEach((r, id) => {
          const inWatch = r.done === null || r.shipped + r.done + 24 > 0;
          const stands = r.ended === null || r.shipped + r.ended > 0;
          if (r.shipped <= 0 && inWatch && stands && (best === null || r.shipped >= (rows[best]?.shipped ?? 0)))
            best = id;
        });
        expect(attribute(releases, T0)?.id ?? null).toBe(best);
      }),
      { numRuns: 500 },
    );
  });

  test('unless somebody says otherwise: another one that was live before, or none', () => {
    expect(decide(facts(), { kind: 'attribute', releaseId: 12 })).toEqual({
      patch: { releaseId: 12, attributedBy: ADA.id },
    });
    expect(code(facts({ attributedBy: 'UX' }), { kind: 'attribute', releaseId: 12 })).toBe('already');
    expect(decide(facts(), { kind: 'attribute', releaseId: null })).toMatchObject({ patch: { releaseId: null } });
    expect(code(facts(), { kind: 'attribute', releaseId: 13 })).toBe('later');
    expect(code(facts(), { kind: 'attribute', releaseId: 99 })).toBe('no_release');
  });
});

describe('declared → mitigated → resolved → reviewed', () => {
  test('in which states an act makes sense', () => {
    expect(PROD_TABLE).toEqual({
      mitigate: ['declared'],
      resolve: ['declared', 'mitigated'],
      reopen: ['mitigated', 'resolved'],
      assign: ['declared', 'mitigated', 'resolved'],
      attribute: ['declared', 'mitigated', 'resolved', 'reviewed'],
      review: ['resolved'],
    });
  });

  test('every state x act is either in the table or refused', () => {
    for (const state of Object.keys(AT) as ProdState[]) {
      for (const act of ACTS) {
        const done = code(facts(AT[state]), act) === 'done';
        expect(done, `${act.kind} when ${state}`).toBe(PROD_TABLE[act.kind].includes(state));
      }
    }
  });

  test('the clock: from the declaration until users can work again; resolving at once stops it too', () => {
    expect(decide(facts(), { kind: 'mitigate', note: null })).toEqual({
      patch: { state: 'mitigated', mitigatedAt: NOW },
    });
    expect(decide(facts(), { kind: 'resolve', note: null })).toMatchObject({
      patch: { mitigatedAt: NOW, resolvedAt: NOW },
    });
    const d = decide(facts(AT.mitigated), { kind: 'resolve', note: 'fixed' });
    expect(d).toMatchObject({ patch: { mitigatedAt: minutes(20), resolvedAt: NOW } });
    expect(restoreMs(issue(AT.resolved), NOW)).toBe(20 * 60_000);
    expect(restoreMs(issue(), NOW)).toBe(90 * 60_000);
  });

  test('when it is back the clock runs on; that needs a reason', () => {
    const back = { patch: { state: 'declared', mitigatedAt: null, resolvedAt: null } };
    expect(decide(facts(AT.resolved), { kind: 'reopen', reason: 'still there' })).toEqual(back);
    expect(code(facts(AT.resolved), { kind: 'reopen', reason: null })).toBe('reason');
    expect(code(facts(), { kind: 'reopen', reason: 'x' })).toBe('already');
  });

  test('repeats say so, long texts are refused', () => {
    expect(code(facts(AT.mitigated), { kind: 'mitigate', note: null })).toBe('already');
    expect(code(facts(AT.resolved), { kind: 'resolve', note: null })).toBe('already');
    expect(code(facts(AT.resolved), { kind: 'mitigate', note: null })).toBe('state');
    expect(code(facts(AT.reviewed), { kind: 'resolve', note: null })).toBe('state');
    const long = 'x'.repeat(NOTE_MAX + 1);
    expect(code(facts(), { kind: 'mitigate', note: long })).toBe('too_long');
    expect(code(facts(), { kind: 'resolve', note: long })).toBe('too_long');
    expect(code(facts(AT.resolved), { kind: 'reopen', reason: long })).toBe('too_long');
  });

  test('the review answers all four questions, and only after it is resolved', () => {
    expect(code(facts(), { kind: 'review', answers: ANSWERS })).toBe('not_resolved');
    expect(code(facts(AT.mitigated), { kind: 'review', answers: ANSWERS })).toBe('not_resolved');
    expect(code(facts(AT.resolved), { kind: 'review', answers: { ...ANSWERS, who: undefined } })).toBe('unanswered');
    expect(code(facts(AT.resolved), { kind: 'review', answers: { ...ANSWERS, who: 'x'.repeat(ANSWER_MAX + 1) } })).toBe(
      'too_long',
    );
    expect(decide(facts(AT.resolved), { kind: 'review', answers: ANSWERS })).toEqual({
      patch: { state: 'reviewed', reviewedAt: NOW, reviewedBy: ADA.id, review: ANSWERS },
    });
  });

  test('who may not changes nothing, whatever the act', () => {
    for (const act of ACTS) expect(code(facts(), act, NOBODY)).toBe('role');
  });

  test('what is out of its time is told what it is, and what to do', () => {
    const refused = (over: Partial<ProdIssue>, act: ProdAct) => {
      const d = decide(facts(over), act);
      return 'refusal' in d ? [d.refusal.code, d.refusal.reason, d.refusal.next] : d;
    };
    const [mitigate, , reopen, , , review] = ACTS as [ProdAct, ProdAct, ProdAct, ProdAct, ProdAct, ProdAct];
    expect(refused(AT.resolved, mitigate)).toEqual(['state', 'it is resolved already', 'Reopen it first.']);
    expect(refused(AT.mitigated, mitigate)).toEqual({ already: 'it is mitigated already' });
    for (const act of [reopen, review])
      expect(refused(AT.reviewed, act)).toEqual([
        'state',
        'it is reviewed already',
        expect.stringMatching(/declare it anew/),
      ]);
    expect(decide(facts(AT.mitigated), { kind: 'resolve', note: null })).toHaveProperty('patch.state', 'resolved');
  });

  test('who was said to have brought it may be said anew', () => {
    const d = decide(facts({ attributedBy: 'UX' }), { kind: 'attribute', releaseId: null });
    expect(d).toEqual({ patch: { releaseId: null, attributedBy: ADA.id } });
  });

  test('the review is told which questions are open', () => {
    const d = decide(facts(AT.resolved), { kind: 'review', answers: {} });
    const all = Object.values(QUESTIONS).join(' ');
    expect('refusal' in d && d.refusal.reason).toBe(`the review has no answer to: ${all.slice(0, -1)}`);
  });

  test('texts may be as long as they are said to be, and a release may go live in the very moment', () => {
    const note = 'x'.repeat(NOTE_MAX);
    expect(code(facts(), { kind: 'mitigate', note })).toBe('done');
    const answers = { ...ANSWERS, who: 'x'.repeat(ANSWER_MAX) };
    expect(code(facts(AT.resolved), { kind: 'review', answers })).toBe('done');
    const now = facts({}, { releases: [live({ id: 14, shippedAt: T0 })] });
    expect(code(now, { kind: 'attribute', releaseId: 14 })).toBe('done');
  });

  test('R24: it always has an owner; other roles may be empty', () => {
    expect(code(facts(), { kind: 'assign', roles: { owner: null } })).toBe('owner');
    expect(code(facts(), { kind: 'assign', roles: { owner: 'UMAX', engineer: null } })).toBe('already');
    const roles = { owner: 'UMAX', engineer: ENG.id, communication: null };
    expect(decide(facts({ communication: 'UX' }), { kind: 'assign', roles })).toEqual({
      patch: { engineer: ENG.id, communication: null },
    });
  });

  test('why: money before a key feature; neither is no prod issue', () => {
    expect(whyProd({ money: true, keyFeature: true })).toBe('money');
    expect(whyProd({ money: false, keyFeature: true })).toBe('key_feature');
    expect(whyProd({ money: false, keyFeature: false })).toBeNull();
  });

  test('permissions: roles of the table, and whoever has a role in it', () => {
    for (const act of Object.keys(PROD_PERMISSIONS) as ProdPermission[]) {
      const may: readonly string[] = PROD_PERMISSIONS[act];
      for (const [who, role] of [
        [ADA, 'operator'],
        [ENG, 'engineer'],
        [PM, 'product'],
        [ADMIN, 'admin'],
      ] as const)
        expect(forbiddenProd(act, who, issue()) === null, `${act} by ${role}`).toBe(may.includes(role));
      expect(forbiddenProd(act, NOBODY, issue())?.code).toBe('role');
      expect(forbiddenProd(act, { ...NOBODY, rolesUnknown: 'a group' }, null)?.code).toBe('roles_unknown');
      expect(forbiddenProd(act, NOBODY, issue({ communication: NOBODY.id })) === null).toBe(may.includes('involved'));
      for (const standing of ['bot', 'guest', 'outsider', 'deactivated'] as const)
        expect(forbiddenProd(act, { ...ADA, standing }, issue())?.code).toBe('standing');
    }
  });
});

describe('what is shown', () => {
  const show = (f: ProdFacts, now = NOW) => JSON.stringify(prodCard(f, policy, now).blocks);

  test('the card: state, roles, time to restore, attribution, and the roll-back while one can be recorded', () => {
    const shown = show(facts());
    for (const part of [
      'Users are hit',
      '<@UMAX>',
      'nobody yet',
      'running since',
      '|wallet v1.2.3>',
      'Most likely brought by',
      'release_rollback',
      '|BUG-7>',
    ])
      expect(shown).toContain(part);
    expect(shown).toContain('"value":"12"');
    expect(show(facts(), minutes(25 * HOURS))).not.toContain('release_rollback');
    expect(show(facts(AT.mitigated))).toContain('*Time to restore*\\n20 min');
    expect(show(facts({ releaseId: null }))).toContain('no release was being watched');
    expect(show(facts({ releaseId: null, attributedBy: 'UX' }))).toContain('no release\\n_says <@UX>_');
    expect(show(facts({ attributedBy: 'UX', engineer: 'UENG' }))).toContain('<@UENG> is on it');
    expect(show(facts(AT.resolved))).toContain('pi_review');
    expect(show(facts(AT.reviewed))).toContain('answer to happened');
    const emergency = facts({}, { emergencies: [{ name: 'wallet v1.2.5', url: null }], bug: null });
    expect(show(emergency)).toContain('*wallet v1.2.5*');
    expect(canRollBack(live({ state: 'rolled_back', endedAt: NOW }), NOW)).toBe(false);
    expect(canRollBack(live({ state: 'verifying', doneAt: null }), NOW)).toBe(true);
  });

  test('a line for every act', () => {
    const before = facts();
    const after = facts({ ...AT.resolved, engineer: 'UENG', releaseId: null });
    const line = (act: ProdAct, b = before, a = after) => prodLine(b, a, act, ADA.id).text;
    expect(line({ kind: 'mitigate', note: 'switched <off>' })).toContain(
      'switched &lt;off&gt;\nUsers were hit for 20 min',
    );
    expect(line({ kind: 'resolve', note: null })).toContain('Users were hit for 20 min');
    expect(line({ kind: 'resolve', note: null }, facts(AT.mitigated))).not.toContain('Users were hit');
    expect(line({ kind: 'reopen', reason: 'x' }, after, before)).toContain('It is back');
    expect(line({ kind: 'assign', roles: {} })).toContain('Engineer on it: <@UENG> (by <@UADA>)');
    expect(line({ kind: 'assign', roles: {} }, after, before)).toContain('Engineer on it: nobody');
    expect(line({ kind: 'attribute', releaseId: null })).toContain('no release brought it');
    expect(line({ kind: 'attribute', releaseId: 12 }, after, before)).toContain('*wallet v1.2.3* brought it');
    expect(line({ kind: 'review', answers: {} })).toContain('Reviewed');
    expect(releaseLine(before, live(), true).blocks).toBeDefined();
    expect(releaseLine(before, live(), false).blocks).toBeUndefined();
    expect(declaredLine('escalated', 'UX', 'many <calls>').text).toContain('<@UX> escalated it: many &lt;calls&gt;');
    expect(declaredLine('money', 'UX', null).text).toContain("users' money");
  });

  test('the list, and the forms', () => {
    expect(prodList([]).text).toContain('no prod issue');
    const listed = prodList([
      { ...issue(), url: null },
      { ...issue({ ...AT.reviewed, owner: null }), url: 'https://s/p' },
    ]);
    expect(listed.text).toBe('1 prod issues are open');
    expect(JSON.stringify(listed.blocks)).toContain('restored in 20 min');
    const text = (what: Parameters<typeof prodForm>[0]) => JSON.stringify(prodForm(what, facts()));
    expect(text('release')).toContain('wallet v1.2.3');
    expect(text('release')).not.toContain('wallet v1.2.4');
    expect(JSON.stringify(prodForm('release', facts({ releaseId: null })))).toContain('"value":"none"');
    expect(text('roles')).toContain('"initial_user":"UMAX"');
    for (const question of Object.values(QUESTIONS)) expect(text('review')).toContain(question);
    expect(text('reopen')).toContain('What is still broken?');
  });
});

test('what is typed after /bug prod, and what a press means', () => {
  const read = (word: Parameters<typeof readProdAct>[0], text = '') => {
    const words = text.split(' ').filter(Boolean);
    return readProdAct(word, words, words);
  };
  expect(read('mitigated', 'rolled back')).toEqual({ kind: 'mitigate', note: 'rolled back' });
  expect(read('resolved')).toEqual({ kind: 'resolve', note: null });
  expect(read('reopen')).toBe('reopen');
  expect(read('reopen', 'no')).toEqual({ kind: 'reopen', reason: 'no' });
  expect(read('review')).toBe('review');
  expect(read('review', 'x')).toBeNull();
  expect(read('assign')).toBe('roles');
  expect(read('assign', 'comms <@UX>')).toEqual({ kind: 'assign', roles: { communication: 'UX' } });
  expect(read('assign', 'boss <@UX>')).toBeNull();
  expect(read('assign', 'owner bob')).toBeNull();
  expect(read('release')).toBe('release');
  expect(read('release', 'none')).toEqual({ kind: 'attribute', releaseId: null });
  expect(read('release', 'rel-12')).toEqual({ kind: 'attribute', releaseId: 12 });
  expect(read('release', 'v1')).toBeNull();
  expect(read('release', 'REL-12 REL-13')).toBeNull();
});
