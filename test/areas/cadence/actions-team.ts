// Slots and freezes on a database of the file that asks for it, empty for each test.
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach } from 'vitest';
import { freeze } from '../../../src/areas/cadence/actions.ts';
import type { FreezeAsk } from '../../../src/areas/cadence/types.ts';
import type { Actor } from '../../../src/base/actor.ts';
import type { Policy } from '../../../src/base/policy.ts';
import { freshDb, type TestDb, wipe } from '../../support/db.ts';
import { minutes, T0 } from '../../support/facts.ts';
import { aCause, TEAM, teamOn } from '../../support/team.ts';

// T0 is Monday 2 March 2026, 09:00 in Lisbon.
export const policy: Policy = {
  ...TEAM,
  cadence: { slots: [600, 900], days: [1, 2, 3, 4, 5], graceMinutes: 60, proposeMinutesBefore: 90 },
  duty: { roster: ['UADA', 'UBEN', 'UCAS'], size: 2, turn: 'week' },
};
export const ASK: FreezeAsk = { product: null, startsAt: T0, endsAt: minutes(300), reason: 'the <audit>' };

export let t: TestDb;
export let team: ReturnType<typeof teamOn>;

export function cadenceOnADatabase(): void {
  beforeAll(async () => {
    t = await freshDb();
  });
  afterAll(() => t.close());
  beforeEach(async () => {
    await wipe(
      t,
      'freezes, slots, slot_looks, slot_products, absences, usergroups, usergroup_members, releases, threads, outbox, causes, audit_events',
    );
    team = teamOn(t.db, policy);
  });
}

export const rows = async <T>(query: ReturnType<typeof sql>) => (await t.db.execute(query)).rows as T[];
export const said = () =>
  rows<{ text: string; subject: string | null }>(sql`select text, subject from outbox order by id`);

export const frozen = (who: Actor, ask: Partial<FreezeAsk> = {}) =>
  freeze(team.deps, aCause({ actor: who.id }), who, { ...ASK, ...ask });
