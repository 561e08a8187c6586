// When the bot has done all that it has to do.
import type pg from 'pg';
import { until } from '../test/support/slack.ts';

/**
 * Waits until no event is unhandled, nothing is owed to Slack, and no job of ours waits or has failed for good. What comes by the clock
 * always waits. A job in whose place another was put while it ran is given up for that one: it has no key and no attempts left.
 * @throws when it does not become so, with what is left
 */
export async function untilQuiet(pool: pg.Pool, ms = 60_000): Promise<void> {
  const query = `select
    (select json_agg(json_build_object('id', event_id, 'error', error)) from slack_events where handled_at is null) as events,
    (select json_agg(json_build_object('lane', lane, 'role', role, 'text', left(text, 80), 'attempted', attempted_at, 'error', error))
      from outbox where posted_ts is null) as owed,
    (select json_agg(json_build_object('task', t.identifier, 'key', j.key, 'run_at', j.run_at, 'attempts', j.attempts, 'locked_by', j.locked_by,
        'error', left(j.last_error, 300)))
      from graphile_worker._private_jobs j join graphile_worker._private_tasks t on t.id = j.task_id
      where t.identifier not in ('tick', 'homes', 'seal') and not (j.attempts = j.max_attempts and j.key is null and j.locked_at is null)) as jobs`;
  await until(
    async () => {
      // Changes of the sheets are folded for 10 s, which nobody waits for here.
      await pool.query(
        "update graphile_worker._private_jobs set run_at = now() where key = 'sheets' and locked_at is null and run_at > now()",
      );
      const [left] = (await pool.query(query)).rows;
      const quiet = left.events === null && left.owed === null && left.jobs === null;
      return quiet || Promise.reject(new Error(JSON.stringify(left)));
    },
    'all that is to be done to be done',
    ms,
  );
}
