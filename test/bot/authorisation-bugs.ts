// Bugs and prod issues: rows of `authorisation-table.ts`, by hand.
import { P, type World } from '../support/world.ts';
import { button, command, type Fields, form, MEMBERS, menu, type Road, type Row, TEAM } from './authorisation-roads.ts';

const bug = (name: keyof World['bugs']) => (w: World) => ({ bugId: w.bugs[name] });
const REPORT = {
  ...{ title: 'It breaks', product: { option: 'bugs' }, foundIn: { option: 'candidate' } },
  ...{ blocking: { option: 'yes' }, production: { option: 'not_yet' } },
};
export const BUGS: Row[] = [
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
export const PROD: Row[] = [
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
