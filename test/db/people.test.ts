import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Policy } from '../../src/base/policy.ts';
import type { Person, Slack } from '../../src/base/slack.ts';
import { SlackError } from '../../src/base/slack.ts';
import { actorOf, membersOf, refreshGroups, refreshSigners } from '../../src/db/people.ts';
import { freshDb, type TestDb } from '../support/db.ts';
import { minutes, T0 } from '../support/facts.ts';
import { TEAM } from '../support/team.ts';

let db: TestDb;
beforeAll(async () => {
  db = await freshDb();
});
afterAll(() => db.close());

const GROUPED: Policy = {
  ...TEAM,
  roles: {
    ...TEAM.roles,
    operators: { users: [], usergroup: 'S0OPS' },
    engineers: { users: ['U1'], usergroup: 'S0ENG' },
  },
};

/** A Slack that knows whom the test says. */
function slackOf(people: Record<string, Partial<Person>>, groups: Record<string, string[]> = {}) {
  const asked: string[] = [];
  const slack = {
    userInfo: async (id: string): Promise<Person> => {
      asked.push(id);
      const known = people[id];
      if (!known) throw new SlackError('invalid', { method: 'users.info', code: 'user_not_found' });
      const base = { id, name: id, tz: 'UTC', isBot: false, deleted: false, guest: false };
      return { ...base, teamId: 'T01SHIP', stranger: false, ...known };
    },
    usergroupMembers: async (id: string): Promise<string[]> => {
      const found = groups[id];
      if (!found) throw new SlackError('doubtful', { method: 'usergroups.users.list', code: 'timeout' });
      return found;
    },
  } as unknown as Slack;
  return { slack, asked };
}

describe('standing (R7)', () => {
  it.each([
    [{}, 'member'],
    [{ isBot: true }, 'bot'],
    [{ deleted: true }, 'deactivated'],
    [{ guest: true }, 'guest'],
    [{ stranger: true }, 'outsider'],
    [{ teamId: 'T0OTHER' }, 'outsider'],
    [{ stranger: true, guest: true }, 'outsider'],
  ])('%j is %s', async (about, standing) => {
    const id = `U${standing}${Object.keys(about).length}${'stranger' in about}`;
    const { slack } = slackOf({ [id]: about });
    expect((await actorOf(db.db, slack, TEAM, id, T0)).standing).toBe(standing);
  });

  it('is asked again after an hour, and nobody acts on a guess', async () => {
    const { slack, asked } = slackOf({ UOLD: {} });
    await actorOf(db.db, slack, TEAM, 'UOLD', T0);
    await actorOf(db.db, slack, TEAM, 'UOLD', minutes(59));
    expect(asked).toHaveLength(1);
    const gone = slackOf({ UOLD: { deleted: true } });
    expect((await actorOf(db.db, gone.slack, TEAM, 'UOLD', minutes(61))).standing).toBe('deactivated');
    const silent = {
      userInfo: async () => Promise.reject(new SlackError('doubtful', { method: 'users.info', code: 'no_answer' })),
    } as unknown as Slack;
    await expect(actorOf(db.db, silent, TEAM, 'UNEW', T0)).rejects.toThrow('no_answer');
  });

  it('of somebody whom Slack does not show here is an outsider, and asked again each time', async () => {
    expect((await actorOf(db.db, slackOf({}).slack, TEAM, 'UFAR', T0)).standing).toBe('outsider');
    expect((await actorOf(db.db, slackOf({ UFAR: {} }).slack, TEAM, 'UFAR', T0)).standing).toBe('member');
  });
});

describe('roles', () => {
  it("come from the policy's lists", async () => {
    const { slack } = slackOf({ UMAX: {} });
    expect([...(await actorOf(db.db, slack, TEAM, 'UMAX', T0)).roles]).toEqual(['operator', 'engineer']);
  });

  it('come from user groups, follow them, and are refused once a group was not read for an hour', async () => {
    const { slack } = slackOf({ U1: {}, U2: {} }, { S0OPS: ['U2'], S0ENG: [] });
    expect(await refreshGroups(db.db, slack, GROUPED, T0)).toEqual([]);
    const two = (at: Date) => actorOf(db.db, slack, GROUPED, 'U2', at);
    expect(await two(minutes(60))).toMatchObject({ roles: new Set(['operator']) });
    expect((await two(minutes(60))).rolesUnknown).toBeUndefined();
    const late = await two(minutes(61));
    expect([...late.roles]).toEqual([]);
    expect(late.rolesUnknown).toMatch(/user group of the operators and engineers could not be read for over an hour/);
    // Listed by name, they keep the role; only the other is unknown.
    const one = await actorOf(db.db, slack, GROUPED, 'U1', minutes(61));
    expect([...one.roles]).toEqual(['engineer']);
    expect(one.rolesUnknown).toContain('operators');

    const moved = slackOf({}, { S0OPS: ['U1'] });
    const failed = await refreshGroups(db.db, moved.slack, GROUPED, minutes(62));
    expect(failed.map((g) => g.id)).toEqual(['S0ENG']);
    expect([...(await two(minutes(62))).roles]).toEqual([]);
    expect([...(await actorOf(db.db, slack, GROUPED, 'U1', minutes(62))).roles].sort()).toEqual([
      'engineer',
      'operator',
    ]);
  });

  it('need the group on duty too, though it grants none', async () => {
    const duty = { ...TEAM, duty: { roster: [], usergroup: 'S0DUTY', size: 1, turn: 'week' as const } };
    expect(await refreshGroups(db.db, slackOf({}, { S0DUTY: ['U2'] }).slack, duty, T0)).toEqual([]);
    const { rows } = await db.pool.query('select usergroup, person from usergroup_members');
    expect(rows).toEqual([{ usergroup: 'S0DUTY', person: 'U2' }]);
  });

  it('of a group never read are unknown; one the policy no longer names is forgotten', async () => {
    const { slack } = slackOf({ U2: {} }, { S0OPS: ['U2'] });
    await refreshGroups(db.db, slack, TEAM, T0);
    const { rows } = await db.pool.query('select id from usergroups');
    expect(rows).toEqual([]);
    expect((await actorOf(db.db, slack, GROUPED, 'U2', T0)).rolesUnknown).toContain('operators');
  });
});

describe('the members of a user group', () => {
  it('are those that were read within the hour; else nobody knows them', async () => {
    expect(await membersOf(db.db, 'S0LATELY', T0)).toBeNull();
    await db.pool.query(`insert into usergroups values ('S0LATELY', $1), ('S0EMPTY', $1)`, [T0]);
    await db.pool.query(`insert into usergroup_members values ('S0LATELY', 'UZOE'), ('S0LATELY', 'UAMY')`);
    expect(await membersOf(db.db, 'S0LATELY', minutes(60))).toEqual(['UAMY', 'UZOE']);
    expect(await membersOf(db.db, 'S0EMPTY', minutes(60))).toEqual([]);
    expect(await membersOf(db.db, 'S0LATELY', minutes(61))).toBeNull();
    await db.pool.query(`delete from usergroups where id in ('S0LATELY', 'S0EMPTY')`);
  });
});

describe('signers of open releases', () => {
  it('are looked at again after an hour, so that a deactivation is shown; others are left alone', async () => {
    const there = { USIGN: {}, UREAD: {}, UELSE: {}, UENDED: {} };
    for (const id of Object.keys(there)) await actorOf(db.db, slackOf(there).slack, TEAM, id, T0);
    await actorOf(db.db, slackOf(there).slack, TEAM, 'UREAD', minutes(61));
    const sign = (state: string, people: string[]) =>
      db.pool.query(
        `with t as (insert into threads (kind, title, responsible, channel) values ('release', 'x', 'UMAX', 'CREL') returning id),
           r as (insert into releases (product, version, kind, state, opened_by, opened_at, manager, state_since, thread_id)
             select 'wallet', $1, 'scheduled', $1, 'UMAX', now(), 'UMAX', now(), id from t returning id),
           c as (insert into candidates (release_id, seq, commit, named_by, named_at) select id, 1, 'abc1234', 'UMAX', now() from r returning id, release_id)
         insert into sign_offs (release_id, candidate_id, stage, person, road, given_at, act)
           select release_id, id, 'candidate', person, 'button', now(), 1 from c, unnest($2::text[]) person`,
        [state, people],
      );
    await sign('approved', ['USIGN', 'UREAD']);
    await sign('done', ['UENDED']);
    const { slack, asked } = slackOf({ ...there, USIGN: { deleted: true } });
    await refreshSigners(db.db, slack, TEAM, minutes(62));
    expect(asked).toEqual(['USIGN']);
    const { rows } = await db.pool.query('select id from people where deactivated and id = $1', ['USIGN']);
    expect(rows).toHaveLength(1);
    // One who cannot be read is left for the next time.
    await expect(refreshSigners(db.db, slackOf({}).slack, TEAM, minutes(200))).resolves.toBeUndefined();
  });

  it('R18: and so is who asked for test funds that are not approved or sent yet', async () => {
    const there = { UASKED: {}, UGOT: {}, UBOTH: {} };
    for (const id of Object.keys(there)) await actorOf(db.db, slackOf(there).slack, TEAM, id, minutes(300));
    await db.pool.query(`insert into fund_requests (requester, asset, amount, reason, state, requested_at, thread_id)
      select r[1], 'ETH', 1, 'gas', r[2], now(), (select max(id) from threads)
      from (values (array['UASKED', 'requested']), (array['UGOT', 'sent']), (array['UBOTH', 'sent']), (array['UBOTH', 'approved'])) as v (r)`);
    const { slack, asked } = slackOf({ ...there, UASKED: { deleted: true } });
    await refreshSigners(db.db, slack, TEAM, minutes(362));
    expect(asked.filter((id) => id in there).sort()).toEqual(['UASKED', 'UBOTH']);
    const { rows } = await db.pool.query('select id from people where deactivated and id = $1', ['UASKED']);
    expect(rows).toHaveLength(1);
  });
});
