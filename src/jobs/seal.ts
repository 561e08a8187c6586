import type { Db } from '../db/client.ts';
import { seal } from '../db/seal.ts';

/** R26: seals until nothing waits. A second one at the same time finds the lock taken and leaves it to the first. */
export async function sealAll(db: Db, now: () => Date): Promise<void> {
  while ((await seal(db, now())) > 0);
}
