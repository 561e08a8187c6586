// The thirty people of the day, and the policy that says who is who.
import { CHANNELS } from '../test/support/slack.ts';

const named = (prefix: string, count: number) => Array.from({ length: count }, (_, i) => `U0${prefix}${i + 1}`);

export const OPERATORS = named('OP', 12);
/** The last two operators are engineers too: where they manage a release, or wrote it, their eyes and sign-offs do not count. */
export const ENGINEERS = named('EN', 6);
export const BOTH = OPERATORS.slice(10);
export const TREASURERS = named('TR', 3);
export const ADMINS = named('AD', 2);
export const GUEST = 'U0GUEST1';
/** The product team, people of no role, and a guest whom the policy calls an operator by mistake. */
const OTHERS = [...named('PR', 2), ...named('NO', 4), GUEST];
export const PEOPLE = [...OPERATORS, ...ENGINEERS, ...TREASURERS, ...ADMINS, ...OTHERS];

export const PRODUCTS = Array.from({ length: 9 }, (_, i) => `p${i + 1}`);
/** They have test cases, which finish before anybody may sign off. */
export const TESTED = PRODUCTS.slice(0, 2);
export const CASES = ['sign-in', 'send'];

/** Whether somebody may be one of the two (R4): an operator, no guest. Who manages the release or wrote it is asked elsewhere. */
export function isOperator(person: string): boolean {
  return OPERATORS.includes(person);
}

/** @param specs the folder with the test cases */
export function policyOf(specs: string): string {
  return JSON.stringify({
    workspace: {
      team_id: 'T01SHIP',
      channels: {
        releases: CHANNELS.releases,
        admins: CHANNELS.admins,
        triage: CHANNELS.other,
        test_funds: CHANNELS.funds,
      },
    },
    team: { zone: 'Europe/Lisbon', hours: { start: '09:00', end: '18:00' } },
    roles: {
      operators: { users: [...OPERATORS, GUEST] },
      engineers: { users: [...ENGINEERS, ...BOTH] },
      product: { users: named('PR', 2) },
      treasurers: { users: TREASURERS },
      admins: { users: ADMINS },
    },
    products: PRODUCTS.map((key) => ({ key, name: `Product ${key}` })),
    review: { separation_of_duties: true, eyes_expire_after: '4h', emergency_ship_on_one: false },
    testing: { specs },
    // What is due by the calendar is another matter.
    reminders: { max_per_day: 0 },
    funds: {
      accounts: [{ key: 'main', name: 'Main wallet' }],
      chains: [
        { key: 'ethereum', name: 'Ethereum', kind: 'evm', fee_asset: 'ETH', assets: ['ETH', 'USDC'] },
        { key: 'bitcoin', name: 'Bitcoin', kind: 'bitcoin', fee_asset: 'BTC' },
      ],
    },
  });
}

/** A product's test cases, as a YAML file (JSON is YAML). */
export function specOf(): string {
  const cases = CASES.map((id) => ({
    id,
    title: `Test of ${id}`,
    area: { wallet: 'native', feature: id },
    steps: ['Do it'],
    expected: 'It works.',
  }));
  return JSON.stringify({ cases });
}
