// What the schedules do, each occurrence by one instance: whoever's row gets into schedule_runs.
import { sql } from 'drizzle-orm';
import type { Clock } from '../base/clock.ts';
import type { Db, Executor, Tx } from '../db/client.ts';
import { appendHead } from '../db/heads.ts';
import { addJob, post } from '../db/outbox.ts';
import { scheduleRuns } from '../db/schema/schedules.ts';
import { headOf } from '../db/seal.ts';

export interface BeatDeps {
  db: Db;
  now: Clock;
  /** Channel of the admins, who keep the audit chain's heads. */
  admins: string;
  dataDir: string;
  /** @returns the ids of the releases whose threads are read. */
  openReleases(db: Executor): Promise<number[]>;
  /** Asks Slack who is in the user groups. */
  refreshPeople(): Promise<void>;
}

/** One function per schedule; each throws what the database throws, and then another instance may do it. */
export function makeBeats(deps: BeatDeps) {
  const { db } = deps;
  return {
    seal: (at: Date) => claim(db, 'seal', at, (tx) => addJob(tx, 'seal', {}, { key: 'seal' })).then(ignore),
    reconcile: (at: Date) =>
      claim(db, 'reconcile', at, async (tx) => {
        for (const releaseId of await deps.openReleases(tx))
          await addJob(tx, 'reconcile', { releaseId }, { key: `reconcile:${releaseId}` });
      }).then(ignore),
    people: async (at: Date) => {
      // Outside of the transaction: it asks Slack.
      if (await claim(db, 'people', at, async () => {})) await deps.refreshPeople();
    },
    purge: (at: Date) => claim(db, 'purge', at, purge).then(ignore),
    head: (at: Date) => publishHead(deps, at),
  };
}

/** @returns whether this instance is the one; `work` is in the transaction of the claim: both happen, or neither. */
async function claim(db: Db, name: string, occurrence: Date, work: (tx: Tx) => Promise<void>): Promise<boolean> {
  return db.transaction(async (tx) => {
    const mine = await tx.insert(scheduleRuns).values({ name, occurrence }).onConflictDoNothing().returning();
    if (mine.length > 0) await work(tx);
    return mine.length > 0;
  });
}

/** Slack sends an event again within minutes, a person clicks again within days. */
async function purge(tx: Tx): Promise<void> {
  await tx.execute(sql`delete from slack_events where received_at < now() - interval '7 days'`);
  await tx.execute(sql`delete from causes where at < now() - interval '30 days'`);
  await tx.execute(sql`delete from schedule_runs where occurrence < now() - interval '30 days'`);
  await tx.execute(sql`delete from graphile_worker._private_jobs
    where attempts >= max_attempts and locked_at is null and updated_at < now() - interval '30 days'`);
}

/** R26: the head goes where the database cannot change it: to Slack, and into a file. */
async function publishHead(deps: BeatDeps, at: Date): Promise<void> {
  let published: Awaited<ReturnType<typeof headOf>>;
  await claim(deps.db, 'head', at, async (tx) => {
    published = await headOf(tx);
    if (!published) return;
    const shown = `${published.position}:${published.hash}`;
    const text = `The audit trail is sealed up to \`${shown}\`. To check it against this message: \`npm run shipshape -- audit verify --head ${shown}\``;
    await post(tx, { role: 'line', target: deps.admins, text });
  });
  if (published) await appendHead(deps.dataDir, published, deps.now());
}

function ignore(): void {}
