import { describe, expect, test } from 'vitest';
import { prodCard, prodList } from '../../../src/areas/triage/prod-blocks.ts';
import { prodForm } from '../../../src/areas/triage/prod-forms.ts';
import { declaredLine, prodLine, releaseLine } from '../../../src/areas/triage/prod-lines.ts';
import { canRollBack } from '../../../src/areas/triage/prod-rules.ts';
import { type ProdAct, type ProdFacts, QUESTIONS } from '../../../src/areas/triage/prod-types.ts';
import { readProdAct } from '../../../src/bot/prod-command.ts';
import { loadPolicy } from '../../../src/policy.ts';
import { ADA, HOURS, minutes } from '../../support/facts.ts';
import { AT, facts, issue, live, NOW } from './prod-facts.ts';

const policy = loadPolicy('src/demo/policy.yml');

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
