// Freezes, slots and duty on a real database: once per cause, refusals change nothing, outcomes written down once.
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { freeze, propose, settleSlots, skip, thaw } from '../../../src/areas/cadence/actions.ts';
import { dutyAt, freezesAhead, freezesSince, keptBetween, loadSlot } from '../../../src/areas/cadence/store.ts';
import type { FreezeAsk } from '../../../src/areas/cadence/types.ts';
import { loadFacts } from '../../../src/areas/releases/store.ts';
import type { Actor } from '../../../src/base/actor.ts';
import type { GitHub } from '../../../src/base/github.ts';
import { GitHubError } from '../../../src/base/github.ts';
import type { Policy } from '../../../src/base/policy.ts';
import { draw } from '../../../src/jobs/draw.ts';
import { runSlots } from '../../../src/jobs/slots.ts';
import { freshDb, type TestDb, wipe } from '../../support/db.ts';
import { ADA, ADMIN, BEN, ENG, MAX, minutes, NOBODY, T0 } from '../../support/facts.ts';
import { keptLog } from '../../support/quiet.ts';
import { aCause, TEAM, teamOn } from '../../support/team.ts';

// T0 is Monday 2 March 2026, 09:00 in Lisbon.
const policy: Policy = {
  ...TEAM,
  cadence: { slots: [600, 900], days: [1, 2, 3, 4, 5], graceMinutes: 60, proposeMinutesBefore: 90 },
  duty: { roster: ['UADA', 'UBEN', 'UCAS'], size: 2, turn: 'week' },
};
const ASK: FreezeAsk = { product: null, startsAt: T0, endsAt: minutes(300), reason: 'the <audit>' };

let t: TestDb;
let team: ReturnType<typeof teamOn>;
beforeAll(async () => {
  t = await freshDb();
});
afterAll(() => t.close());
beforeEach(async () => {
  await wipe(
    t,
    'freezes, slots, slot_looks, slot_products, absences, usergroups, usergroup_members, releases, threads, outbox, causes, audit_events',
  );
  team = teamOn(t.db, policy);
});

const rows = async <T>(query: ReturnType<typeof sql>) => (await t.db.execute(query)).rows as T[];
const said = () => rows<{ text: string; subject: string | null }>(sql`select text, subject from outbox order by id`);
const verbs = async (subject: string) =>
  (await rows<{ verb: string }>(sql`select verb from audit_events where subject = ${subject} order by id`)).map(
    (r) => r.verb,
  );
const frozen = (who: Actor, ask: Partial<FreezeAsk> = {}) =>
  freeze(team.deps, aCause({ actor: who.id }), who, { ...ASK, ...ask });
const everything = async () =>
  JSON.stringify(
    await rows(sql`select (select json_agg(f order by id) from freezes f) f, (select json_agg(s order by slot_id, product) from slot_products s) s,
    (select count(*) from outbox) o, (select count(*) from audit_events) a`),
  );

describe('freezes', () => {
  it('R9: are set once per cause, told in the channel, and seen by the releases they stop', async () => {
    const id = await team.open({ product: 'wallet' });
    const other = await team.open({ product: 'site' });
    const cause = aCause({ actor: ENG.id });
    const first = await freeze(team.deps, cause, ENG, { ...ASK, product: 'wallet' });
    const again = await freeze(team.deps, cause, ENG, { ...ASK, product: 'wallet' });
    expect(again).toEqual({ answer: first.answer, repeated: true });
    expect(first.answer.text).toContain('FRZ-');
    expect(await freezesAhead(t.db, T0)).toHaveLength(1);
    expect((await said()).filter((m) => m.text.includes('*Frozen*') && m.text.includes('&lt;audit&gt;'))).toHaveLength(
      1,
    );
    expect((await loadFacts(t.db, id))?.freezes).toEqual([
      {
        id: expect.any(Number),
        product: 'wallet',
        startsAt: T0,
        endsAt: minutes(300),
        reason: 'the <audit>',
        setBy: ENG.id,
      },
    ]);
    expect((await loadFacts(t.db, other))?.freezes).toEqual([]);
  });

  it('R9: keep an approved release from shipping until they are thawed; an emergency ships', async () => {
    const id = await team.open({ product: 'wallet' });
    await team.approve(id, ADA, BEN);
    team.wait(60);
    await frozen(ENG);
    await team.reconciled(id);
    expect(await team.do(id, MAX, { kind: 'ship' })).toMatchObject({ outcome: 'refused', code: 'frozen' });
    const [{ id: freezeId } = { id: 0 }] = await freezesAhead(t.db, team.now);
    expect((await thaw(team.deps, aCause(), ADMIN, { id: freezeId })).answer.outcome).toBe('accepted');
    expect(await verbs(`FRZ-${freezeId}`)).toEqual(['freeze', 'thaw']);
    expect((await said()).at(-1)?.text).toContain('*Thawed*');
    expect(await team.do(id, MAX, { kind: 'ship' })).toMatchObject({ outcome: 'accepted' });
  });

  it('R9: refusals change nothing', async () => {
    await frozen(ENG);
    await frozen(ENG, { product: 'site' });
    const before = await everything();
    for (const [who, ask] of [
      [ADA, {}],
      [ENG, { reason: '' }],
      [ENG, { endsAt: minutes(-1) }],
    ] as const)
      expect((await frozen(who, ask)).answer.outcome).toBe('refused');
    for (const ask of [undefined, { id: 99_999 }, { product: 'wallet' }])
      expect((await thaw(team.deps, aCause(), ENG, ask)).answer.outcome).toBe('refused');
    expect((await thaw(team.deps, aCause(), ADA, undefined)).answer.code).toBe('role');
    expect(await everything()).toBe(before);
  });
});

describe('slots', () => {
  const slotOf = async () => {
    const [row] = await rows<{ id: string }>(sql`select max(id) as id from slots`);
    return Number(row?.id);
  };
  const outcomes = async (id: number) =>
    Object.fromEntries(((await loadSlot(t.db, id))?.products ?? []).map((p) => [p.product, p.outcome]));
  const cards = async () => (await said()).filter((m) => m.subject?.startsWith('SLOT-')).length;

  it('R9, R22: are proposed once by however many instances, and not when they are over', async () => {
    team.wait(-60);
    expect(await propose(team.deps)).toEqual([]);
    team.wait(30);
    const made = await Promise.all([1, 2, 3, 4].map(() => propose(team.deps)));
    expect(made.flat()).toHaveLength(1);
    expect(await cards()).toBe(1);
    const id = await slotOf();
    for (let i = 0; i < 5; i++) await propose(team.deps);
    const next = await rows<{ last: string }>(
      sql`select pg_sequence_last_value(pg_get_serial_sequence('slots', 'id')) as last`,
    );
    // Four asked at the same moment; who asks later takes no number.
    expect(Number(next[0]?.last)).toBeLessThanOrEqual(id + 3);
    expect(await outcomes(id)).toEqual({ wallet: 'planned', site: 'planned' });
    expect(await verbs(`SLOT-${id}`)).toEqual(['propose']);
    // Three days later: what passed meanwhile is not proposed any more.
    team.wait(3 * 24 * 60 + 60 * 4);
    expect(await propose(team.deps)).toEqual([]);
    expect(await cards()).toBe(1);
  });

  it('R9: are kept but not announced while all is frozen', async () => {
    await frozen(ENG, { product: 'wallet' });
    await frozen(ENG, { product: 'site' });
    await propose(team.deps);
    expect(await cards()).toBe(0);
    expect(await outcomes(await slotOf())).toEqual({ wallet: 'planned', site: 'planned' });
  });

  it('R9: are announced after all, once, when a thaw comes before they are over', async () => {
    await frozen(ENG);
    await propose(team.deps);
    await propose(team.deps);
    expect(await cards()).toBe(0);
    await thaw(team.deps, aCause({ actor: ENG.id }), ENG, undefined);
    const made = await Promise.all(Array.from({ length: 3 }, () => propose(team.deps)));
    expect(made.flat()).toHaveLength(1);
    expect(await cards()).toBe(1);
    expect(await propose(team.deps)).toEqual([]);
  });

  it('R9: nothing goes out where somebody says so, once, and only while it is not over', async () => {
    await propose(team.deps);
    const id = await slotOf();
    const skipped = (who: Actor, product = 'wallet', slot = id) => skip(team.deps, aCause(), who, slot, product);
    const before = await everything();
    expect((await skipped(NOBODY)).answer.code).toBe('role');
    expect((await skipped(ADA, 'nothing')).answer.code).toBe('no_slot');
    expect(await everything()).toBe(before);
    expect((await skipped(ADA)).answer.outcome).toBe('accepted');
    expect((await skipped(BEN)).answer.outcome).toBe('already');
    team.wait(121);
    expect((await skipped(BEN, 'site')).answer.code).toBe('over');
    await settleSlots(team.deps);
    expect(await outcomes(id)).toEqual({ wallet: 'cancelled', site: 'missed' });
  });

  it('R9: nothing goes out is refused while a release is open for the slot; after it began nobody is told to open one before', async () => {
    await propose(team.deps);
    const id = await slotOf();
    const skipped = async (product: string) => (await skip(team.deps, aCause(), ADA, id, product)).answer;
    const release = await team.open({ product: 'wallet' });
    const before = await everything();
    expect(await skipped('wallet')).toMatchObject({ code: 'open', text: expect.stringContaining(`REL-${release}`) });
    expect(await everything()).toBe(before);
    await team.approve(release, ADA, BEN);
    team.wait(65);
    expect((await skipped('wallet')).code).toBe('open');
    await team.reconciled(release);
    expect(await team.do(release, MAX, { kind: 'ship' })).toMatchObject({ outcome: 'accepted' });
    expect(await skipped('wallet')).toMatchObject({
      code: 'went_out',
      text: expect.stringContaining(`REL-${release}`),
    });
    const { outcome, text } = await skipped('site');
    expect(outcome).toBe('accepted');
    expect(text).not.toContain('before it begins');
    expect(text).toContain('It has begun');
    team.wait(60);
    await settleSlots(team.deps);
    expect(await outcomes(id)).toEqual({ wallet: 'done', site: 'cancelled' });
  });

  it('R9: end as done, late or missed; what is settled is written and audited once', async () => {
    await propose(team.deps);
    const id = await slotOf();
    const ship = async (release: number) => {
      await team.reconciled(release);
      expect(await team.do(release, MAX, { kind: 'ship' })).toMatchObject({ outcome: 'accepted' });
    };
    const done = await team.open({ product: 'wallet' });
    const late = await team.open({ product: 'site' });
    for (const each of [done, late]) await team.approve(each, ADA, BEN);
    team.wait(70);
    await ship(done);
    await settleSlots(team.deps);
    expect(await outcomes(id)).toEqual({ wallet: 'done', site: 'planned' });
    team.wait(60);
    await Promise.all([1, 2, 3].map(() => settleSlots(team.deps)));
    expect(await outcomes(id)).toEqual({ wallet: 'done', site: 'missed' });
    team.wait(240);
    await ship(late);
    await settleSlots(team.deps);
    expect(await outcomes(id)).toEqual({ wallet: 'done', site: 'late' });
    expect(await verbs(`SLOT-${id}`)).toEqual(['propose', 'settle', 'settle', 'settle']);
    expect(await keptBetween(t.db, T0, minutes(600))).toEqual({ done: 1, late: 1, missed: 0, cancelled: 0 });
    const before = await everything();
    await settleSlots(team.deps);
    expect(await everything()).toBe(before);
  });

  it('R9: a slot that the policy has no more is cancelled, not missed; what was missed before stays so', async () => {
    const release = await team.open({ product: 'wallet' });
    await propose(team.deps);
    team.wait(130);
    await settleSlots(team.deps);
    team.wait(150);
    await propose(team.deps);
    const id = await slotOf();
    const [wallet] = policy.products;
    const holiday = { ...policy, team: { ...policy.team, holidays: ['2026-03-02'] }, products: wallet ? [wallet] : [] };
    // While it is not over it is only shown so: a policy that was wrong for an hour is put right.
    const shown = async (p: Policy) =>
      JSON.stringify(await draw(t.db, { role: 'card', subject: `SLOT-${id}` }, p, team.now));
    await settleSlots({ ...team.deps, policy: holiday });
    expect(await outcomes(id)).toEqual({ wallet: 'planned', site: 'planned' });
    expect(await shown(holiday)).toMatch(/Wallet\* — :no_entry_sign: cancelled/);
    expect(await shown(policy)).toMatch(/Wallet\* — planned/);
    team.wait(141);
    await settleSlots({ ...team.deps, policy: holiday });
    expect(await outcomes(id)).toEqual({ wallet: 'cancelled', site: 'cancelled' });
    expect(await outcomes(id - 1)).toEqual({ wallet: 'missed', site: 'missed' });
    expect(release).toBeGreaterThan(0);
  });

  it('R9: a freeze that was thawed counts as long as it held', async () => {
    await propose(team.deps);
    await frozen(ENG, { startsAt: minutes(0), endsAt: minutes(600) });
    team.wait(100);
    await thaw(team.deps, aCause(), ENG, undefined);
    expect((await freezesSince(t.db, T0))[0]?.endsAt).toEqual(minutes(100));
    team.wait(30);
    await settleSlots(team.deps);
    expect(await outcomes(await slotOf())).toEqual({ wallet: 'cancelled', site: 'cancelled' });
  });
});

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
      { outcome: 'done', its: true },
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

  it('passes over who is deactivated, as over who is away', async () => {
    const on = await dutyAt(t.db, policy, T0, T0);
    await t.db.execute(sql`insert into people values (${on[0]}, 'x', null, false, true, false, false, now())`);
    const then = await dutyAt(t.db, policy, T0, T0);
    await t.db.execute(sql`delete from people where id = ${on[0]}`);
    expect(then).toEqual([on[1], ['UADA', 'UBEN', 'UCAS'].find((id) => !on.includes(id))]);
  });

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
