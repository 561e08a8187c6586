import type { Clock } from '../../base/clock.ts';
import type { Policy } from '../../base/policy.ts';
import type { Db } from '../../db/client.ts';

/** What every action of this area needs. No network in here: Slack is told through the outbox. */
export interface Deps {
  db: Db;
  policy: Policy;
  clock: Clock;
  /** Lets every release of a product look at its gate now, each in a transaction of its own. */
  gateNews: (product: string) => Promise<void>;
}
