// Freezes, slots and duty on a real database: once per cause, refusals change nothing, outcomes written down once.
import { sql } from 'drizzle-orm';
import { describe, expect, it } from 'vitest';
import { followPolicy, freeze, propose, settleSlots, skip, thaw } from '../../../src/areas/cadence/actions.ts';
import { slotRulesNow } from '../../../src/areas/cadence/slot-store.ts';
import { freezesAhead, freezesSince, keptBetween, loadSlot } from '../../../src/areas/cadence/store.ts';
import { loadFacts } from '../../../src/areas/releases/store.ts';
import type { Actor } from '../../../src/base/actor.ts';
import type { Policy } from '../../../src/base/policy.ts';
import { draw } from '../../../src/jobs/draw.ts';
import { ADA, ADMIN, BEN, ENG, MAX, minutes, NOBODY, T0 } from '../../support/facts.ts';
import { aCause } from '../../support/team.ts';
import { ASK, cadenceOnADatabase, frozen, policy, rows, said, t, team } from './actions-team.ts';

cadenceOnADatabase();

const verbs = async (subject: string) =>
  (await rows<{ verb: string }>(sql`select verb from audit_events where subject = ${subject} order by id`)).map(
    (r) => r.verb,
  );

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

  it('R9: one that holds counts, however many are set ahead; those that were over before it was opened are not read', async () => {
    await frozen(ENG, { endsAt: minutes(30), reason: 'over' });
    team.wait(60);
    const id = await team.open({ product: 'wallet' });
    await team.approve(id, ADA, BEN);
    await frozen(ENG, { startsAt: team.now, reason: 'holds' });
    for (let week = 1; week <= 21; week++) {
      const at = week * 7 * 24 * 60;
      await frozen(ENG, { startsAt: minutes(at), endsAt: minutes(at + 2880), reason: 'weekend' });
    }
    await team.reconciled(id);
    expect(await team.do(id, MAX, { kind: 'ship' })).toMatchObject({ outcome: 'refused', code: 'frozen' });
    const reasons = (await loadFacts(t.db, id))?.freezes.map((f) => f.reason);
    expect(reasons).toHaveLength(22);
    expect(reasons).not.toContain('over');
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
    const untils = await rows(
      sql`select o.until = s.until as same from outbox o join slots s on o.subject = 'SLOT-' || s.id where o.role = 'card' and s.id = ${id}`,
    );
    expect(untils, 'of use until the slot is over').toEqual([{ same: true }]);
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

  it('R9: a push that failed did not go out: its slot is to be kept still, then missed, then late', async () => {
    await propose(team.deps);
    const id = await slotOf();
    const release = await team.open({ product: 'wallet' });
    await team.approve(release, ADA, BEN);
    const ship = async () => {
      await team.reconciled(release);
      expect(await team.do(release, MAX, { kind: 'ship' })).toMatchObject({ outcome: 'accepted' });
      await settleSlots(team.deps);
    };
    const wallet = async () => (await outcomes(id)).wallet;
    team.wait(62);
    await ship();
    expect(await wallet()).toBe('done');
    expect(await team.do(release, MAX, { kind: 'failed', reason: 'migration' })).toMatchObject({ outcome: 'accepted' });
    await settleSlots(team.deps);
    expect(await wallet()).toBe('planned');
    team.wait(70);
    await settleSlots(team.deps);
    expect(await wallet()).toBe('missed');
    // Settled as done first, and pushed again before anybody looked.
    await t.db.execute(
      sql`update slot_products set outcome = 'done', release_id = ${release} where product = 'wallet'`,
    );
    await t.db.execute(
      sql`update releases set state = 'shipping', shipping_at = ${minutes(360).toISOString()} where id = ${release}`,
    );
    team.wait(300);
    await settleSlots(team.deps);
    expect(await wallet()).toBe('late');
  });

  it('R9: a push that failed does not leave the slot before it late', async () => {
    await propose(team.deps);
    const id = await slotOf();
    const release = await team.open({ product: 'wallet' });
    team.wait(130);
    const settled = async (state: string) => {
      const shipping = state === 'shipping' ? minutes(360).toISOString() : null;
      const ended = state === 'cancelled' ? minutes(400).toISOString() : null;
      await t.db.execute(sql`update releases set state = ${state}, shipping_at = coalesce(${shipping}::timestamptz, shipping_at),
        ended_at = ${ended} where id = ${release}`);
      await settleSlots(team.deps);
      return (await outcomes(id)).wallet;
    };
    expect(await settled('testing')).toBe('missed');
    team.wait(260);
    const found = [];
    for (const state of ['shipping', 'testing', 'shipping', 'cancelled']) found.push(await settled(state));
    expect(found).toEqual(['late', 'missed', 'late', 'missed']);
  });

  it('R9: the slot that is open is among those kept, however many are proposed ahead of it', async () => {
    const slots = Array.from({ length: 12 }, (_, i) => i * 120);
    const cadence = { slots, days: [1, 2, 3, 4, 5, 6, 7], graceMinutes: 60, proposeMinutesBefore: 1440 };
    const deps = { ...team.deps, policy: { ...policy, cadence } };
    const release = await team.open({ product: 'wallet' });
    for (let n = 0; n < 2; n++) {
      await propose(deps);
      team.wait(95);
    }
    const open = { local: '2026-03-02T10:00', at: minutes(60), until: minutes(120) };
    expect((await slotRulesNow(t.db, deps.policy)).kept).toContainEqual(open);
    expect((await loadFacts(t.db, release))?.slots).toContainEqual(open);
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

  it('R9: a slot that has not begun follows the policy, one that has begun keeps its times; products that came since are in it while it is not over', async () => {
    const release = await team.open({ product: 'wallet' });
    await propose(team.deps);
    const id = await slotOf();
    const times = async () => {
      const { slot, products } = (await loadSlot(t.db, id)) ?? { slot: undefined, products: [] };
      return [
        slot?.at,
        slot?.until,
        products
          .map((p) => p.product)
          .sort()
          .join(' '),
      ];
    };
    const cadence = (over: object) => ({ ...policy, cadence: { ...policy.cadence, ...over } }) as Policy;
    const follows = (p: Policy) => followPolicy({ ...team.deps, policy: p });
    expect(await follows(policy)).toBe(false);
    const wider = cadence({ graceMinutes: 90 });
    expect([await follows(wider), await follows(wider)]).toEqual([true, false]);
    expect(await times()).toEqual([minutes(60), minutes(150), 'site wallet']);
    const berlin = { ...wider, team: { ...policy.team, zone: 'Europe/Berlin' } };
    expect(await follows(berlin)).toBe(true);
    expect(await times()).toEqual([minutes(0), minutes(90), 'site wallet']);
    // It has begun by that.
    expect(await follows(policy)).toBe(false);
    const more = { ...policy, products: [...policy.products, { ...policy.products[0], key: 'extra' }] } as Policy;
    expect([await follows(more), await follows(more)]).toEqual([true, false]);
    expect(await times()).toEqual([minutes(0), minutes(90), 'extra site wallet']);
    expect(await verbs(`SLOT-${id}`)).toEqual(['propose', 'move', 'move', 'add']);
    expect((await loadFacts(t.db, release))?.slots).toEqual([
      { local: '2026-03-02T10:00', at: minutes(0), until: minutes(90) },
    ]);
    team.wait(91);
    const late = { ...more, products: [...more.products, { ...policy.products[0], key: 'late' }] } as Policy;
    expect(await follows(late)).toBe(false);
    // A moment that is over by now is nobody's to keep: it stays what was said.
    team.wait(180);
    await propose(team.deps);
    const tokyo = { ...policy, team: { ...policy.team, zone: 'Asia/Tokyo' } };
    expect(await follows(tokyo)).toBe(false);
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
