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

it('R8: what is not live any more, as a later release is, is not rolled back: that one first, then this', async () => {
  const finished = async (version: string) => {
    const id = await team.open({ product: 'later', version });
    await team.approve(id, ADA, BEN);
    await team.reconciled(id);
    await team.do(id, MAX, { kind: 'ship' });
    team.now = new Date(team.now.getTime() + 1000);
    await team.do(id, MAX, { kind: 'shipped' });
    for (const who of [ADA, BEN]) await team.do(id, who, { kind: 'ready' });
    for (const who of [ADA, BEN]) await team.do(id, who, { kind: 'verify', road: 'button' });
    return id;
  };
  const [first, second] = [await finished('v1.0.0'), await finished('v1.1.0')];
  const back = async (id: number) => (await team.do(id, ADA, { kind: 'rollback', reason: null })).text;
  expect(await back(first)).toContain('v1.1.0 went live after it');
  expect((await team.facts(first)).release.state).toBe('done');
  for (const id of [second, first]) expect(await back(id)).toContain('recorded');
  team.now = T0;
});

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
