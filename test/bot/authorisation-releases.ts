// Releases, their test runs, slots and freezes: rows of `authorisation-table.ts`, by hand.
import { P, type World } from '../support/world.ts';
import { button, command, form, inView, MEMBERS, menu, type Row, reaction } from './authorisation-roads.ts';

const release = (product: keyof World['rel']) => (w: World) => ({ releaseId: w.rel[product].id });
const OPENING = {
  ...{ product: { option: 'free' }, version: 'v1.0.0', commit: 'aaaaaaa1', kind: { option: 'scheduled' } },
  ...{ manager: { person: P.mgr }, authors: { people: [] } },
};

export const RELEASES: Row[] = [
  {
    ...{ act: 'open', who: 'op auth eng admin', how: 'does' },
    roads: [
      command('/release open free v1.0.0 aaaaaaa1'),
      command('/release emergency free v1.0.0 aaaaaaa1 https://status.example/2 users cannot pay'),
      form('release_open', OPENING),
    ],
  },
  {
    ...{ act: 'open', who: 'op auth eng admin', how: 'sees' },
    roads: [command('/release open free'), command('/release emergency'), button('cadence_open', 'free')],
  },
  {
    ...{ act: 'candidate', who: 'eng mgr admin', how: 'does' },
    roads: [
      command('/release candidate test v1.0.0 def5678'),
      form('release_ask_candidate', { text: 'def5678', tree: '' }, release('test')),
    ],
  },
  {
    ...{ act: 'candidate', who: 'eng mgr admin', how: 'sees' },
    roads: [command('/release candidate test v1.0.0'), menu('release_more', (w) => `candidate:${w.rel.test.id}`)],
  },
  {
    ...{ act: 'ready', who: 'op', how: 'does' },
    roads: [
      command('/release ready wait v1.0.0'),
      button('release_ready', (w) => `${w.rel.wait.id}`),
      reaction('eyes', (w) => w.rel.wait.card),
    ],
  },
  {
    ...{ act: 'away', who: 'op', how: 'own' },
    roads: [command('/release away test v1.0.0'), menu('release_more', (w) => `away:${w.rel.test.id}`)],
  },
  {
    ...{ act: 'lgtm', who: 'op', how: 'does' },
    roads: [
      command('/release lgtm test v1.0.0'),
      button('release_lgtm', (w) => `${w.rel.test.id}:${w.rel.test.candidate}`),
      reaction('lgtm', (w) => w.rel.test.card),
      { key: 'message', go: (d, person, w) => d.say(person, 'LGTM!', w.rel.test.card) },
    ],
  },
  {
    ...{ act: 'verify', who: 'op', how: 'does' },
    roads: [
      command('/release verify live v1.0.0'),
      button('release_verify', (w) => `${w.rel.live.id}:${w.rel.live.candidate}`),
      reaction('lgtm', (w) => w.check),
    ],
  },
  {
    ...{ act: 'retract', who: 'op', how: 'own' },
    roads: [
      command('/release retract appr v1.0.0'),
      menu('release_more', (w) => `retract:${w.rel.appr.id}`),
      reaction('lgtm', (w) => w.rel.appr.card, false),
    ],
  },
  {
    ...{ act: 'hold', who: MEMBERS, how: 'does' },
    roads: [
      command('/release hold test v1.0.0 slow'),
      button('release_hold', (w) => `${w.rel.test.id}`),
      reaction('octagonal_sign', (w) => w.rel.test.card),
    ],
  },
  {
    ...{ act: 'reason', who: 'mgr', how: 'does' },
    roads: [form('release_ask_hold', { text: 'the fee' }, (w) => ({ releaseId: w.rel.held.id, holdId: w.holds.held }))],
  },
  {
    ...{ act: 'reason', who: MEMBERS, how: 'sees' },
    roads: [button('release_reason', (w) => `${w.rel.held.id}:${w.holds.held}`)],
  },
  {
    ...{ act: 'unhold', who: 'mgr admin', how: 'does' },
    roads: [
      command('/release unhold held v1.0.0'),
      button('release_unhold', (w) => `${w.rel.held.id}:${w.holds.held}`),
    ],
  },
  {
    ...{ act: 'unhold', who: 'prod mgr admin', how: 'does' },
    roads: [
      command('/release unhold stop v1.0.0'),
      button('release_unhold', (w) => `${w.rel.stop.id}:${w.holds.stop}`),
    ],
  },
  {
    ...{ act: 'ship', who: 'mgr admin', how: 'does' },
    roads: [
      command('/release ship appr v1.0.0'),
      button('release_ship', (w) => `${w.rel.appr.id}:${w.rel.appr.candidate}`),
    ],
  },
  {
    ...{ act: 'ship_on_one', who: 'mgr admin', how: 'does' },
    roads: [
      command('/release ship emer v1.0.0 on one'),
      button('release_ship_on_one', (w) => `${w.rel.emer.id}:${w.rel.emer.candidate}`),
    ],
  },
  {
    ...{ act: 'shipped', who: 'mgr admin', how: 'does' },
    roads: [command('/release shipped ship v1.0.0'), button('release_shipped', (w) => `${w.rel.ship.id}`)],
  },
  {
    ...{ act: 'failed', who: 'mgr admin', how: 'does' },
    roads: [
      command('/release failed ship v1.0.0 the pods crash'),
      form('release_ask_failed', { text: 'the pods crash' }, release('ship')),
    ],
  },
  {
    ...{ act: 'failed', who: 'mgr admin', how: 'sees' },
    roads: [button('release_failed', (w) => `${w.rel.ship.id}`)],
  },
  {
    ...{ act: 'rollback', who: 'op auth mgr admin', how: 'does' },
    roads: [
      command('/release rollback live v1.0.0 payments fail'),
      form('release_ask_rollback', { text: 'payments fail' }, release('live')),
    ],
  },
  {
    ...{ act: 'rollback', who: 'op auth mgr admin', how: 'sees' },
    roads: [button('release_rollback', (w) => `${w.rel.live.id}`)],
  },
  {
    ...{ act: 'cancel', who: 'mgr admin', how: 'does' },
    roads: [
      command('/release cancel test v1.0.0 not needed'),
      form('release_ask_cancel', { text: 'not needed' }, release('test')),
    ],
  },
  {
    ...{ act: 'cancel', who: 'mgr admin', how: 'sees' },
    roads: [menu('release_more', (w) => `cancel:${w.rel.test.id}`)],
  },
  {
    ...{ act: 'review', who: 'op', how: 'does' },
    roads: [
      command('/release review owes v1.0.0 looks right'),
      form('release_ask_review', { text: 'looks right' }, release('owes')),
    ],
  },
  {
    // The form opens for operators; that one wrote the changes is said when it is sent.
    ...{ act: 'review', who: 'op auth', how: 'sees' },
    roads: [button('release_review', (w) => `${w.rel.owes.id}`)],
  },
  {
    ...{ act: 'look', who: MEMBERS, how: 'sees' },
    roads: [
      command('/release list'),
      command('/release status test v1.0.0'),
      command('/release test runs v1.0.0'),
      command('/release test runs v1.0.0 c1'),
    ],
  },
];

const value = (w: World, id: string) => `${w.run}:0:0:${id}`;
export const TESTS: Row[] = [
  {
    ...{ act: 'test', who: 'op', how: 'does' },
    roads: [
      command('/release test runs v1.0.0 c1 pass'),
      command('/release test runs v1.0.0 next'),
      command('/release test runs v1.0.0 c1 fail it crashes'),
      ...['pass', 'fail', 'take'].map((name) => button(`test_${name}`, (w) => value(w, 'c1'))),
      inView('test_pass', (w) => value(w, 'c1')),
      button('test_takeover', (w) => value(w, 'c3')),
      ...['agree', 'refuse'].map((name) => button(`test_${name}`, (w) => `${value(w, 'c2')}:${w.askedAt}`)),
      ...['pass', 'fail', 'blocked', 'skip'].map((result) =>
        form('test_note', { note: 'a note' }, (w) => ({ result, at: value(w, 'c1') })),
      ),
    ],
  },
  // Words agree to nothing: they show the question, with its buttons.
  { act: 'test', who: 'op', how: 'sees', roads: [command('/release test runs v1.0.0 c2 agree')] },
  {
    ...{ act: 'flag', who: 'op auth eng mgr', how: 'does' },
    roads: [
      command('/release flag runs v1.0.0 new-fees'),
      form('test_flags', { flags: 'new-fees' }, (w) => ({ releaseId: w.rel.runs.id, shown: ['old'] })),
      command('/release unflag runs v1.0.0 old'),
    ],
  },
  {
    ...{ act: 'flag', who: 'op auth eng mgr', how: 'sees' },
    roads: [command('/release flag runs v1.0.0'), menu('release_more', (w) => `flags:${w.rel.runs.id}`)],
  },
  { act: 'waive', who: 'op', how: 'does', roads: [command('/release waive bugs v1.0.0 unit it moved')] },
  // Nobody but who is on it lets go of it, and of these nobody is.
  { act: 'test', who: '', how: 'own', roads: [button('test_drop', (w) => value(w, 'c3'))] },
  { act: 'report', who: MEMBERS, how: 'does', roads: [command('/release report runs v1.0.0')] },
  {
    ...{ act: 'look', who: MEMBERS, how: 'sees' },
    roads: [
      button('test_open', (w) => `${w.rel.runs.id}`),
      inView('test_areas', (w) => value(w, '')),
      inView('test_areas_back', (w) => value(w, '')),
      inView('test_areas_on', (w) => value(w, '')),
      inView('test_area', (w) => value(w, '')),
      inView('test_area_back', (w) => value(w, '')),
      inView('test_area_on', (w) => value(w, '')),
      ...['skip', 'blocked'].map((name) => inView(`test_${name}`, (w) => value(w, 'c1'))),
      menu('test_more', (w) => `pass_note|${value(w, 'c1')}`),
      menu('test_more', (w) => `fail_note|${value(w, 'c1')}`),
    ],
  },
];

const FREEZE = { product: { option: 'free' }, from: '2027-02-01', to: '2027-02-02', reason: 'a holiday' };
export const CADENCE: Row[] = [
  {
    ...{ act: 'freeze', who: 'eng admin', how: 'does' },
    roads: [command('/release freeze free 2027-02-01 2027-02-02 a holiday'), form('cadence_freeze', FREEZE)],
  },
  { act: 'freeze', who: 'eng admin', how: 'sees', roads: [command('/release freeze')] },
  { act: 'thaw', who: 'eng admin', how: 'does', roads: [command('/release thaw free')] },
  {
    ...{ act: 'skip', who: 'op auth eng admin', how: 'does' },
    roads: [button('cadence_skip', (w) => `${w.slot}:free`)],
  },
];
