import type { Policy } from '../../base/policy.ts';
import type { Executor } from '../../db/client.ts';
import { type Drawing, requestCard } from './blocks.ts';
import { loadRequest } from './store.ts';

/** What a request's card shows now; null when there is none. */
export async function drawRequest(db: Executor, id: number, policy: Policy, now: Date): Promise<Drawing | null> {
  const f = await loadRequest(db, id, { zone: policy.team.zone, now });
  return f ? requestCard(f, policy) : null;
}
