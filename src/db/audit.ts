import { sql } from 'drizzle-orm';
import type { Cause } from './act.ts';
import type { Executor, Tx } from './client.ts';
import { auditEvents } from './schema/audit.ts';

export interface AuditFields {
  actor: string;
  verb: string;
  subject: string;
  eventTime: Date;
  recordTime: Date;
  source: string;
  cause: string;
  data: Record<string, unknown>;
}

/** R26: the text an event is sealed over: its fields as JSON in a fixed order, object keys sorted, times in ISO to the millisecond. */
export function canonical(e: AuditFields): string {
  return JSON.stringify([
    e.actor,
    e.verb,
    e.subject,
    e.eventTime.toISOString(),
    e.recordTime.toISOString(),
    e.source,
    e.cause,
    sorted(e.data),
  ]);
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (value instanceof Date) return value.toISOString();
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value).filter(([, v]) => v !== undefined);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([k, v]) => [k, sorted(v)]));
}

/** R26: writes one audit event in the transaction of the action itself. `now` is the record time. */
export async function record(
  tx: Tx,
  cause: Cause,
  what: { verb: string; subject: string; data: Record<string, unknown>; actor?: string },
  now: Date,
): Promise<void> {
  const fields: AuditFields = {
    actor: what.actor ?? cause.actor,
    verb: what.verb,
    subject: what.subject,
    eventTime: cause.eventTime,
    recordTime: now,
    source: cause.source,
    cause: cause.key,
    data: sorted(what.data) as Record<string, unknown>,
  };
  await tx.insert(auditEvents).values({ ...fields, canonical: canonical(fields) });
}

/** How many different people used a command in the last 7 days. */
export async function commandPeople(db: Executor): Promise<number> {
  const { rows } = await db.execute<{ n: string }>(
    sql`select count(distinct actor) as n from audit_events where source = 'command' and record_time > now() - interval '7 days'`,
  );
  return Number(rows[0]?.n ?? 0);
}
