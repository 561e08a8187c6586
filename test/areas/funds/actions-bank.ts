// Test funds on a database of the file that asks for it.
import { afterAll, beforeAll } from 'vitest';
import { freshDb, type TestDb } from '../../support/db.ts';
import { type Treasury, treasuryOn } from '../../support/funds.ts';

export let t: TestDb;
export let bank: Treasury;

export function bankOnADatabase(): void {
  beforeAll(async () => {
    t = await freshDb();
    bank = treasuryOn(t.db);
  });
  afterAll(() => t.close());
}
