// Freezes, slots and duty on a real database: once per cause, refusals change nothing, outcomes written down once.
import { sql } from 'drizzle-orm';
import { describe, expect, it } from 'vitest';
import { freeze, propose, settleSlots, skip, thaw } from '../../../src/areas/cadence/actions.ts';
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
