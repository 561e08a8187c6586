import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Counted, countsAs, type Live } from '../../src/areas/triage/catch-rate.ts';
import { CAUGHT, ESCAPED } from '../../src/db/catch-rate.ts';
import { freshDb, type TestDb } from '../support/db.ts';

let t: TestDb;
beforeAll(async () => {
  t = await freshDb();
});
afterAll(() => t.close());

const HOUR = 3_600_000;
const at = (hours: number | null) => (hours === null ? null : new Date(Date.UTC(2027, 2, 1) + hours * HOUR));
/** Hours of its going live, of its end of the checks, and of its roll-back. */
const RELEASES = [
  [null, null, null],
  [0, null, null],
  [0, 2, null],
  [0, null, 1],
  [0, 2, 3],
] as const;
const HOURS = [-1, 0, 1, 2, 3, 24, 25, 25.5, 26, 26.5, 27, 100];

test('R25: the database counts as caught and escaped what countsAs does, bug by bug', async () => {
  const bugs = (['suspected', 'rejected', 'duplicate'] as const).flatMap((state) =>
    (['candidate', 'production'] as const).flatMap((foundIn) =>
      (['yes', 'no', 'not_yet'] as const).flatMap((inProduction) =>
        HOURS.map((hour): Counted => ({ state, foundIn, inProduction, reportedAt: at(hour) as Date, releaseId: 1 })),
      ),
    ),
  );
  const seen = new Set<string>();
  for (const [shipped, done, ended] of RELEASES) {
    const live: Live = { id: 1, shippedAt: at(shipped), doneAt: at(done), endedAt: at(ended) };
    const said = bugs.map((b) => countsAs(b, live));
    for (const as of said) seen.add(String(as));
    const { rows } = await t.db.execute<{ n: number; caught: string; escaped: string }>(sql`
      select b.n, ${CAUGHT} as caught, ${ESCAPED} as escaped
      from jsonb_to_recordset(${JSON.stringify(bugs.map((b, n) => ({ ...b, n })))}::jsonb)
        as g (n int, state text, "foundIn" text, "inProduction" text, "reportedAt" timestamptz)
      cross join lateral (select g.n, g.state, g."foundIn" as found_in, g."inProduction" as in_production, g."reportedAt" as reported_at) b
      cross join (select ${live.shippedAt?.toISOString() ?? null}::timestamptz as shipped_at,
        ${live.doneAt?.toISOString() ?? null}::timestamptz as done_at, ${live.endedAt?.toISOString() ?? null}::timestamptz as ended_at) r
      group by b.n order by b.n`);
    const counted = rows.map((r) => (Number(r.caught) ? 'caught' : Number(r.escaped) ? 'escaped' : null));
    expect(counted, `shipped ${shipped}, done ${done}, ended ${ended}`).toEqual(said);
  }
  expect([...seen].sort()).toEqual(['caught', 'escaped', 'null']);
});
