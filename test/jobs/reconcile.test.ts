// A thread is not compared with claims that are behind: what Slack told comes first.
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ReconcileDeps } from '../../src/areas/releases/reconcile.ts';
import { addJob } from '../../src/db/outbox.ts';
import { slackEvents } from '../../src/db/schema/events.ts';
import { reconcileThread } from '../../src/jobs/reconcile.ts';
import { freshDb, type TestDb } from '../support/db.ts';
import { ADA, BEN, MAX } from '../support/facts.ts';
import { type Team, teamOn } from '../support/team.ts';

let db: TestDb;
let team: Team;
beforeAll(async () => {
  db = await freshDb();
  team = teamOn(db.db);
});
afterAll(() => db?.close());

test.each([
  ['the card', '70.000001', '70.000001', undefined],
  ['the production check', '71.000002', '71.000001', '71.000002'],
])('as long as stored events on %s wait, its reading stands back; not for ever', async (_on, ts, rootTs, checkTs) => {
  const releaseId = await team.open();
  await team.posted(releaseId, rootTs);
  if (checkTs) {
    await team.approve(releaseId, ADA, BEN);
    await team.reconciled(releaseId);
    for (const kind of ['ship', 'shipped'] as const) await team.do(releaseId, MAX, { kind });
    await team.posted(releaseId, checkTs, 'check');
  }
  let reads = 0;
  const slack = {
    readThread: async () => {
      reads += 1;
      return { complete: true, root: { reactions: [] }, messages: [] };
    },
  };
  const deps = { ...team.deps, slack, who: async () => null, onGone: async () => {} } as unknown as ReconcileDeps;
  const again = async () => {
    const jobs = sql`select payload->>'waited' as waited from graphile_worker._private_jobs where key = ${`reconcile:${releaseId}`}`;
    return (await db.db.execute<{ waited: string | null }>(jobs)).rows.map((row) => row.waited);
  };
  const item = { channel: 'CREL', ts };
  await db.db
    .insert(slackEvents)
    .values({ eventId: `Ev${ts}`, type: 'reaction_added', body: { event: { type: 'reaction_added', item } } });
  await addJob(db.db, 'event', { id: `Ev${ts}` });
  await reconcileThread(deps, { releaseId });
  expect([reads, await again()]).toEqual([0, ['1']]);
  await reconcileThread(deps, { releaseId, waited: 20 });
  expect(reads).toBe(1);
  await db.db.execute(sql`update slack_events set handled_at = now()`);
  await reconcileThread(deps, { releaseId });
  expect(reads).toBe(2);
});
