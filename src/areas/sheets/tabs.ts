// The three tabs of R20: what is in which column.
import type { Funds } from '../../base/policy.ts';
import { MARK_TITLE } from './rules.ts';
import type { Column, Look, Tab } from './types.ts';

const columns = (look: Look, ...titles: string[]): Column[] => titles.map((title) => ({ title, look }));
/** An amount for reading, and beside it all of it. */
const amount = (title: string): Column[] => [
  { title, look: 'amount' },
  { title: `${title} (base units)`, look: 'text' },
];
const mark: Column = { title: MARK_TITLE, look: 'text' };

/** The assets fees are paid in: each has its columns in the tab of releases. */
export function feeAssets(funds: Pick<Funds, 'chains'>): string[] {
  return [...new Set(funds.chains.map((chain) => chain.feeAsset))];
}

export function releasesTab(funds: Pick<Funds, 'chains'>): Tab {
  return {
    key: 'releases',
    title: 'Release Stats and Fees',
    ids: /^REL-\d+$/,
    columns: [
      ...columns('text', 'Release', 'Product', 'Version', 'Kind', 'State'),
      ...columns('time', 'Opened', 'Approved', 'Shipped', 'Done'),
      ...columns('text', 'Manager', 'Operators'),
      ...columns('number', 'Blocking bugs', 'Other bugs', 'Prod issues', 'Caught', 'Escaped'),
      ...columns('percent', 'Catch rate'),
      ...columns('number', 'Tests', 'Passed', 'Failed', 'Blocked', 'Skipped', 'Transactions'),
      ...columns('usd', 'USD (as typed)'),
      ...feeAssets(funds).flatMap((asset) => amount(`Fees ${asset}`)),
      ...columns('text', 'Other fees'),
      mark,
    ],
  };
}

export const FUNDS_TAB: Tab = {
  key: 'funds',
  title: 'Test Funds',
  ids: /^(FR-\d+|(custody|person|fees):\S+ [A-Z0-9]+|outside [A-Z0-9]+)$/,
  columns: [
    ...columns('text', 'Request or account', 'Kind', 'State', 'Who', 'Asset'),
    ...amount('Amount'),
    ...columns('text', 'Chain', 'Address', 'Reason', 'Link'),
    ...columns('day', 'Needed by'),
    ...columns('text', 'For release'),
    ...columns('time', 'Requested', 'Approved'),
    ...columns('text', 'Approved by'),
    ...columns('time', 'Sent'),
    ...columns('text', 'Sent by', 'Hash'),
    ...['Sent amount', 'Returned', 'Spent', 'Settled', 'Outstanding'].flatMap(amount),
    ...columns('time', 'Closed'),
    ...columns('text', 'Why closed'),
    mark,
  ],
};

export const LEDGER_TAB: Tab = {
  key: 'ledger',
  title: 'Ledger',
  ids: /^TX-\d+\/\d+$/,
  columns: [
    ...columns('text', 'Posting'),
    ...columns('time', 'Time', 'Recorded later'),
    ...columns('text', 'Kind', 'Account', 'Asset'),
    ...amount('Amount'),
    ...columns('text', 'Chain', 'Hash', 'Request', 'Release', 'Note', 'By'),
    mark,
  ],
};
