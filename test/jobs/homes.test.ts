import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { section } from '../../src/base/elements.ts';
import { type Slack, SlackError, type View } from '../../src/base/slack.ts';
import { publishHomes } from '../../src/jobs/homes.ts';
import { freshDb, type TestDb } from '../support/db.ts';
import { ADA, BEN, EVERYBODY, minutes, person, T0 } from '../support/facts.ts';
import { type Team, teamOn } from '../support/team.ts';

let db: TestDb;
let team: Team;
let published: { user: string; view: View }[] = [];
let broken = new Set<string>();
let unanswered = false;
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
    if (unanswered) published.push({ user, view });
    if (unanswered) throw new SlackError('doubtful', { method: 'views.publish', code: 'timeout' });
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

  it('published without an answer are published again when they shall look as before', async () => {
    team.now = T0;
    await looked(ADA.id, T0);
    const id = await team.open();
    await publish();
    await team.do(id, ADA, { kind: 'ready' });
    unanswered = true;
    await expect(publish()).rejects.toMatchObject({ kind: 'doubtful' });
    unanswered = false;
    await team.do(id, ADA, { kind: 'away' });
    await publish();
    expect(published).toHaveLength(3);
    expect(published[2]).toEqual(published[0]);
  });

  it.each([
    ['before the older was begun to be published', true],
    ['while the older was', false],
  ])('are not left as they were when a newer one came %s', async (_, before) => {
    team.now = T0;
    await looked(ADA.id, T0);
    const id = await team.open();
    await publish();
    await team.do(id, ADA, { kind: 'ready' });
    let newest: View | undefined;
    // Everybody's are drawn from what was read at the beginning; meanwhile she looks at hers, and gets a newer one.
    const meanwhile = async () => {
      await team.do(id, BEN, { kind: 'ready' });
      await publish(ADA.id);
      newest = published.at(-1)?.view;
    };
    const late = {
      publishHome: async (user: string, view: View) => {
        if (!before) await meanwhile();
        await slack.publishHome(user, view);
      },
    } as Slack;
    const who = async () => {
      if (before) await meanwhile();
      return ADA;
    };
    await db.pool.query('delete from graphile_worker._private_jobs');
    await publishHomes({ ...team.deps, slack: late, who });
    const { rows } = await db.pool.query("select key from graphile_worker.jobs where task_identifier = 'homes'");
    expect(rows).toEqual([{ key: `home:${ADA.id}` }]);
    await publish(ADA.id);
    expect(published.at(-1)?.view).toEqual(newest);
    expect(published).toHaveLength(before ? 2 : 4);
  });

  it('R23: show as today’s the regression test that a reminder in Auckland does, on the first of a month that Lisbon does not have yet', async () => {
    const { deps } = team;
    await db.pool.query(`insert into people (id, name, zone, bot, deactivated, guest, outsider, refreshed_at)
      values ('${ADA.id}', 'ada', 'Pacific/Auckland', false, false, false, false, now());
      insert into regression_months (month, planned_at, planned_by, roster, areas, left_out) values ('2026-04', now(), 'shipshape', '[]', '[]', '[]');
      insert into regression_assignments (month, wallet, feature, day, start, tester) values ('2026-04', 'Ledger', 'Swap', '2026-04-01', 570, '${ADA.id}')`);
    const regression = { owner: ADA.id } as NonNullable<typeof deps.policy.regression>;
    const shown = async (at: string) => {
      team.now = new Date(at);
      await looked(ADA.id, team.now);
      await publishHomes({ ...deps, policy: { ...deps.policy, regression }, slack, who: async (id) => person(id) });
      await db.pool.query('delete from homes');
      return JSON.stringify(published.pop()?.view).includes('*test it today*');
    };
    expect([await shown('2026-03-31T10:00Z'), await shown('2026-03-31T20:00Z')]).toEqual([false, true]);
    team.now = T0;
  });

  it('show nothing to who is no full member', async () => {
    await team.open();
    await looked(ADA.id, T0);
    const deps = { ...team.deps, slack, who: async (id: string) => ({ ...person(id), standing: 'guest' as const }) };
    await publishHomes(deps);
    expect(published.map(({ view }) => view.blocks)).toEqual([
      [section(':x: Guests are not shown what Shipshape keeps. Ask a member of this workspace about it.')],
    ]);
  });

  it('show what bugs, prod issues and threads need of each reader, users who are hit first; at most 100 blocks', async () => {
    team.now = T0;
    await db.db.execute(sql`insert into threads (id, kind, title, responsible, channel, url) overriding system value values
      (901, 'bug', 'b', 'U1', 'CREL', 'https://slack.example/b'), (902, 'prod_issue', 'p', 'U1', 'CREL', null), (903, 'issue', 'n', 'U1', 'CREL', null)`);
    await db.db.execute(sql`insert into bugs (product, found_in, title, answers, reporter, reported_at, blocking, blocking_seq, state, owner, in_production, asked_for, asked_by, asked_at, asked_reason, thread_id)
      values ('wallet', 'candidate', 'It eats money', '{}', 'U1', ${T0.toISOString()}, true, 1, 'suspected', ${BEN.id}, 'not_yet', 'reject', ${BEN.id}, ${T0.toISOString()}, 'x', 901)`);
    await db.db.execute(sql`insert into prod_issues (product, title, state, why, declared_by, declared_at, owner, thread_id)
      values ('wallet', 'Down', 'declared', 'money', 'U1', ${T0.toISOString()}, ${ADA.id}, 902)`);
    await db.db.execute(sql`insert into notes (kind, title, responsible, state, due, opened_by, opened_at, thread_id)
      select 'issue', 'Note ' || n, ${ADA.id}, 'open', '2020-01-01', 'U1', ${T0.toISOString()}, 903 from generate_series(1, 120) n`);
    await looked(ADA.id, T0);
    await looked(BEN.id, T0);
    await publish();
    const of = (id: string) => published.find((p) => p.user === id)?.view.blocks ?? [];
    const ada = JSON.stringify(of(ADA.id));
    expect(of(ADA.id).length).toBeLessThanOrEqual(100);
    const places = ['users are hit', 'asks to reject it', 'overdue since', 'and 102 more'].map((text) =>
      ada.indexOf(text),
    );
    expect(places.every((at) => at > 0)).toBe(true);
    expect(places).toEqual([...places].sort((a, b) => a - b));
    const ben = JSON.stringify(of(BEN.id));
    expect(ben).toContain('<https://slack.example/b|BUG-');
    expect(ben).toContain('your blocker is to be recreated');
    for (const text of ['users are hit', 'overdue']) expect(ben).not.toContain(text);
    await db.db.execute(sql`delete from bugs`);
    await db.db.execute(sql`delete from prod_issues`);
    await db.db.execute(sql`delete from notes`);
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
