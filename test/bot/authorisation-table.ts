// Who may do what, through every road, written down by hand from docs/permissions.md and docs/rules.md: never from the code's own tables.
import type { Came, Doors } from '../support/doors.ts';
import { ADDRESS, HASH, P, type Who, type World } from '../support/world.ts';

/** One road of an action. `key` is what the road is called in `src/bot/app.ts`, and what of it this is. */
export interface Road {
  key: string;
  go: (d: Doors, person: string, w: World) => Promise<Came>;
}

export interface Row {
  act: string;
  /** Who may, of the names in `P`. */
  who: string;
  /**
   * What comes of it: `does` writes an audit event; `sees` opens a form or answers, and changes nothing. All others are refused, in words.
   * `own`: it is about what is one's own, and of those who have nothing of it nothing is changed and nothing is said of permissions.
   */
  how: 'does' | 'sees' | 'own';
  roads: Road[];
}

type Words = string | ((w: World) => string);
const text = (words: Words, w: World) => (typeof words === 'string' ? words : words(w));

const command = (words: Words): Road => ({
  key: keyOf(words),
  go: (d, person, w) => d.command(person, text(words, w)),
});
/** The command and its first word, or the first two of `/bug prod`, read without a world. */
function keyOf(words: Words): string {
  const said = typeof words === 'string' ? words : String(words).replace(/^[^`]*`|`[^`]*$/g, '');
  return /^\/bug prod \S+|^\/\S+(?: [a-z]+)?/.exec(said)?.[0] ?? said;
}
const button = (id: string, value: Words): Road => ({
  key: id,
  go: (d, person, w) => d.press(person, id, text(value, w)),
});
const inView = (id: string, value: Words): Road => ({
  key: id,
  go: (d, person, w) => d.press(person, id, text(value, w), { view: { id: 'V1', type: 'modal' } }),
});
const menu = (id: string, value: (w: World) => string): Road => ({
  key: `${id} ${/`(\w+)/.exec(String(value))?.[1]}`,
  go: (d, person, w) => d.press(person, id, value(w), { menu: true }),
});
type Fields = Record<string, unknown>;
const form = (id: string, fields: Fields | ((w: World) => Fields), meta?: (w: World) => unknown): Road => ({
  key: `form ${id}`,
  go: (d, person, w) => d.submit(person, id, typeof fields === 'function' ? fields(w) : fields, meta?.(w)),
});
const reaction = (name: string, at: (w: World) => string, on = true): Road => ({
  key: `reaction ${name}`,
  go: (d, person, w) => d.react(person, name, at(w), on),
});

const MEMBERS = 'op eng prod mgr other auth treas admin nobody';
const TEAM = 'op auth eng prod admin';

const release = (product: keyof World['rel']) => (w: World) => ({ releaseId: w.rel[product].id });
const OPENING = {
  ...{ product: { option: 'free' }, version: 'v1.0.0', commit: 'aaaaaaa1', kind: { option: 'scheduled' } },
  ...{ manager: { person: P.mgr }, authors: { people: [] } },
};

const RELEASES: Row[] = [
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
const TESTS: Row[] = [
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
const CADENCE: Row[] = [
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

const bug = (name: keyof World['bugs']) => (w: World) => ({ bugId: w.bugs[name] });
const REPORT = {
  ...{ title: 'It breaks', product: { option: 'bugs' }, foundIn: { option: 'candidate' } },
  ...{ blocking: { option: 'yes' }, production: { option: 'not_yet' } },
};
const BUGS: Row[] = [
  { act: 'report', who: MEMBERS, how: 'does', roads: [form('bug_report', REPORT)] },
  {
    ...{ act: 'recreate', who: 'op auth eng', how: 'does' },
    roads: [command((w) => `/bug recreate BUG-${w.bugs.said}`), button('bug_recreate', (w) => `${w.bugs.said}`)],
  },
  {
    ...{ act: 'tried', who: 'op auth eng', how: 'does' },
    roads: [
      command((w) => `/bug tried BUG-${w.bugs.said} no`),
      button('bug_tried_yes', (w) => `${w.bugs.said}`),
      button('bug_tried_no', (w) => `${w.bugs.said}`),
    ],
  },
  {
    ...{ act: 'fix', who: 'op auth eng mgr', how: 'does' },
    roads: [
      command((w) => `/bug fix BUG-${w.bugs.sure} bbbbbbb2`),
      form('bug_ask_fix', (w) => ({ text: { option: `${w.later}` } }), bug('sure')),
    ],
  },
  {
    ...{ act: 'fix', who: 'op auth eng mgr', how: 'sees' },
    roads: [button('bug_fix', (w) => `${w.bugs.sure}`), command((w) => `/bug fix BUG-${w.bugs.sure}`)],
  },
  {
    ...{ act: 'retest', who: 'op auth', how: 'does' },
    roads: [
      command((w) => `/bug retest BUG-${w.bugs.fixing} fixed bbbbbbb2`),
      button('bug_fixed', (w) => `${w.bugs.fixing}:${w.later}`),
      button('bug_still', (w) => `${w.bugs.fixing}:${w.later}`),
    ],
  },
  // Without the commit they show the fix of now, with buttons bound to it.
  { act: 'retest', who: 'op auth', how: 'sees', roads: [command((w) => `/bug retest BUG-${w.bugs.fixing} still`)] },
  {
    ...{ act: 'ask', who: 'op auth', how: 'does' },
    roads: [
      command((w) => `/bug downgrade BUG-${w.bugs.said} in a test build`),
      command((w) => `/bug reject BUG-${w.bugs.said} by design`),
      form('bug_ask_downgrade', { text: 'in a test build' }, bug('said')),
      form('bug_ask_reject', { text: 'by design' }, bug('said')),
      button('bug_propose_downgrade', (w) => `${w.bugs.both}`),
      button('bug_propose_prod_issue', (w) => `${w.bugs.both}`),
    ],
  },
  {
    ...{ act: 'ask', who: 'op auth', how: 'sees' },
    roads: [menu('bug_more', (w) => `downgrade:${w.bugs.said}`), menu('bug_more', (w) => `reject:${w.bugs.said}`)],
  },
  {
    ...{ act: 'agree', who: 'op auth', how: 'does' },
    roads: [button('bug_agree', (w) => `${w.bugs.asked}:${w.bugAskedAt}`)],
  },
  // Words agree to nothing: they show the question, with its buttons.
  { act: 'agree', who: 'op auth', how: 'sees', roads: [command((w) => `/bug agree BUG-${w.bugs.asked}`)] },
  {
    ...{ act: 'decline', who: 'op auth', how: 'does' },
    roads: [
      command((w) => `/bug decline BUG-${w.bugs.asked}`),
      button('bug_decline', (w) => `${w.bugs.asked}:${w.bugAskedAt}`),
    ],
  },
  ...triage('block', ' it eats money', { text: 'it eats money' }, 'reported'),
  ...triage('wontfix', ' by design', { text: 'by design' }, 'reported'),
  ...triage('ticket', ' https://tickets.example/1', { text: 'https://tickets.example/1' }, 'recreated'),
  ...triage('priority', ' P0 many calls', { priority: { option: 'P0' }, text: 'many calls' }, 'reported'),
  {
    ...{ act: 'duplicate', who: TEAM, how: 'does' },
    roads: [
      command((w) => `/bug duplicate BUG-${w.bugs.reported} BUG-${w.bugs.said}`),
      form('bug_ask_duplicate', (w) => ({ text: `BUG-${w.bugs.said}` }), bug('reported')),
    ],
  },
  {
    ...{ act: 'duplicate', who: TEAM, how: 'sees' },
    roads: [menu('bug_more', (w) => `duplicate:${w.bugs.reported}`)],
  },
  {
    ...{ act: 'resolve', who: TEAM, how: 'does' },
    roads: [
      command((w) => `/bug resolve BUG-${w.bugs.recreated}`),
      button('bug_resolve', (w) => `${w.bugs.recreated}`),
    ],
  },
  {
    ...{ act: 'assign', who: TEAM, how: 'does' },
    roads: [
      command((w) => `/bug assign BUG-${w.bugs.reported} <@U0ABEX>`),
      menu('bug_more', (w) => `assign:${w.bugs.reported}`),
    ],
  },
  // Without GitHub set up nobody makes a ticket there; that it asks for `ticket` first is in test/bot/bug-ticket.test.ts.
  { act: 'ticket', who: '', how: 'does', roads: [button('bug_github', (w) => `${w.bugs.recreated}`)] },
  {
    ...{ act: 'look', who: MEMBERS, how: 'sees' },
    roads: [
      command('/bug list'),
      command((w) => `/bug show BUG-${w.bugs.said}`),
      command('/bug stats'),
      command('/bug prod list'),
      command((w) => `/bug prod show PI-${w.pi.declared}`),
    ],
  },
];

/** What the product team may do too: what becomes of a bug that holds no release up. */
function triage(act: string, words: string, fields: Fields, on: 'reported' | 'recreated'): Row[] {
  const ask = act === 'ticket' ? button('bug_ticket', (w) => `${w.bugs.recreated}`) : menuOf(act, on);
  const typed: Road = { key: `/bug ${act}`, go: (d, p, w) => d.command(p, `/bug ${act} BUG-${w.bugs[on]}${words}`) };
  return [
    { act, who: TEAM, how: 'does', roads: [typed, form(`bug_ask_${act}`, fields, bug(on))] },
    { act, who: TEAM, how: 'sees', roads: [ask] },
  ];
}
function menuOf(act: string, on: 'reported' | 'recreated'): Road {
  const go: Road['go'] = (d, person, w) => d.press(person, 'bug_more', `${act}:${w.bugs[on]}`, { menu: true });
  return { key: `bug_more ${act}`, go };
}

const issue = (state: keyof World['pi']) => (w: World) => ({ prodId: w.pi[state] });
const REVIEW = { happened: 'a', missed: 'b', change: 'c', who: 'd' };
const INVOLVED = 'op auth eng mgr admin';
const INVOLVED_OR_PRODUCT = `${INVOLVED} prod`;
const PROD: Row[] = [
  {
    ...{ act: 'escalate', who: TEAM, how: 'does' },
    roads: [command((w) => `/bug escalate BUG-${w.bugs.reported} users are hit`)],
  },
  {
    ...{ act: 'mitigate', who: INVOLVED, how: 'does' },
    roads: [
      command((w) => `/bug prod mitigated PI-${w.pi.declared} switched off`),
      button('pi_mitigate', (w) => `${w.pi.declared}`),
    ],
  },
  {
    ...{ act: 'resolve', who: INVOLVED, how: 'does' },
    roads: [command((w) => `/bug prod resolved PI-${w.pi.declared}`), button('pi_resolve', (w) => `${w.pi.declared}`)],
  },
  {
    ...{ act: 'reopen', who: INVOLVED_OR_PRODUCT, how: 'does' },
    roads: [
      command((w) => `/bug prod reopen PI-${w.pi.resolved} it is back`),
      form('pi_ask_reopen', { reason: 'it is back' }, issue('resolved')),
    ],
  },
  {
    ...{ act: 'reopen', who: INVOLVED_OR_PRODUCT, how: 'sees' },
    roads: [menu('pi_more', (w) => `reopen:${w.pi.resolved}`)],
  },
  {
    ...{ act: 'assign', who: INVOLVED_OR_PRODUCT, how: 'does' },
    roads: [
      command((w) => `/bug prod assign PI-${w.pi.declared} engineer <@U0ABEX>`),
      button('pi_mine', (w) => `${w.pi.declared}`),
      menu('pi_more', (w) => `mine:${w.pi.declared}`),
      form('pi_ask_roles', { owner: { person: P.abe } }, (w) => ({ prodId: w.pi.declared, drawn: { owner: P.mgr } })),
    ],
  },
  {
    ...{ act: 'assign', who: INVOLVED_OR_PRODUCT, how: 'sees' },
    roads: [button('pi_roles', (w) => `${w.pi.declared}`)],
  },
  {
    ...{ act: 'attribute', who: INVOLVED, how: 'does' },
    roads: [
      command((w) => `/bug prod release PI-${w.pi.declared} none`),
      form('pi_ask_release', { release: { option: 'none' } }, issue('declared')),
    ],
  },
  {
    ...{ act: 'attribute', who: INVOLVED, how: 'sees' },
    roads: [button('pi_release', (w) => `${w.pi.declared}`)],
  },
  {
    ...{ act: 'review', who: INVOLVED_OR_PRODUCT, how: 'does' },
    roads: [form('pi_ask_review', REVIEW, issue('resolved'))],
  },
  {
    ...{ act: 'review', who: INVOLVED_OR_PRODUCT, how: 'sees' },
    roads: [command((w) => `/bug prod review PI-${w.pi.resolved}`), button('pi_review', (w) => `${w.pi.resolved}`)],
  },
];

const noteId = (state: keyof World['notes']) => (w: World) => ({ noteId: w.notes[state] });
const OPEN_NOTE = { title: 'Weekly', kind: { option: 'meeting' }, responsible: { person: P.abe } };
const NOTES: Row[] = [
  {
    ...{ act: 'open', who: MEMBERS, how: 'does' },
    roads: [command('/issue Fonts'), command('/thread meeting Weekly'), form('note_open', OPEN_NOTE)],
  },
  { act: 'open', who: MEMBERS, how: 'sees', roads: [command('/issue'), command('/thread topic')] },
  {
    ...{ act: 'tick', who: MEMBERS, how: 'does' },
    roads: [
      {
        key: 'note_check',
        go: (d, person, w) => d.press(person, 'note_check', `note_check:${w.notes.open}:00`, { boxes: ['0'] }),
      },
    ],
  },
  {
    ...{ act: 'assign', who: MEMBERS, how: 'does' },
    roads: [
      command((w) => `/issue assign NOTE-${w.notes.open} <@U0ABEX>`),
      command((w) => `/thread assign NOTE-${w.notes.open} <@U0ABEX>`),
      form('note_ask_assign', { person: { person: P.abe } }, noteId('open')),
    ],
  },
  // Whose it is already need not take it.
  {
    ...{ act: 'assign', who: 'op eng prod other auth treas admin nobody', how: 'own' },
    roads: [menu('note_more', (w) => `mine:${w.notes.open}`)],
  },
  { act: 'assign', who: MEMBERS, how: 'sees', roads: [menu('note_more', (w) => `assign:${w.notes.open}`)] },
  {
    ...{ act: 'reopen', who: MEMBERS, how: 'does' },
    roads: [
      command((w) => `/issue reopen NOTE-${w.notes.closed}`),
      command((w) => `/thread reopen NOTE-${w.notes.closed}`),
      button('note_reopen', (w) => `${w.notes.closed}`),
    ],
  },
  {
    ...{ act: 'due', who: 'mgr other admin', how: 'does' },
    roads: [
      command((w) => `/issue due NOTE-${w.notes.open} 2027-02-01`),
      command((w) => `/thread due NOTE-${w.notes.open} 2027-02-01`),
      form('note_ask_due', { due: { day: '2027-02-01' } }, noteId('open')),
    ],
  },
  {
    ...{ act: 'due', who: 'mgr other admin', how: 'sees' },
    roads: [menu('note_more', (w) => `due:${w.notes.open}`)],
  },
  {
    ...{ act: 'close', who: 'mgr other admin', how: 'does' },
    roads: [form('note_ask_close', { summary: 'done', reason: 'so' }, noteId('open'))],
  },
  {
    ...{ act: 'close', who: 'mgr other admin', how: 'sees' },
    roads: [
      command((w) => `/issue close NOTE-${w.notes.open} done`),
      command((w) => `/thread close NOTE-${w.notes.open}`),
      button('note_close', (w) => `${w.notes.open}`),
    ],
  },
  {
    ...{ act: 'look', who: MEMBERS, how: 'sees' },
    roads: [
      command('/issue list'),
      command((w) => `/issue show NOTE-${w.notes.open}`),
      command('/thread list'),
      command((w) => `/thread show NOTE-${w.notes.open}`),
    ],
  },
];

const request = (state: keyof World['fr']) => (w: World) => ({ requestId: w.fr[state] });
const ETH = { option: 'ETH' };
const MONEY = { amount: '0.01', hash: HASH(7), fee: '0.0001' };
const FUNDS: Row[] = [
  {
    ...{ act: 'request', who: MEMBERS, how: 'does' },
    roads: [form('funds_request', { amount: '0.1', asset: ETH, address: ADDRESS, reason: 'swaps' })],
  },
  { act: 'request', who: MEMBERS, how: 'sees', roads: [command('/funds request 1 ETH')] },
  {
    ...{ act: 'approve', who: 'treas', how: 'does' },
    roads: [command((w) => `/funds approve FR-${w.fr.asked}`), button('funds_approve', (w) => `${w.fr.asked}`)],
  },
  {
    ...{ act: 'deny', who: 'treas', how: 'does' },
    roads: [
      command((w) => `/funds deny FR-${w.fr.asked} too much`),
      form('funds_ask_deny', { reason: 'too much' }, request('asked')),
    ],
  },
  {
    ...{ act: 'deny', who: 'treas', how: 'sees' },
    roads: [button('funds_deny', (w) => `${w.fr.asked}`), command((w) => `/funds deny FR-${w.fr.asked}`)],
  },
  {
    ...{ act: 'sent', who: 'treas', how: 'does' },
    roads: [
      command((w) => `/funds sent FR-${w.fr.approved} ${HASH(8)} 0.0001`),
      form('funds_ask_sent', { ...MONEY, amount: '0.1' }, request('approved')),
    ],
  },
  {
    ...{ act: 'sent', who: 'treas', how: 'sees' },
    roads: [button('funds_sent', (w) => `${w.fr.approved}`), command((w) => `/funds sent FR-${w.fr.approved}`)],
  },
  {
    ...{ act: 'agree', who: 'treas', how: 'does' },
    roads: [button('funds_agree', (w) => `${w.fr.over}:${w.overTx}`)],
  },
  { act: 'return', who: 'treas mgr', how: 'does', roads: [form('funds_ask_return', MONEY, request('sent'))] },
  {
    ...{ act: 'return', who: 'treas mgr', how: 'sees' },
    roads: [button('funds_return', (w) => `${w.fr.sent}`), command((w) => `/funds return FR-${w.fr.sent} 0.01`)],
  },
  {
    ...{ act: 'settle', who: 'treas', how: 'does' },
    roads: [
      command((w) => `/funds settle FR-${w.fr.sent} dust`),
      form('funds_ask_settle', { reason: 'dust' }, request('sent')),
    ],
  },
  {
    ...{ act: 'settle', who: 'treas', how: 'sees' },
    roads: [menu('funds_more', (w) => `settle:${w.fr.sent}`), command((w) => `/funds settle FR-${w.fr.sent}`)],
  },
  {
    ...{ act: 'withdraw', who: 'mgr', how: 'does' },
    roads: [command((w) => `/funds withdraw FR-${w.fr.asked}`), button('funds_withdraw', (w) => `${w.fr.asked}`)],
  },
  // Nobody edits a request; whose it is hears how to file it again.
  { act: 'edit', who: '', how: 'does', roads: [command((w) => `/funds edit FR-${w.fr.asked} 2 ETH`)] },
  {
    ...{ act: 'spend', who: MEMBERS, how: 'does' },
    roads: [form('funds_spend', { ...MONEY, asset: ETH, what: 'a swap' })],
  },
  {
    ...{ act: 'spend', who: MEMBERS, how: 'sees' },
    roads: [
      command('/funds spend 0.1 ETH'),
      button('funds_spend', (w) => `REL-${w.rel.test.id}`),
      form('funds_again', {}, () => ({ nth: 2 })),
    ],
  },
  {
    ...{ act: 'transfer', who: 'treas', how: 'does' },
    roads: [
      form('funds_deposit', {
        ...{ ...MONEY, asset: ETH, note: 'from the bank' },
        ...{ from: { option: 'OUTSIDE' }, to: { option: 'main' } },
      }),
    ],
  },
  { act: 'transfer', who: 'treas', how: 'sees', roads: [command('/funds deposit 1 ETH')] },
  {
    ...{ act: 'reverse', who: 'treas', how: 'does' },
    roads: [
      command((w) => `/funds reverse TX-${w.tx} typed wrongly`),
      form('funds_reverse', { reason: 'typed wrongly' }, (w) => ({ txId: w.tx })),
    ],
  },
  { act: 'reverse', who: 'treas', how: 'sees', roads: [command((w) => `/funds reverse TX-${w.tx}`)] },
  {
    ...{ act: 'look', who: MEMBERS, how: 'sees' },
    roads: [
      command('/funds mine'),
      command('/funds balance'),
      command('/funds ledger'),
      command('/funds fees'),
      command((w) => `/funds show FR-${w.fr.asked}`),
    ],
  },
];

const mine = (w: World) => `${w.ra.mine}`;
const CALENDAR: Row[] = [
  {
    ...{ act: 'look', who: MEMBERS, how: 'sees' },
    roads: [
      command('/regression today'),
      command('/regression week'),
      command('/regression month'),
      command('/regression mine'),
      button('regression_cases', mine),
    ],
  },
  // Others are shown what it would be.
  { act: 'plan', who: 'admin', how: 'own', roads: [command('/regression plan next')] },
  {
    ...{ act: 'pass', who: 'mgr admin', how: 'does' },
    roads: [command((w) => `/regression pass RA-${w.ra.mine}`), button('regression_pass', mine)],
  },
  {
    ...{ act: 'fail', who: 'mgr admin', how: 'does' },
    roads: [command((w) => `/regression fail RA-${w.ra.mine} it hangs`), button('regression_fail', mine)],
  },
  {
    ...{ act: 'skip', who: 'mgr admin', how: 'does' },
    roads: [
      command((w) => `/regression skip RA-${w.ra.mine} no device`),
      form('regression_skip_form', { reason: 'no device' }, (w) => ({ id: w.ra.mine })),
    ],
  },
  {
    ...{ act: 'skip', who: 'mgr admin', how: 'sees' },
    roads: [button('regression_skip', mine), command((w) => `/regression skip RA-${w.ra.mine}`)],
  },
  {
    ...{ act: 'swap', who: 'mgr', how: 'does' },
    roads: [
      command((w) => `/regression swap RA-${w.ra.mine} RA-${w.ra.theirs}`),
      form('regression_swap_form', (w) => ({
        ...{ mine: { option: `${w.ra.mine}` }, theirs: { option: `${w.ra.theirs}` } },
      })),
      button('regression_swap_yes', (w) => `${w.ra.swap}`),
      button('regression_swap_no', (w) => `${w.ra.swap}`),
    ],
  },
  { act: 'swap', who: 'mgr', how: 'sees', roads: [button('regression_swap', mine), command('/regression swap')] },
  {
    ...{ act: 'away', who: MEMBERS, how: 'does' },
    roads: [
      command('/regression away 2027-01-20'),
      form('regression_away_form', { from: { day: '2027-01-20' }, to: { day: '2027-01-21' } }),
    ],
  },
  { act: 'away', who: MEMBERS, how: 'sees', roads: [command('/regression away')] },
  { act: 'away_other', who: 'admin', how: 'does', roads: [command('/regression away 2027-01-20 <@U0BENX>')] },
  // Nobody here is away, so nobody comes back; of somebody else only an admin says it.
  { act: 'away', who: '', how: 'own', roads: [command('/regression back')] },
];

const REMIND = `funds_request|FR-1|${new Date('2027-01-15T10:20:00Z').getTime()}`;
const REMINDERS: Row[] = [
  {
    ...{ act: 'answer', who: 'mgr', how: 'does' },
    roads: [button('remind_done', REMIND), button('remind_not_today', REMIND)],
  },
];

/** Roads that change nothing, whoever takes them: a form that is looked at again when it is sent, a word of help, an offer by DM. */
export const HARMLESS: Road[] = [
  ...['/release help', '/bug help', '/bug prod help', '/issue help', '/thread help', '/funds help'].map((w) =>
    command(w),
  ),
  command('/regression help'),
  button('release_start', 'open'),
  command('/bug It breaks'),
  button('bug_report', (w) => `REL-${w.rel.test.id}`),
  button('bug_offer', 'C0RELEASES:1.1'),
  { key: 'shortcut open_release', go: (d, person) => d.shortcut(person, 'open_release') },
  {
    key: 'shortcut report_bug',
    go: (d, person) => d.messageShortcut(person, 'report_bug', { ts: '1.1', text: 'it breaks' }),
  },
  reaction('bug', (w) => w.rel.test.card),
  reaction('rocket', (w) => w.rel.ship.card),
  reaction('eyes', (w) => w.rel.wait.card, false),
  { key: 'message', go: (d, person, w) => d.say(person, 'LGTM to me, I think?', w.rel.test.card) },
  { key: 'app_home_opened', go: (d, person) => d.event({ type: 'app_home_opened', user: person, tab: 'home' }) },
];

/** By the heading of docs/permissions.md. */
export const TABLE: Record<string, Row[]> = {
  Releases: RELEASES,
  'Test runs': TESTS,
  'Slots and freezes': CADENCE,
  Bugs: BUGS,
  'Prod issues': PROD,
  'Issues, meetings and topics': NOTES,
  'Test funds': FUNDS,
  'Regression calendar': CALENDAR,
  Reminders: REMINDERS,
};

export const names = (who: string) => who.split(' ').filter(Boolean) as Who[];
