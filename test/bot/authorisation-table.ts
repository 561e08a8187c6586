// Who may do what, through every road, written down by hand from docs/permissions.md and docs/rules.md: never from the code's own tables.
import type { Who, World } from '../support/world.ts';
import { BUGS, PROD } from './authorisation-bugs.ts';
import { FUNDS } from './authorisation-funds.ts';
import { NOTES } from './authorisation-notes.ts';
import { CADENCE, RELEASES, TESTS } from './authorisation-releases.ts';
import { button, command, form, MEMBERS, type Road, type Row, reaction } from './authorisation-roads.ts';

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
