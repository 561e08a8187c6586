import { afterAll, beforeAll, expect, it } from 'vitest';
import { tick } from '../../../src/areas/releases/actions.ts';
import { draw } from '../../../src/areas/releases/cards.ts';
import { freshDb, type TestDb } from '../../support/db.ts';
import { ADA, BEN, MAX, T0 } from '../../support/facts.ts';
import { TEAM, type Team, teamOn } from '../../support/team.ts';

let db: TestDb;
let team: Team;
beforeAll(async () => {
  db = await freshDb();
  team = teamOn(db.db);
});
afterAll(() => db.close());

const ticks = async (id: number): Promise<Date[]> => {
  const { rows } = await db.pool.query('select run_at from graphile_worker.jobs where key = $1', [`tick:${id}`]);
  return rows.map((row) => row.run_at);
};

it('R8: at the end of the watch the card is drawn again, without its Roll back button', async () => {
  const id = await team.open();
  await team.approve(id, ADA, BEN);
  await team.reconciled(id);
  await team.do(id, MAX, { kind: 'ship' });
  await team.do(id, MAX, { kind: 'shipped' });
  for (const who of [ADA, BEN]) await team.do(id, who, { kind: 'ready' });
  for (const who of [ADA, BEN]) await team.do(id, who, { kind: 'verify', road: 'button' });
  const shown = async () => JSON.stringify(await draw(db.db, { role: 'card', releaseId: id }, TEAM, team.now));
  expect(await shown()).toContain('watched for 24 h');
  expect(await shown()).toContain('release_rollback');
  expect(await ticks(id)).toEqual([new Date(T0.getTime() + 24 * 3_600_000)]);

  team.wait(24 * 60);
  // What the worker does when it takes the job.
  await db.pool.query('select graphile_worker.remove_job($1)', [`tick:${id}`]);
  await tick(team.deps, id);
  expect(await shown()).toContain('watch over');
  expect(await shown()).not.toContain('release_rollback');
  expect(await ticks(id)).toEqual([]);
});
