import { describe, expect, it } from 'vitest';
import { card, checkCard, stateLine } from '../../../src/areas/releases/blocks.ts';
import { details } from '../../../src/areas/releases/details.ts';
import { gate } from '../../../src/areas/releases/gate-rules.ts';
import type { Facts, State } from '../../../src/areas/releases/types.ts';
import { DEFAULT_FUNDS } from '../../../src/base/policy.ts';
import {
  ADA,
  ADMIN,
  aBlocker,
  aCandidate,
  aHold,
  aPresence,
  aSignOff,
  BEN,
  CAS,
  minutes,
  playTo,
  STATES,
  someFacts,
} from '../../support/facts.ts';
import { TEAM } from '../../support/team.ts';

const now = minutes(5);
const text = (drawn: unknown) => JSON.stringify(drawn);
const actionsOf = (f: Facts, at = now) =>
  (card(f, TEAM, at).blocks as { type: string; elements?: { action_id: string }[] }[])
    .filter((b) => b.type === 'actions')
    .flatMap((b) => b.elements ?? [])
    .map((e) => e.action_id.replace('release_', ''));

describe('the card', () => {
  it.each([
    ['waiting', ['ready', 'hold', 'bug_report', 'more']],
    ['testing', ['ready', 'lgtm', 'hold', 'bug_report', 'more']],
    ['approved', ['ship', 'hold', 'bug_report', 'more']],
    ['shipping', ['shipped', 'failed', 'bug_report', 'rollback']],
    ['verifying', ['bug_report', 'rollback']],
    ['done', ['bug_report', 'rollback']],
    ['cancelled', []],
    ['rolled_back', []],
  ] as const)('shows in %s the buttons that make sense there: %s', (state, shown) => {
    expect(actionsOf(playTo(state).facts)).toEqual(shown);
  });

  it('shows no hold, and no button to lift it, once the release has ended', () => {
    const held = (state: State, at = now) =>
      text(card({ ...playTo(state).facts, holds: [aHold(CAS, { reason: 'the fee' })] }, TEAM, at));
    for (const state of ['cancelled', 'rolled_back'] as const) expect(held(state)).not.toMatch(/On hold|unhold/);
    for (const state of ['testing', 'shipping', 'verifying', 'done'] as const)
      expect(held(state)).toContain('release_unhold');
    expect(held('done', minutes(25 * 60))).not.toMatch(/On hold|unhold/);
  });

  it('R7: its menu takes an LGTM back only while somebody has given one, whether it counts or not', () => {
    const { facts } = playTo('testing');
    const menu = (signOffs: Facts['signOffs']) => text(card({ ...facts, signOffs }, TEAM, now));
    expect(menu([])).toContain('"away:12"');
    expect(menu([])).not.toContain('"retract:12"');
    expect(menu([aSignOff(ADA)])).toContain('"retract:12"');
    expect(menu([aSignOff(ADA, { candidateId: 99 })])).toContain('"retract:12"');
    for (const gone of [{ retractedAt: now }, { lateAt: now }])
      expect(menu([aSignOff(ADA, gone)])).not.toContain('"retract:12"');
  });

  it('R3: its buttons about a push carry the candidate and the push', () => {
    const { facts } = playTo('shipping');
    const values = (card(facts, TEAM, now).blocks as { elements?: { action_id: string; value?: string }[] }[])
      .flatMap((b) => b.elements ?? [])
      .filter((e) => /shipped|failed|rollback/.test(e.action_id))
      .map((e) => e.value);
    expect(values).toEqual(Array(3).fill(`12:101:${facts.release.shippingAt?.getTime()}`));
  });

  it('recommends LGTM and Ship only while nothing else is waited for (R5)', () => {
    const green = (f: Facts) =>
      (card(f, TEAM, now).blocks as { elements?: { action_id: string; style?: string }[] }[])
        .flatMap((b) => b.elements ?? [])
        .flatMap((e) => (e.style === 'primary' ? [e.action_id] : []));
    for (const [state, action] of [
      ['testing', 'release_lgtm'],
      ['approved', 'release_ship'],
    ] as const) {
      const { facts } = playTo(state);
      expect(green(facts)).toEqual([action]);
      expect(green({ ...facts, blockers: [aBlocker()] })).toEqual([]);
      expect(actionsOf({ ...facts, blockers: [aBlocker()] })).toContain(action.replace('release_', ''));
    }
  });

  it('says its state and what it waits for, in every state', () => {
    const said = STATES.map((state) => stateLine(playTo(state).facts, TEAM, now));
    expect(new Set(said).size).toBe(STATES.length);
    for (const line of said) expect(line).toMatch(/^:\w+: \*[^*]+\* — .+/);
  });

  it('records test transactions while it is tested and watched, where the policy has test funds (R19)', () => {
    const { channels } = TEAM.workspace;
    const policies = [
      { ...TEAM, funds: DEFAULT_FUNDS },
      { ...TEAM, workspace: { ...TEAM.workspace, channels: { ...channels, testFunds: 'C0FUNDS' } } },
    ];
    for (const policy of policies) {
      const shows = STATES.filter((state) => text(card(playTo(state).facts, policy, now)).includes('"funds_spend"'));
      expect(shows).toEqual(['testing', 'approved', 'verifying', 'done']);
    }
  });

  it('offers no roll-back once the watch is over (R8)', () => {
    const p = playTo('done');
    const late = minutes(25 * 60);
    expect(actionsOf(p.facts, late)).toEqual([]);
    expect(stateLine(p.facts, TEAM, late)).toContain('watch over');
  });

  it('counts the eyes that are missing, and tells of a hold', () => {
    const one = someFacts({ presences: [aPresence(ADA)] });
    expect(stateLine(one, TEAM, now)).toContain('one more');
    expect(stateLine(someFacts({ holds: [aHold(CAS)] }), TEAM, now)).toContain('on hold');
  });

  it('says in testing everything that is missing', () => {
    const f = { ...playTo('testing').facts };
    expect(stateLine(f, TEAM, now)).toContain('two sign-offs');
    const blocked = { ...f, blockers: [aBlocker()], unfinished: { candidate: 1, production: 0 } };
    expect(stateLine(blocked, TEAM, now)).toMatch(/a blocking bug, 1 test case, two sign-offs/);
    const more = {
      ...blocked,
      blockers: [...blocked.blockers, aBlocker({ id: 2, title: 'y', url: 'https://issues.example.com/2' })],
      unfinished: { candidate: 3, production: 0 },
      holds: [aHold(CAS)],
      signOffs: [aSignOff(ADA, { act: 9 })],
    };
    expect(stateLine(more, TEAM, now)).toMatch(/hold to be lifted, 2 blocking bugs, 3 test cases, one more sign-off/);
    expect(text(card(more, TEAM, now))).toContain('<https://issues.example.com/2|y>');
    expect(text(card({ ...f, blockers: [aBlocker({ back: 'known' })] }, TEAM, now))).toContain('not in this one)');
    expect(text(card({ ...f, blockers: [aBlocker({ back: 'assumed' })] }, TEAM, now))).toContain('assumed to have it)');
    expect(text(card(more, TEAM, now))).toContain('3 required test cases');
    const both = { ...f, signOffs: [aSignOff(ADA, { act: 9 }), aSignOff(BEN, { id: 2, act: 9 })] };
    expect(stateLine(both, TEAM, now)).toContain('LGTM once more');
  });

  it('says quietly how far the test run is, what automated tests say, what changed, and the bugs that hold nothing up', () => {
    const drawn = (over: Partial<Omit<Facts, 'release'>>, state: State = 'testing') =>
      text(card({ ...playTo(state).facts, ...over }, TEAM, now));
    const left = { candidate: 1, production: 3 };
    const progress = { total: 10, passed: 4, failed: 1, blocked: 1, skipped: 1, carriedFrom: null };
    expect(drawn({ progress, unfinished: left })).toContain(
      '🟩🟩🟩🟩🟩🟥🟥⬜⬜⬜ 4/10 passed, 1 skipped, 1 failed, 1 blocked, 1 required to go',
    );
    const fine = { total: 2, passed: 2, failed: 0, blocked: 0, skipped: 0, carriedFrom: 'abc1234def' };
    expect(drawn({ progress: fine })).toContain(
      '🟩🟩🟩🟩🟩🟩🟩🟩🟩🟩 2/2 passed, with what was tested on `abc1234` (same tree)"',
    );
    expect(drawn({ flags: ['new-fees', 'swap.v2'] })).toContain(
      'tested with `new-fees`, `swap.v2`; other flags as in production',
    );
    expect(drawn({ flags: Array.from({ length: 23 }, (_, i) => `f${i}`) })).toContain('`f19` and 3 more');
    expect(drawn({ unfinished: left }, 'approved')).toContain(
      'waits for 1 test case, then <@UMAX> or an admin ships it',
    );
    expect(drawn({ unfinished: { ...left, candidate: 2 } }, 'approved')).toContain('waits for 2 test cases');
    expect(drawn({ unfinished: left })).toContain('1 required test case to go');
    expect(drawn({ unfinished: left }, 'verifying')).toContain('3 required test cases to go in production');
    for (const state of ['verifying', 'done'] as const)
      expect(drawn({ progress: { ...fine, carriedFrom: null } }, state)).toContain('🟩 in production: 2/2 passed"');
    expect(drawn({ progress: fine }, 'approved')).not.toContain('in production: ');
    for (const [state, shown] of [
      ['testing', ['ready', 'test_open', 'lgtm', 'hold', 'bug_report', 'more']],
      ['approved', ['ship', 'test_open', 'hold', 'bug_report', 'more']],
      ['verifying', ['test_open', 'bug_report', 'rollback']],
    ] as const)
      expect(actionsOf({ ...playTo(state).facts, progress })).toEqual(shown);
    expect(drawn({ ci: { passed: 7, failed: 0, waiting: [] } })).toContain(
      ':white_check_mark: automated tests: 7 passed, 0 failed',
    );
    const waiting = ['a', 'b', '<c>', 'd'];
    expect(drawn({ ci: { passed: 0, failed: 0, waiting } })).toContain(
      ':hourglass_flowing_sand: automated tests: no results yet of a, b, &lt;c&gt; and 1 more',
    );
    expect(drawn({ ci: { passed: 1, failed: 1, waiting: ['unit'] } })).toContain(
      ':x: automated tests: 1 passed, 1 failed; no results yet of unit',
    );
    const failing = { ci: { passed: 7, failed: 2, waiting: [] } };
    expect(drawn(failing)).toContain(':x: automated tests');
    expect(drawn(failing)).not.toContain('the automated tests');
    const gating = { ...TEAM, testing: { ...TEAM.testing, ciGates: true } };
    const f = { ...playTo('testing').facts, ...failing };
    expect(text(card(f, gating, now))).toContain('waits for the automated tests, two sign-offs');
    expect(text(card({ ...f, ci: { passed: 0, failed: 0, waiting } }, gating, now))).toContain(
      'waits for the automated tests',
    );
    const changes = { loaded: true, problem: null, count: 1, developAhead: 1 };
    expect(drawn({ changes })).toContain('1 change since production, develop is 1 commit ahead');
    expect(drawn({ changes: { ...changes, count: 3, developAhead: 2 } })).toContain(
      '3 changes since production, develop is 2 commits',
    );
    expect(drawn({ changes: { ...changes, count: 0, developAhead: null } })).toContain('0 changes since production"');
    expect(drawn({ changes: { ...changes, loaded: false } })).toContain('changes not loaded yet');
    expect(drawn({ changes: { ...changes, loaded: false, problem: 'GitHub is slow' } })).toContain('(GitHub is slow)');
    expect(drawn({ otherBugs: 1 })).toContain('1 non-blocking bug in triage');
    expect(drawn({ otherBugs: 2 })).toContain('2 non-blocking bugs in triage');
    expect(drawn({ catchRate: { caught: 19, escaped: 1 } }, 'done')).toContain(
      ':goal_net: bugs: 19 of 20 caught, 95 % :white_check_mark: (the goal is 95 %; what counts: `/bug stats`)"',
    );
    expect(drawn({ catchRate: { caught: 0, escaped: 0 } }, 'done')).toContain('bugs: nothing to catch (');
  });

  it('links a prod issue of ours (R9)', () => {
    const f = someFacts({
      release: { kind: 'emergency', prodIssue: 'PI-3' },
      prodIssueUrl: 'https://slack.example.com/p3',
    });
    expect(text(card(f, TEAM, now))).toContain('<https://slack.example.com/p3|PI-3>');
  });

  it('shows stale sign-offs with what they reviewed (R3), interrupted ones (R6), late and deactivated signers', () => {
    const at = [aCandidate(), aCandidate({ id: 102, seq: 2, commit: 'def5678' })];
    const stale = someFacts({ candidates: at, signOffs: [aSignOff(ADA)] });
    expect(text(card(stale, TEAM, now))).toContain('stale: reviewed `abc1234`, now `def5678`');
    expect(text(card(stale, TEAM, now))).toContain('*Candidate* no. 2');
    const interrupted = someFacts({ signOffs: [aSignOff(ADA)], release: { interruptedAct: 5 } });
    expect(text(card(interrupted, TEAM, now))).toContain('still LGTM?');
    const late = someFacts({ signOffs: [aSignOff(ADA, { lateAt: now })], deactivated: [ADA.id] });
    expect(text(card(late, TEAM, now))).toContain('(deactivated since) (took it back after shipping began)');
  });

  it('links the commit when the product has a repository, and only what is a link', () => {
    expect(text(card(someFacts(), TEAM, now))).toContain('https://github.com/example/wallet/commit/abc1234');
    const site = someFacts({ release: { product: 'site', environmentUrl: 'javascript:x' } });
    expect(text(card(site, TEAM, now))).not.toMatch(/github|javascript/);
    const linked = someFacts({ release: { environmentUrl: 'https://staging.example.com' } });
    expect(text(card(linked, TEAM, now))).toContain('<https://staging.example.com|environment under test>');
  });

  it('shows holds with who may lift which', () => {
    const holds = [aHold(CAS), aHold(BEN, { id: 901, reason: null }), aHold(ADMIN, { id: 902, emergencyId: 7 })];
    const drawn = text(card(someFacts({ holds }), TEAM, now));
    expect(drawn).toContain('by <@UCAS>: the build is broken');
    expect(drawn).toContain('_reason asked_');
    expect(drawn).toContain('by the emergency');
    expect(drawn).toContain('12:901');
  });

  it('marks an emergency for ever, with its reason and prod issue (R9)', () => {
    const release = { kind: 'emergency' as const, reason: 'money & more', prodIssue: 'https://issues.example.com/1' };
    const drawn = text(card(someFacts({ release }), TEAM, now));
    expect(drawn).toContain('emergency release');
    expect(drawn).toContain('money &amp; more');
    expect(drawn).toContain('<https://issues.example.com/1|prod issue>');
    const odd = someFacts({ release: { ...release, reason: null, prodIssue: null } });
    expect(text(card(odd, TEAM, now))).toContain('*Emergency*');
    const typed = someFacts({ release: { ...release, prodIssue: 'see <#C1>' } });
    expect(text(card(typed, TEAM, now))).toContain('see &lt;#C1&gt;');
  });

  it('offers shipping on one only where the rules would allow it (R9)', () => {
    const testing = playTo('testing').facts;
    const signOffs = [aSignOff(ADA, { act: 9 })];
    const emergency = { ...testing, signOffs, release: { ...testing.release, kind: 'emergency' as const } };
    expect(actionsOf(emergency)).toContain('ship_on_one');
    expect(actionsOf({ ...emergency, signOffs: [] })).not.toContain('ship_on_one');
    expect(actionsOf({ ...testing, signOffs })).not.toContain('ship_on_one');
  });

  it('shows the review that is owed, then who gave it (R9)', () => {
    const owed = someFacts({ release: { state: 'done', doneAt: now, onOne: ADA.id, reviewDueAt: minutes(60) } });
    expect(text(card(owed, TEAM, now))).toContain('Give the review');
    const given = { ...owed, release: { ...owed.release, reviewedBy: BEN.id } };
    expect(text(card(given, TEAM, now))).toContain('reviewed by <@UBEN>');
  });

  it('says why it ended, or that nobody said', () => {
    expect(stateLine(someFacts({ release: { state: 'cancelled', endReason: '<!here> no' } }), TEAM, now)).toContain(
      '&lt;!here&gt; no',
    );
    expect(stateLine(someFacts({ release: { state: 'rolled_back' } }), TEAM, now)).toContain('no reason given');
  });
});

describe('the production check (R8)', () => {
  it('asks while it is live, and says how it ended', () => {
    const open = text(checkCard(playTo('verifying').facts, TEAM, now));
    expect(open).toContain('release_verify');
    expect(open).toContain('<https://app.example.com|production>');
    expect(text(checkCard(someFacts({ release: { product: 'site', state: 'verifying' } }), TEAM, now))).toContain(
      'operators check production:',
    );
    expect(open).not.toContain('wait for');
    const left = { ...playTo('verifying').facts, unfinished: { candidate: 5, production: 3 } };
    expect(text(checkCard(left, TEAM, now))).toContain('sign-offs wait for 3 test cases');
    expect(stateLine(left, TEAM, now)).toContain('— waits for 3 test cases; two operators check production');
    const done = text(checkCard(playTo('done').facts, TEAM, now));
    expect(done).toContain('production is signed off');
    expect(done).not.toContain('release_verify');
    const back = someFacts({ release: { state: 'rolled_back' } });
    expect(text(checkCard(back, TEAM, now))).toContain('rolled back');
  });

  it('says so in its text too, which is all that is shown where Slack takes no blocks', () => {
    const says = (f: Facts) => checkCard(f, TEAM, now).text;
    const { facts } = playTo('verifying');
    const name = `Production check of ${facts.release.product} ${facts.release.version}`;
    expect(says(facts)).toBe(
      `${name}: eyes 0/2, sign-offs 0/2. Two operators check it, then sign off: \`/release verify\``,
    );
    expect(says(playTo('done').facts)).toBe(`${name}: over, production is signed off`);
    expect(says({ ...facts, release: { ...facts.release, state: 'rolled_back' } })).toBe(
      `${name}: over, the release was rolled back`,
    );
  });
});

describe('a channel that cannot be read', () => {
  it('keeps every sign-off from counting until it can be read again (R5)', () => {
    const f = someFacts({ release: { lostAt: now } });
    for (const stage of ['candidate', 'production'] as const)
      expect(gate(f, stage, {})).toMatchObject({ code: 'lost' });
    expect(gate(someFacts(), 'candidate', {})).toBeNull();
  });
});

describe('the details', () => {
  it('show only what was filled in', () => {
    const little = details(someFacts({ release: { product: 'site', authors: [] } }), TEAM);
    expect(little.blocks).toHaveLength(2);
    const all = {
      environmentUrl: 'https://s.example.com',
      changes: 'a',
      risks: 'b',
      flags: 'c',
      opsOwner: 'U1',
      productOwner: 'U2',
    };
    const much = details(someFacts({ release: all }), TEAM);
    expect(much.blocks).toHaveLength(6);
    expect(text(much)).toContain('operations <@U1>, product <@U2>');
    expect(text(much)).toContain('compare/main...abc1234');
  });
});
