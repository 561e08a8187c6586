import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { makeMetrics } from '../../src/base/metrics.ts';
import { handleStored } from '../../src/bot/inbox.ts';
import { handleEvent } from '../../src/jobs/event.ts';
import { freshDb, type TestDb, wipe } from '../support/db.ts';
import { keptLog } from '../support/quiet.ts';

let db: TestDb;
let processed: unknown[] = [];
let broken = false;
const metrics = makeMetrics();
const log = keptLog();
beforeAll(async () => {
  db = await freshDb();
});
beforeEach(async () => {
  [processed, broken] = [[], false];
  metrics.eventsHandled.reset();
  await wipe(db, 'outbox, slack_events');
  await db.pool.query(
    `insert into slack_events (event_id, type, body) values ('E1', 'reaction_added', '{"event": {"type": "reaction_added"}}')`,
  );
});
afterAll(() => db.close());

const handle = (id: string, last = false) =>
  handleEvent(
    {
      db: db.db,
      admins: 'CADMINS',
      log: log.log,
      metrics,
      handle: (e, process, l) => handleStored(db.db, e, process, l),
      process: async (body) => {
        if (broken) throw new Error('listener broke with xoxb-1-secret, <!channel>');
        processed.push(body);
      },
    },
    id,
    last,
  );
async function counted(): Promise<string[]> {
  const { values } = await metrics.eventsHandled.get();
  return values.map(({ labels, value }) => `${labels.type} ${labels.result} ${value}`);
}

it('is handled once, however often it is asked for', async () => {
  await handle('E1');
  await handle('E1');
  expect(processed).toHaveLength(1);
  expect(await counted()).toEqual(['reaction_added handled 1', 'unknown already 1']);
});

it('that is not there is said', async () => {
  await handle('E404');
  expect(JSON.stringify(log.lines)).toContain('E404');
});

it('that fails is left to the queue; on the last attempt the admins are told', async () => {
  broken = true;
  await expect(handle('E1')).rejects.toThrow('listener broke');
  expect((await db.pool.query('select 1 from outbox')).rowCount).toBe(0);
  await expect(handle('E1', true)).rejects.toThrow('listener broke');
  const { rows } = await db.pool.query('select target, text from outbox');
  expect(rows).toEqual([{ target: 'CADMINS', text: expect.stringContaining('`reaction_added`, `E1`') }]);
  expect(rows[0].text).not.toContain('secret');
  expect(rows[0].text).not.toContain('<!channel>');
  expect(await counted()).toEqual(['reaction_added retried 1', 'reaction_added failed 1']);
});
