import { keepDecimals, otherDecimals } from '../areas/funds/decimals.ts';
import { fundsOf, type Policy } from '../base/policy.ts';
import type { Db } from '../db/client.ts';
import { loadLocalEnv } from '../env.ts';
import { PolicyError } from '../policy.ts';

/**
 * Makes sure that the policy counts its assets as the books do (R17).
 * @param write something will be recorded by this policy: what it says is noted @throws PolicyError
 */
export async function sameDecimals(db: Db, policy: Policy, { write }: { write: boolean }): Promise<void> {
  const faults = await (write ? keepDecimals : otherDecimals)(db, fundsOf(policy).assets);
  if (faults.length) throw new PolicyError(loadLocalEnv().configPath, faults);
}
