// What a slot's message shows: the cadence's own rows, and what releases and triage say of each product.
import { type Drawing, slotCard } from '../areas/cadence/blocks.ts';
import { isOff, isOwn } from '../areas/cadence/rules.ts';
import { dutyAt, freezesAhead, loadSlot } from '../areas/cadence/store.ts';
import type { ProductSlot, ProposedProduct, SlotRow } from '../areas/cadence/types.ts';
import { stateLine } from '../areas/releases/blocks.ts';
import { afterShipping } from '../areas/releases/facts.ts';
import { threadLink } from '../areas/releases/lines.ts';
import { loadFacts, openReleases } from '../areas/releases/store.ts';
import type { Facts } from '../areas/releases/types.ts';
import { openBlockers } from '../areas/triage/store.ts';
import type { Policy } from '../base/policy.ts';
import { frozenAt, slotRules } from '../base/slots.ts';
import type { Executor } from '../db/client.ts';

/** The message of a slot as it is now; null when there is none of that id. Products that the policy does not name any more are left out. */
export async function drawSlot(db: Executor, id: number, policy: Policy, now: Date): Promise<Drawing | null> {
  const found = await loadSlot(db, id);
  if (!found) return null;
  const { slot } = found;
  const [open, blockers, freezes] = [await openReleases(db), await openBlockers(db), await freezesAhead(db, now)];
  const products: ProposedProduct[] = [];
  for (const { key, name } of policy.products) {
    const p = found.products.find((each) => each.product === key);
    if (!p) continue;
    const release = await releaseOf(db, slot, p, open);
    const before = p.outcome === 'planned' && !release && scheduledOf(key, open);
    products.push({
      ...p,
      name,
      // Written down only when it is over; said as long as today's policy does not have it.
      outcome: p.outcome === 'planned' && isOff(slotRules(policy), [key], slot, key) ? 'cancelled' : p.outcome,
      release: release
        ? {
            shown: threadLink(release),
            waits: stateLine(release, policy, now),
            since: release.release.openedAt > slot.at,
          }
        : null,
      before: before ? { shown: threadLink(before), waits: stateLine(before, policy, now) } : null,
      blockers: blockers
        .filter(({ bug }) => bug.product === key)
        .map(({ bug, url }) => ({ id: bug.id, title: bug.title, url })),
      freeze: frozenAt(freezes, key, now > slot.at ? now : slot.at),
    });
  }
  const duty = await dutyAt(db, policy, slot.at, now);
  return slotCard({ slot, products, duty }, policy.team.zone, now);
}

/** The release of a product's slot: what went out, or is open for it now. */
async function releaseOf(db: Executor, slot: SlotRow, p: ProductSlot, open: readonly Facts[]) {
  if (p.outcome === 'planned') return ownOf(slot, p.product, open);
  return p.releaseId === null ? undefined : loadFacts(db, p.releaseId);
}

/** R9: the scheduled release of a product that counts for a slot; undefined when there is none among these. */
export function ownOf(slot: SlotRow, product: string, releases: readonly Facts[]): Facts | undefined {
  const found = scheduledOf(product, releases);
  return found && isOwn(slot, { shippingAt: found.release.shippingAt, out: afterShipping(found) }) ? found : undefined;
}

/** The scheduled release of a product that is not done; there is one at most. */
export function scheduledOf(product: string, releases: readonly Facts[]): Facts | undefined {
  return releases.find(({ release: r }) => r.product === product && r.kind === 'scheduled' && r.state !== 'done');
}
