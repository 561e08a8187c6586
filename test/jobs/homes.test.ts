import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Slack, SlackError, type View } from '../../src/base/slack.ts';
import { publishHomes } from '../../src/jobs/homes.ts';
import { freshDb, type TestDb } from '../support/db.ts';
import { ADA, BEN, EVERYBODY, minutes, person, T0 } from '../support/facts.ts';
import { type Team, teamOn } from '../support/team.ts';

let db: TestDb;
let team: Team;
let published: { user: string; view: View }[] = [];
let broken = new Set<string>();
beforeAll(async () => {
  db = await freshDb();
  team = teamOn(db.db);
});
beforeEach(async () => {
  published = [];
  broken = new Set();
  await db.pool.query('delete from homes');
});
afterAll(() => db.close());

const slack = {
  publishHome: async (user: string, view: View) => {
    if (broken.has(user)) throw new SlackError('doubtful', { method: 'views.publish', code: 'timeout' });
    published.push({ user, view });
  },
} as unknown as Slack;
const publish = (who?: string) =>
  publishHomes({ ...team.deps, slack, who: async (id) => EVERYBODY.find((p) => p.id === id) ?? person(id) }, who);
const looked = (id: string, at: Date) =>
  db.pool.query('insert into homes (person, opened_at) values ($1, $2)', [id, at]);

describe('App Homes', () => {
  it('are published to who looks at theirs, when they differ, and only then', async () => {
    team.now = T0;
    await publish();
    expect(published).toEqual([]);
    await looked(ADA.id, T0);
    await looked(BEN.id, minutes(-8 * 24 * 60));
    await publish();
    await publish();
    expect(published.map((p) => p.user)).toEqual([ADA.id]);
    const id = await team.open();
    await publish();
    expect(published).toHaveLength(2);
    expect(JSON.stringify(published[1]?.view)).toContain('your eyes are wanted');
    await team.do(id, ADA, { kind: 'ready' });
    await publish(BEN.id);
    expect(published).toHaveLength(2);
    await publish(ADA.id);
    expect(published).toHaveLength(3);
  });

  it('one that fails is told after the others were tried, and is tried again', async () => {
    team.now = T0;
    await looked(ADA.id, T0);
    await looked(BEN.id, T0);
    broken.add(ADA.id);
    await expect(publish()).rejects.toThrow('views.publish');
    expect(published.map((p) => p.user)).toEqual([BEN.id]);
    broken.clear();
    await publish();
    expect(published.map((p) => p.user)).toEqual([BEN.id, ADA.id]);
  });
});
