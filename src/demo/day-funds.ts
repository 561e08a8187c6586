import type { Hands, Thread } from './day-hands.ts';
import { CHANNELS, PEOPLE } from './world.ts';

const { ayo, bea, tess } = PEOPLE;
const { test_funds } = CHANNELS;

/** Of the demo's transactions: made up, each once. */
const hash = (n: number) => `0x${`${n}`.padStart(64, 'd3')}`;

/** Ayo asks for test funds, Tess approves and sends them; two test transactions of the release with their fees, and the rest goes back. */
export async function playFunds(h: Hands, release: Thread): Promise<void> {
  h.chapter('Test funds: asked for, approved, sent');
  for (const [money, n] of [
    ['0.5 ETH', 6],
    ['500 USDC', 1],
  ] as const) {
    await h.command(tess, `deposit ${money}`, '/funds');
    h.does(tess, 'pastes the hash, and says where it came from');
    await h.fill(tess, 'Deposit or transfer', { hash: hash(n), note: 'From the treasury, for this week' });
  }
  await h.command(ayo, 'request 25 USDC trades on Ethereum', '/funds');
  h.does(ayo, 'adds the address; amount, asset and reason are there');
  await h.fill(ayo, 'Request test funds', { address: '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed' });
  const request = await h.open(test_funds, 'FR-1');
  await request.shows('a treasurer decides');
  await h.command(ayo, 'approve FR-1', '/funds');
  await h.answer(ayo, 'only a treasurer');
  h.does(tess, 'presses Approve');
  await request.press(tess, 'funds_approve');
  await request.line('approved it');
  h.does(tess, 'sends it, presses Sent… and pastes the hash');
  await request.press(tess, 'funds_sent');
  await h.fill(tess, 'It was sent', { hash: hash(2), fee: '0.00031' });
  await request.line('sent 25 USDC');
  await h.dm(ayo, 'are on the way');

  h.chapter('Two test transactions, and the rest returned');
  h.does(ayo, 'presses Record a test transaction on the release: release, request and asset are filled in');
  await release.press(ayo, 'funds_spend');
  await h.fill(ayo, 'Test transaction', {
    amount: '10',
    hash: hash(3),
    fee: '0.00042',
    gasPrice: '2.1',
    what: 'Trade USDC to ETH',
  });
  await h.modal('Recorded');
  h.does(ayo, 'presses Another one: only amount, hash and fee are left to type');
  await h.fill(ayo, 'Recorded', {});
  await h.fill(ayo, 'Test transaction', { amount: '4.5', hash: hash(4), fee: '0.00038', gasPrice: '1.9', usd: '5.80' });
  await h.modal('Recorded');
  await h.slack.closeView(ayo.id);
  await release.line('tested with 4.5 USDC');
  await request.shows('*outstanding 10.5 USDC*');
  h.does(ayo, 'presses Return…: all that is left');
  await request.press(ayo, 'funds_return');
  await h.fill(ayo, 'Return funds', { hash: hash(5), fee: '0.00029' });
  await request.line('10.5 USDC came back');
  await request.shows('*Closed*');
  await h.command(bea, 'fees', '/funds');
  await h.answer(bea, 'Fees by release');
  await h.command(tess, 'balance', '/funds');
  await h.answer(tess, 'Main wallet');
}
