import type { Deps } from '../../src/areas/calendar/deps.ts';
import type { Assignment } from '../../src/areas/calendar/types.ts';
import type { Actor } from '../../src/base/actor.ts';
import type { Cause } from '../../src/db/act.ts';
import type { Db } from '../../src/db/client.ts';
import { parsePolicy } from '../../src/policy.ts';
import { person } from './facts.ts';

/** Four testers, six areas of which one is key; the admins answer for the calendar. */
export const CALENDAR_POLICY = parsePolicy(
  `
workspace: { team_id: T0123ABC, channels: { releases: C0RELEASES, admins: C0ADMINS } }
team: { zone: Europe/Lisbon, hours: { start: "09:00", end: "17:30" }, holidays: [2026-12-08, 2026-12-25] }
roles: { operators: { users: [U0ANA, U0BEN, U0CEM, U0DEE] }, admins: { users: [U0ADA] } }
products: [{ key: web, name: Web app, key_features: [Trade] }]
regression:
  wallets: [native, ledger]
  features: [Send, { name: Trade, key: true }, Receive <b>]
`,
  'p.yml',
);

export const ANA = person('U0ANA', 'operator');
export const BEN = person('U0BEN', 'operator');
export const CEM = person('U0CEM', 'operator');
export const BOSS = person('U0ADA', 'admin');

let causes = 0;
/** A cause nobody has had yet. */
export function calendarCause(actor: Actor, over: Partial<Cause> = {}): Cause {
  return {
    key: `test:${++causes}`,
    source: 'command',
    actor: actor.id,
    eventTime: new Date('2026-11-24T10:00Z'),
    ...over,
  };
}

/** A calendar on a database, with a clock that the test moves. */
export function calendarOn(db: Db, policy = CALENDAR_POLICY) {
  let now = new Date('2026-11-24T10:00Z');
  const deps: Deps = { db, policy, clock: () => now };
  const texts = async (role: string, target?: string): Promise<string[]> => {
    const { rows } = await db.execute<{ text: string }>(
      `select text from outbox where role = '${role}' ${target ? `and target = '${target}'` : ''} order by id`,
    );
    return rows.map((r) => r.text);
  };
  return {
    deps,
    set now(at: string) {
      now = new Date(at);
    },
    texts,
    async jobs(task: string): Promise<unknown[]> {
      const { rows } = await db.execute<{ payload: unknown }>(
        `select j.payload from graphile_worker._private_jobs j join graphile_worker._private_tasks t on t.id = j.task_id where t.identifier = '${task}' order by j.id`,
      );
      return rows.map((r) => r.payload);
    },
  };
}

export function anAssignment(over: Partial<Assignment> = {}): Assignment {
  return {
    id: 12,
    month: '2026-12',
    wallet: 'native',
    feature: 'Send',
    day: '2026-12-03',
    start: 570,
    tester: 'U0ANA',
    state: 'planned',
    by: null,
    at: null,
    note: null,
    ...over,
  };
}
