import { draw as drawRelease } from '../areas/releases/cards.ts';
import { parseId } from '../base/ids.ts';
import type { Policy } from '../base/policy.ts';
import type { Executor } from '../db/client.ts';
import type { Drawn } from './delivery.ts';

/** What a card shows now, whichever area it belongs to; null when there is nothing to show. */
export async function draw(
  db: Executor,
  row: { role: 'card' | 'check'; subject: string },
  policy: Policy,
  now: Date,
): Promise<Drawn | null> {
  const about = parseId(row.subject);
  switch (about?.prefix) {
    case 'REL':
      return drawRelease(db, { role: row.role, releaseId: about.id }, policy, now);
    default:
      throw new Error(`nobody draws ${row.subject}`);
  }
}
