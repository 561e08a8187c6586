// Books with a request that was sent and a test transaction, on a database of the file that asks for it.
import { afterAll, beforeAll } from 'vitest';
import { freshDb, type TestDb } from '../../support/db.ts';
import { aHash, OLA, TREA, treasuryOn } from '../../support/funds.ts';

export let t: TestDb;
export let request: number;
export let spent: number;
export let send: number;

export function booksOnADatabase(): void {
  beforeAll(async () => {
    t = await freshDb();
    const bank = treasuryOn(t.db);
    request = await bank.sent(OLA);
    spent = (await bank.spend(OLA, { requestId: request })).txId as number;
    send = (await bank.facts(request)).request.sentTx as number;
    await bank.transfer(TREA, { amount: '5', asset: 'ETH', to: 'main', hash: aHash(), note: 'Top-up' });
  });
  afterAll(() => t.close());
}
