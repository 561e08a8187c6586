// Any sequence of acts: what the properties of releases are tried on.
import fc from 'fast-check';
import type { Act } from '../../../src/areas/releases/types.ts';
import type { Actor } from '../../../src/base/actor.ts';
import { ADA, ADMIN, BEN, CAS, ENG, EVE, MAX, NOBODY, person } from '../../support/facts.ts';

const GUEST: Actor = { ...person('UGUEST', 'operator', 'admin'), standing: 'guest' };
const BOT: Actor = { ...person('UBOT', 'operator', 'admin'), standing: 'bot' };
/** An admin who is an operator, and one who lost the role half-way through the day. */
const ADO = person('UADO', 'admin', 'operator');
const LEFT_TEAM: Actor = { ...BEN, roles: new Set() };
export const PEOPLE = { ADA, BEN, CAS, ADO, MAX, EVE, ENG, ADMIN, NOBODY, GUEST, BOT, LEFT_TEAM };
type Name = keyof typeof PEOPLE;

/** What happens: an act of a person, or something around the release that other areas write. */
export type Step =
  | { do: 'act'; who: Name; act: Act }
  | { do: 'wait'; minutes: number }
  | { do: 'blocker' | 'fixed' | 'reconciled' | 'cases' | 'cases_done' }
  /** GitHub's word on a candidate: on the commit it is told with the act, or later by this. */
  | { do: 'verified'; candidate: number };

/** The tree of each commit that is ever named. */
export const TREES: Record<string, string> = {
  abc1234: 'T1',
  abc1234def: 'T1',
  def5678: 'T2',
  '0a0a0a0': 'T1',
  fff9999: 'T3',
};

const act = (who: Name, a: Act): Step => ({ do: 'act', who, act: a });
const road = fc.constantFrom('button', 'reaction', 'word', 'command', 'modal');
const drawnFor = fc.oneof(
  { weight: 6, arbitrary: fc.constant(undefined) },
  { weight: 3, arbitrary: fc.constantFrom(101, 102) },
  { weight: 1, arbitrary: fc.constantFrom(103, 999) },
);
const stage = fc.constantFrom('candidate' as const, 'production' as const, undefined, undefined);
const reason = fc.constantFrom('the fee is wrong', null);
const commit = fc.constantFrom('abc1234', 'abc1234def', 'def5678', '0a0a0a0', 'fff9999');

const anyAct: fc.Arbitrary<Act> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('ready' as const), stage }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('away' as const), stage }) },
  { weight: 12, arbitrary: fc.record({ kind: fc.constant('lgtm' as const), road, candidateId: drawnFor }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('verify' as const), road, candidateId: drawnFor }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('retract' as const), stage }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('hold' as const), reason, road }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('reason' as const), holdId: fc.nat(4), reason: fc.constant('because') }),
  },
  { weight: 4, arbitrary: fc.constant<Act>({ kind: 'unhold' }) },
  {
    weight: 2,
    arbitrary: fc
      .record({ commit, tree: fc.constantFrom('t1', null), known: fc.boolean() })
      .map(({ known, ...named }): Act => {
        const verifiedTree = known ? TREES[named.commit] : undefined;
        return { kind: 'candidate', ...named, ...(verifiedTree && { verifiedTree }) };
      }),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom<Act>(
      { kind: 'authors_known', authors: [CAS.id] },
      { kind: 'authors_known', authors: [EVE.id, ADA.id] },
      { kind: 'authors_known', authors: [EVE.id] },
    ),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constantFrom('ship' as const, 'ship_on_one' as const), candidateId: drawnFor }),
  },
  { weight: 2, arbitrary: fc.constant<Act>({ kind: 'shipped' }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('failed' as const), reason }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('rollback' as const, 'cancel' as const), reason }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('review' as const), note: reason }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom<Act>(
      { kind: 'emergency_opened', emergencyId: 77, shown: 'wallet 1.2.4' },
      { kind: 'emergency_cancelled', emergencyId: 77 },
    ),
  },
  { weight: 1, arbitrary: fc.constant<Act>({ kind: 'tick' }) },
);
const names = Object.keys(PEOPLE) as Name[];
const anyStep: fc.Arbitrary<Step[]> = fc.oneof(
  {
    weight: 14,
    arbitrary: fc
      .record({ who: fc.constantFrom(...names, 'ADA', 'BEN', 'CAS', 'MAX'), a: anyAct })
      .map(({ who, a }) => [act(who, a)]),
  },
  { weight: 2, arbitrary: fc.nat(90).map((minutes): Step[] => [{ do: 'wait', minutes }]) },
  { weight: 1, arbitrary: fc.integer({ min: 91, max: 1600 }).map((minutes): Step[] => [{ do: 'wait', minutes }]) },
  {
    weight: 3,
    arbitrary: fc
      .constantFrom('blocker', 'fixed', 'fixed', 'reconciled', 'cases', 'cases_done', 'cases_done')
      .map((what): Step[] => [{ do: what } as Step]),
  },
  {
    weight: 3,
    arbitrary: fc.constantFrom(101, 101, 102, 103).map((candidate): Step[] => [{ do: 'verified', candidate }]),
  },
);

/** A stretch of an ordinary day by two people in a row, so that long sequences get somewhere. */
const stretch: fc.Arbitrary<Step[]> = fc
  .record({
    pair: fc.constantFrom<[Name, Name][]>(['ADA', 'BEN'], ['BEN', 'CAS'], ['ADO', 'ADA'], ['MAX', 'EVE']),
    what: fc.constantFrom(
      'here',
      'sign',
      'approve',
      'approve',
      'ship',
      'ship_on_one',
      'live',
      'check',
      'clear',
      'renamed',
    ),
    renamed: fc.constantFrom('abc1234def', '0a0a0a0', 'def5678'),
    known: fc.boolean(),
  })
  .map(({ pair, what, renamed, known }) => {
    const both = (a: Act) => pair.map((who) => act(who, a));
    const here = both({ kind: 'ready' });
    const sign = both({ kind: 'lgtm', road: 'reaction' });
    const clear: Step[] = [
      { do: 'fixed' },
      { do: 'cases_done' },
      act('ADO', { kind: 'unhold' }),
      act('ADO', { kind: 'unhold' }),
    ];
    const push = (kind: 'ship' | 'ship_on_one'): Step[] => [{ do: 'reconciled' }, act('MAX', { kind })];
    // Signed, and the same or another tree under a new name; GitHub answers at once or later, in any order.
    if (what === 'renamed') {
      const said: Step[] = [
        { do: 'verified', candidate: 101 },
        { do: 'verified', candidate: 102 },
      ];
      const tree = TREES[renamed];
      const late = { kind: 'candidate', commit: renamed, tree: null } as const;
      const name = act('MAX', known && tree ? { ...late, verifiedTree: tree } : late);
      return known ? [...here, ...said, ...sign, name] : [...here, ...sign, name, ...said.reverse()];
    }
    if (what === 'here') return here;
    if (what === 'sign') return sign;
    if (what === 'approve') return [...here, ...sign];
    if (what === 'ship' || what === 'ship_on_one') return push(what);
    if (what === 'live') return [...push('ship'), act('MAX', { kind: 'shipped' })];
    if (what === 'clear') return clear;
    return [...here, ...both({ kind: 'verify', road: 'button' })];
  });
/** Where the day begins: so that every state gets its share of odd acts. */
const PAIR: Name[] = ['ADA', 'BEN'];
const both = (a: Act): Step[] => PAIR.map((who) => act(who, a));
const APPROVED = [...both({ kind: 'ready' }), ...both({ kind: 'lgtm', road: 'button' })];
const ON_ONE: Step[] = [
  ...both({ kind: 'ready' }),
  act('ADA', { kind: 'lgtm', road: 'button' }),
  { do: 'reconciled' },
  act('MAX', { kind: 'ship_on_one' }),
];
const SHIPPING: Step[] = [...APPROVED, { do: 'reconciled' }, act('MAX', { kind: 'ship' })];
const LIVE = [...SHIPPING, act('MAX', { kind: 'shipped' })];
const DONE = [...LIVE, ...both({ kind: 'ready' }), ...both({ kind: 'verify', road: 'button' })];
export const day = fc
  .tuple(
    fc.constantFrom<Step[]>([], [], [], both({ kind: 'ready' }), ON_ONE, APPROVED, SHIPPING, LIVE, DONE),
    fc.array(fc.oneof({ weight: 3, arbitrary: anyStep }, { weight: 1, arbitrary: stretch }), {
      maxLength: 45,
      size: 'max',
    }),
    fc.constantFrom<Act>(
      { kind: 'cancel', reason: 'not needed' },
      { kind: 'rollback', reason: 'payments fail' },
      { kind: 'failed', reason: null },
    ),
  )
  .map(([start, steps, end]) => [...start, ...steps.flat(), act('MAX', end)]);
