// Test funds: rows of `authorisation-table.ts`, by hand.
import { ADDRESS, HASH, type World } from '../support/world.ts';
import { button, command, form, MEMBERS, menu, type Row } from './authorisation-roads.ts';

const request = (state: keyof World['fr']) => (w: World) => ({ requestId: w.fr[state] });
const ETH = { option: 'ETH' };
const MONEY = { amount: '0.01', hash: HASH(7), fee: '0.0001' };
export const FUNDS: Row[] = [
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
