import { describe, expect, test } from 'vitest';
import { PROD_PERMISSIONS, type ProdPermission } from '../../../src/areas/triage/prod-permissions.ts';
import { ANSWER_MAX, forbiddenProd, NOTE_MAX, PROD_TABLE, whyProd } from '../../../src/areas/triage/prod-rules.ts';
import { type ProdAct, type ProdIssue, type ProdState, QUESTIONS } from '../../../src/areas/triage/prod-types.ts';
import { ADA, ADMIN, ENG, minutes, NOBODY, person, T0 } from '../../support/facts.ts';
import { ANSWERS, AT, code, decide, facts, issue, live, NOW } from './prod-facts.ts';

const PM = person('UPM', 'product');

const ACTS: ProdAct[] = [
  { kind: 'mitigate', note: null },
  { kind: 'resolve', note: null },
  { kind: 'reopen', reason: 'still there' },
  { kind: 'assign', roles: { engineer: ENG.id } },
  { kind: 'attribute', releaseId: null },
  { kind: 'review', answers: ANSWERS },
];

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
