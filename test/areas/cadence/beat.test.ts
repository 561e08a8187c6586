import { sql } from 'drizzle-orm';
import { describe, expect, it, test } from 'vitest';
import { propose } from '../../../src/areas/cadence/actions.ts';
import { dutyAt, keptBetween, loadSlot, lookedUntil } from '../../../src/areas/cadence/store.ts';
import type { Specs } from '../../../src/areas/testing/types.ts';
import type { GitHub } from '../../../src/base/github.ts';
import { GitHubError } from '../../../src/base/github.ts';
import type { Policy } from '../../../src/base/policy.ts';
import { SlackError } from '../../../src/base/slack.ts';
import type { BotDeps } from '../../../src/bot/deps.ts';
import { messaged } from '../../../src/bot/release-events.ts';
import { draw } from '../../../src/jobs/draw.ts';
import { runSlots } from '../../../src/jobs/slots.ts';
import { tasksOf } from '../../../src/tasks.ts';
import { ENG, minutes, T0 } from '../../support/facts.ts';
import { keptLog } from '../../support/quiet.ts';
import { TEAM } from '../../support/team.ts';
import { cadenceOnADatabase, frozen, policy, rows, said, t, team } from './actions-team.ts';

cadenceOnADatabase();

describe('the beat', () => {
  const { log } = keptLog();
  const github = (ahead: GitHub['ahead']) => ({ ahead }) as unknown as GitHub;

  it('R9: proposes, settles and draws: duty, the release, blockers, and how far develop is ahead', async () => {
    const id = await team.open({ product: 'wallet' });
    await t.db.execute(
      sql`insert into absences (person, from_day, to_day, set_by, set_at) values ('UADA', '2026-03-02', '2026-03-02', 'UADA', now())`,
    );
    const at = team.now.toISOString();
    await runSlots({ ...team.deps, log, github: github(async () => 4) }, { at });
    await runSlots({ ...team.deps, log, github: github(async () => 9) }, { at });
    const [card] = (await said()).filter((m) => m.subject?.startsWith('SLOT-'));
    const drawn = await draw(t.db, { role: 'card', subject: card?.subject as string }, policy, team.now);
    const text = JSON.stringify(drawn?.blocks);
    for (const part of ['*Wallet* — planned', 'Waiting for eyes', '*Site* — no release is open', '<@UBEN>, <@UCAS>'])
      expect(text).toContain(part);
    expect(await loadSlot(t.db, Number(card?.subject?.slice(5)))).toMatchObject({
      products: expect.arrayContaining([expect.objectContaining({ product: 'wallet', developAhead: 4 })]),
    });
    team.wait(131);
    await runSlots({ ...team.deps, log }, { at: team.now.toISOString() });
    const over = JSON.stringify(
      (await draw(t.db, { role: 'card', subject: card?.subject as string }, policy, team.now))?.blocks,
    );
    expect(over).toContain('*Wallet* — :warning: missed');
    expect(id).toBeGreaterThan(0);
    expect(await draw(t.db, { role: 'card', subject: 'SLOT-99999' }, policy, team.now)).toBeNull();
  });

  it('R9: what went out in the slot before is not the next one’s; what is back in testing after a push that failed is', async () => {
    const beat = () => runSlots({ ...team.deps, log }, { at: team.now.toISOString() });
    const card = async () => {
      const [last] = (await said()).filter((m) => m.subject?.startsWith('SLOT-')).reverse();
      const drawn = await draw(t.db, { role: 'card', subject: last?.subject as string }, policy, team.now);
      return drawn?.blocks.map((block) => JSON.stringify(block)).join('\n') ?? '';
    };
    const offers = async (what: string) => (await card()).includes(`"value":"${what}"`);
    const id = await team.open({ product: 'wallet' });
    await beat();
    expect([await offers('wallet'), (await card()).includes('*Wallet* — planned')]).toEqual([false, true]);
    // Pushed at 10:30, and verified all day.
    team.wait(90);
    await t.db.execute(
      sql`update releases set state = 'verifying', shipping_at = ${team.now.toISOString()} where id = ${id}`,
    );
    expect(await card()).toContain('*Wallet* — planned');
    team.wait(181);
    await beat();
    const afternoon = await card();
    expect(afternoon).toContain('Slot 2026-03-02 15:00');
    expect(afternoon).toContain('*Wallet* — no release is open for it');
    // No other can be opened until it is done.
    expect(afternoon).toMatch(/first [^"]*v1\.0\.1[^"]*: :satellite: \*Live, being checked\*/);
    expect([await offers('wallet'), /"value":"\d+:wallet"/.test(afternoon)]).toEqual([false, true]);
    // Or its push failed.
    await t.db.execute(sql`update releases set state = 'testing' where id = ${id}`);
    expect(await card()).toContain('*Wallet* — planned');
    expect([await offers('wallet'), /"value":"\d+:wallet"/.test(await card())]).toEqual([false, false]);
    team.wait(151);
    await beat();
    expect(await card()).toMatch(/\*Wallet\* — :warning: missed.*v1\.0\.1/);
    expect(
      await rows(
        sql`select outcome, release_id is not null as its from slot_products where product = 'wallet' order by slot_id`,
      ),
    ).toEqual([
      { outcome: 'missed', its: true },
      { outcome: 'missed', its: true },
    ]);
  });

  it('R9, R22: slots that passed while nothing ran are counted when it is back, once by however many instances, and told to nobody', async () => {
    const beat = () => runSlots({ ...team.deps, log }, { at: team.now.toISOString() });
    const release = await team.open({ product: 'wallet' });
    await team.posted(release, '1.1');
    await beat();
    const [{ n: cards } = { n: 0 }] = await rows<{ n: number }>(sql`select count(*)::int as n from outbox`);
    // Down from Monday 09:10 to Thursday 12:30, and all is frozen on Wednesday.
    team.wait(10);
    await frozen(ENG, { startsAt: minutes(39 * 60), endsAt: minutes(63 * 60) });
    await beat();
    team.wait(3 * 24 * 60 + 200);
    await t.db.execute(sql`delete from graphile_worker._private_jobs`);
    const [{ n: before } = { n: 0 }] = await rows<{ n: number }>(sql`select count(*)::int as n from outbox`);
    await Promise.all(Array.from({ length: 4 }, beat));
    await beat();
    const found = await rows<{
      local: string;
      outcomes: string;
    }>(sql`select s.local, string_agg(p.product || ' ' || p.outcome ||
      case when p.release_id is null then '' else ' REL' end, ', ' order by p.product) as outcomes
      from slots s join slot_products p on p.slot_id = s.id group by s.id, s.local order by s.local`);
    const missed = 'site missed, wallet missed REL';
    const off = 'site cancelled, wallet cancelled REL';
    expect(found.map((r) => `${r.local.slice(8)}: ${r.outcomes}`)).toEqual([
      `02T10:00: ${missed}`,
      `02T15:00: ${missed}`,
      `03T10:00: ${missed}`,
      `03T15:00: ${missed}`,
      `04T10:00: ${off}`,
      `04T15:00: ${off}`,
      `05T10:00: ${missed}`,
    ]);
    expect([cards, (await rows(sql`select 1 from outbox`)).length - before]).toEqual([3, 0]);
    expect(await keptBetween(t.db, T0, team.now)).toEqual({ done: 0, late: 0, missed: 10, cancelled: 4 });
    expect(await rows(sql`select 1 from audit_events where verb = 'count'`)).toHaveLength(6);
    // The release's card said a slot that is long gone.
    const [{ due } = { due: 0 }] = await rows<{ due: number }>(
      sql`select count(*)::int as due from graphile_worker._private_jobs j join outbox o on j.key = 'card:' || o.id where o.subject = ${`REL-${release}`}`,
    );
    expect(due).toBe(1);
  });

  it('R9, R22: what a clock that was a week ahead for one beat said of slots to come is taken back', async () => {
    const beat = () => runSlots({ ...team.deps, log }, { at: team.now.toISOString() });
    const WEEK = 7 * 24 * 60;
    const found = () =>
      rows<{ it: string }>(sql`select substring(s.local from 9) || ' ' || p.product || ' ' || p.outcome as it
        from slots s join slot_products p on p.slot_id = s.id order by s.local, p.product`);
    const release = await team.open({ product: 'wallet' });
    await beat();
    team.wait(WEEK);
    await beat();
    expect((await found()).filter(({ it }) => it.endsWith('missed')).length).toBeGreaterThan(15);
    team.wait(1 - WEEK);
    await beat();
    expect((await found()).filter(({ it }) => !it.endsWith('planned'))).toEqual([]);
    expect(await lookedUntil(t.db)).toEqual(minutes(1));
    // It goes on as if nothing had been: one ships in its slot, the other misses it.
    await t.db.execute(
      sql`update releases set state = 'verifying', shipping_at = ${minutes(90).toISOString()} where id = ${release}`,
    );
    team.wait(124);
    await beat();
    expect((await found()).slice(0, 3).map(({ it }) => it)).toEqual([
      '02T10:00 site missed',
      '02T10:00 wallet done',
      '02T15:00 site planned',
    ]);
  });

  it('R22: it is at least as late as the beat, whatever the clock of this machine says', async () => {
    team.wait(-60);
    await runSlots({ ...team.deps, log }, { at: minutes(-60).toISOString() });
    expect(await rows(sql`select 1 from slots`)).toEqual([]);
    await runSlots({ ...team.deps, log }, { at: T0.toISOString() });
    expect(await rows(sql`select 1 from slots`)).toHaveLength(1);
  });

  it('R9: at the first start of all, and of an outage of years, only what can still say something is counted', async () => {
    const beat = () => runSlots({ ...team.deps, log }, { at: team.now.toISOString() });
    await beat();
    expect(await rows(sql`select 1 from slots`)).toHaveLength(1);
    team.wait(400 * 24 * 60);
    await beat();
    const [{ n } = { n: 0 }] = await rows<{ n: number }>(sql`select count(*)::int as n from slots`);
    expect(n).toBeGreaterThan(40);
    expect(n).toBeLessThan(47);
    expect(
      await rows(sql`select 1 from slot_products where outcome = 'planned' and slot_id = (select min(id) from slots)`),
    ).toEqual([]);
  });

  it('goes on when GitHub does not answer', async () => {
    const down = github(async () => {
      throw new GitHubError('doubtful', 'GitHub is down');
    });
    await runSlots({ ...team.deps, log, github: down }, { at: T0.toISOString() });
    expect((await rows(sql`select 1 from slots`)).length).toBe(1);
    team.wait(24 * 60);
    const broken = github(async () => {
      throw new Error('a bug');
    });
    await expect(runSlots({ ...team.deps, log, github: broken }, { at: team.now.toISOString() })).rejects.toThrow(
      'a bug',
    );
  });
});

test('R9: a slot’s message that was deleted is posted again while the slot is not over, once', async () => {
  const update = async () => {
    throw new SlackError('gone', { method: 'chat.update', code: 'message_not_found' });
  };
  const deps = { ...team.deps, slack: { update }, log: keptLog().log, metrics: { cardUpdates: { inc() {} } } };
  const { card } = tasksOf(deps as unknown as BotDeps, t.db, new Map() as unknown as Specs, async () => {});
  const posted = () =>
    rows<{ id: string; subject: string; gone: boolean }>(
      sql`select id, subject, failed_at is not null as gone from outbox where role = 'card' order by id`,
    );
  const deleted = async () => {
    const [row] = await rows<{ id: string }>(
      sql`update outbox set posted_ts = '1.' || id, posted_channel = target where role = 'card' and posted_ts is null returning id`,
    );
    for (let n = 0; n < 2; n++) await card({ outboxId: Number(row?.id) }, { last: false });
  };
  await propose(team.deps);
  await deleted();
  const [first, second] = await posted();
  expect([first?.gone, second?.gone, second?.subject]).toEqual([true, false, first?.subject]);
  // Slack says so at once.
  await t.db.execute(sql`update outbox set posted_ts = '1.2', posted_channel = 'CREL' where id = ${second?.id}`);
  const event = { type: 'message', subtype: 'message_deleted', channel: 'CREL', deleted_ts: '1.2', event_ts: '1.3' };
  for (let n = 0; n < 2; n++) await messaged(deps as unknown as BotDeps)({ event, body: { event_id: 'E1' } } as never);
  expect((await posted()).map((row) => row.gone)).toEqual([true, true, false]);
  team.wait(121);
  await deleted();
  expect((await posted()).map((row) => row.gone)).toEqual([true, true, true]);
});

describe('duty', () => {
  it('of a user group is its members, read within the hour', async () => {
    const group: Policy = { ...policy, duty: { roster: [], usergroup: 'S0DUTY', size: 2, turn: 'week' } };
    await t.db.execute(sql`insert into usergroups (id, refreshed_at) values ('S0DUTY', ${T0.toISOString()})`);
    await t.db.execute(
      sql`insert into usergroup_members (usergroup, person) values ('S0DUTY', 'UBEN'), ('S0DUTY', 'UADA')`,
    );
    expect(await dutyAt(t.db, group, T0, T0)).toEqual(['UADA', 'UBEN']);
    expect(await dutyAt(t.db, group, T0, minutes(61))).toEqual([]);
    expect(await dutyAt(t.db, TEAM, T0, T0)).toEqual([]);
  });

  it.each(['deactivated', 'bot', 'guest', 'outsider'])(
    'R7: passes over a %s person, as over who is away',
    async (is) => {
      const on = await dutyAt(t.db, policy, T0, T0);
      const [bot, deactivated, guest, outsider] = ['bot', 'deactivated', 'guest', 'outsider'].map(
        (each) => each === is,
      );
      await t.db.execute(
        sql`insert into people values (${on[0]}, 'x', null, ${bot}, ${deactivated}, ${guest}, ${outsider}, now())`,
      );
      const then = await dutyAt(t.db, policy, T0, T0);
      await t.db.execute(sql`delete from people where id = ${on[0]}`);
      expect(then).toEqual([on[1], ['UADA', 'UBEN', 'UCAS'].find((id) => !on.includes(id))]);
    },
  );

  it('R23: passes over who is away by the day it is where they are when the slot begins', async () => {
    const tokyo: Policy = { ...policy, team: { ...policy.team, zone: 'Asia/Tokyo' } };
    // Friday 10:00 in Tokyo, and Thursday in Los Angeles.
    const slot = new Date('2026-12-04T01:00Z');
    const on = await dutyAt(t.db, tokyo, slot, slot);
    const [one, two] = on;
    const other = ['UADA', 'UBEN', 'UCAS'].find((id) => !on.includes(id));
    await t.db.execute(
      sql`insert into people values (${one}, 'x', 'America/Los_Angeles', false, false, false, false, now())`,
    );
    const awayOn = async (...days: [string, string][]) => {
      await t.db.execute(sql`delete from absences`);
      for (const [who, day] of days)
        await t.db.execute(
          sql`insert into absences (person, from_day, to_day, set_by, set_at) values (${who}, ${day}, ${day}, 'U1', now())`,
        );
      return dutyAt(t.db, tokyo, slot, slot);
    };
    const asked = [
      await awayOn([one ?? '', '2026-12-03']),
      await awayOn([one ?? '', '2026-12-04'], [two ?? '', '2026-12-03']),
    ];
    await t.db.execute(sql`delete from people where id = ${one}`);
    expect(asked).toEqual([[two, other], on]);
  });
});
