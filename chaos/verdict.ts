// All that must be true at the end of a day.

import { checkFunds } from './funds-oracle.ts';
import type { FundsDay } from './funds-story.ts';
import { checkMessages } from './messages.ts';
import type { Deed } from './record.ts';
import { checkReleases } from './release-oracle.ts';
import type { Release } from './story.ts';
import { checkUpkeep } from './upkeep.ts';
import type { World } from './world.ts';

export interface Evidence {
  world: World;
  releases: readonly Release[];
  deeds: readonly Deed[];
  funds: FundsDay;
}

/** @returns what is violated, each with its facts */
export async function judge(evidence: Evidence): Promise<string[]> {
  const all = await Promise.all([
    checkMessages(evidence),
    checkReleases(evidence),
    checkFunds(evidence),
    checkUpkeep(evidence),
  ]);
  return all.flat();
}
