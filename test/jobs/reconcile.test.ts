// A thread is not compared with claims that are behind: what Slack told comes first.
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ReconcileDeps } from '../../src/areas/releases/reconcile.ts';
import { addJob } from '../../src/db/outbox.ts';
import { slackEvents } from '../../src/db/schema/events.ts';
import { reconcileThread } from '../../src/jobs/reconcile.ts';
import { freshDb, type TestDb } from '../support/db.ts';
import { teamOn } from '../support/team.ts';

let db: TestDb;
beforeAll(async () => {
  db = await freshDb();
});
afterAll(() => db?.close());

test('as long as stored events of the thread wait, its reading stands back; not for ever', async () => {
  const team = teamOn(db.db);
  const releaseId = await team.open();
  await team.posted(releaseId, '70.000001');
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
  const item = { channel: 'CREL', ts: '70.000001' };
  await db.db
    .insert(slackEvents)
    .values({ eventId: 'Ev1', type: 'reaction_added', body: { event: { type: 'reaction_added', item } } });
  await addJob(db.db, 'event', { id: 'Ev1' });
  await reconcileThread(deps, { releaseId });
  expect([reads, await again()]).toEqual([0, ['1']]);
  await reconcileThread(deps, { releaseId, waited: 20 });
  expect(reads).toBe(1);
  await db.db.execute(sql`update slack_events set handled_at = now()`);
  await reconcileThread(deps, { releaseId });
  expect(reads).toBe(2);
});
