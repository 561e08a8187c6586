import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { act, ask, tick } from '../../../src/areas/releases/actions.ts';
import { checkCard } from '../../../src/areas/releases/blocks.ts';
import { evolve } from '../../../src/areas/releases/evolve.ts';
import { counted } from '../../../src/areas/releases/facts.ts';
import { decide } from '../../../src/areas/releases/rules.ts';
import { type Actor, SHIPSHAPE } from '../../../src/base/actor.ts';
import { errorText } from '../../../src/base/errors.ts';
import { freshDb, type TestDb } from '../../support/db.ts';
import { ADA, ADMIN, BEN, CAS, MAX, T0 } from '../../support/facts.ts';
import { aCause, type Team, teamOn } from '../../support/team.ts';

let db: TestDb;
let team: Team;
beforeAll(async () => {
  db = await freshDb();
  team = teamOn(db.db);
});
afterAll(() => db.close());

const jobs = async (key: string) => {
  const { rows } = await db.pool.query('select key, run_at from graphile_worker.jobs where key = $1', [key]);
  return rows as { key: string; run_at: Date }[];
};
const audit = async (id: number) => {
  const { rows } = await db.pool.query(
    'select verb, actor, source, cause, data from audit_events where subject = $1 order by id',
    [`REL-${id}`],
  );
  return rows;
};

describe('ask', () => {
  it('of the same people from two releases at once: neither waits for the other for ever', async () => {
    const asked = [ADA, BEN, CAS, MAX, ADMIN].map(({ id }) => ({ person: id, text: 'still?', blocks: [] }));
    for (let i = 0; i < 10; i++)
      await Promise.all([asked, asked.toReversed()].map((list) => db.db.transaction((tx) => ask(tx, list))));
    expect(await team.dms(CAS.id)).toHaveLength(20);
  });
});

it('R5: 0008 knows when something last stopped a release, so that what is heard of late is judged by it', async () => {
  const text = await readFile(new URL('../../../drizzle/0008_gate_at.sql', import.meta.url), 'utf8');
  const [held, unheard, pushed, never] = [await team.open(), await team.open(), await team.open(), await team.open()];
  await team.do(held, ADA, { kind: 'hold', reason: 'wait', road: 'button' });
  const [hold] = (await team.facts(held)).holds;
  team.now = new Date(T0.getTime() + 60_000);
  await team.do(held, ADA, { kind: 'unhold', holdId: hold?.id as number });
  const lifted = team.now;
  team.now = new Date(T0.getTime() + 120_000);
  await team.do(held, BEN, { kind: 'ready' });
  team.now = T0;
  await db.pool.query('update releases set gate_at = null');
  await db.pool.query('update releases set gate_act = 1 where id = $1', [unheard]);
  // All that was kept of a failed push before.
  await db.pool.query('update releases set interrupted_act = 1 where id = $1', [pushed]);
  await db.pool.query(text.split('--> statement-breakpoint').at(-1) as string);
  const known = await Promise.all(
    [held, unheard, pushed, never].map(async (id) => (await team.facts(id)).release.gateAt),
  );
  expect(known).toEqual([lifted, expect.any(Date), expect.any(Date), null]);
  for (const at of known.slice(1, 3)) expect(Math.abs((at as Date).getTime() - Date.now())).toBeLessThan(60_000);
});

describe('act', () => {
  it('R14: naming a candidate has the releases of the product look at what blocks them', async () => {
    const id = await team.open();
    const key = `gates:${(await team.facts(id)).release.product}`;
    const looked = async () => {
      const found = await jobs(key);
      await db.pool.query('select graphile_worker.remove_job($1)', [key]);
      return found.length;
    };
    await looked();
    await team.do(id, ADA, { kind: 'ready' });
    expect(await looked()).toBe(0);
    await team.do(id, MAX, { kind: 'candidate', commit: 'fff1234', tree: null });
    expect(await looked()).toBe(1);
  });

  it('writes, audits (R26), tells the thread and redraws the card in one transaction', async () => {
    const id = await team.open();
    await team.posted(id, '40.000001');
    const answer = await team.do(id, ADA, { kind: 'ready' });
    expect(answer).toMatchObject({ outcome: 'accepted', releaseId: id });
    expect(answer.text).toContain('you are here');
    expect((await team.lines(id)).at(-1)).toContain('<@UADA> is here and testing (1/2)');
    expect((await audit(id)).at(-1)).toMatchObject({ verb: 'ready', actor: ADA.id, source: 'command' });
    const { rows } = await db.pool.query("select id from outbox where role = 'card' and subject = $1", [`REL-${id}`]);
    expect(await jobs(`card:${rows[0].id}`)).toHaveLength(1);
    // Shared by all releases: an action that added it would make actions on other releases wait. It comes after the card.
    expect(await jobs('homes')).toHaveLength(0);
  });

  it('given twice for one cause acts once and answers the same', async () => {
    const id = await team.open();
    const cause = aCause();
    const first = await act(team.deps, cause, ADA, id, { kind: 'ready' });
    const again = await act(team.deps, cause, ADA, id, { kind: 'away' });
    expect(again).toEqual({ answer: first.answer, repeated: true });
    expect((await team.facts(id)).presences).toMatchObject([{ leftAt: null }]);
  });

  it('refused changes nothing but says why', async () => {
    const id = await team.open();
    const before = await team.facts(id);
    const answer = await team.do(id, ADA, { kind: 'lgtm', road: 'button' });
    expect(answer).toMatchObject({ outcome: 'refused', code: 'not_in_waiting' });
    expect(await team.facts(id)).toEqual(before);
  });

  it('done already says so', async () => {
    const id = await team.open();
    await team.do(id, ADA, { kind: 'ready' });
    expect(await team.do(id, ADA, { kind: 'ready' })).toMatchObject({ outcome: 'already' });
  });

  it('of a release that is not there throws, and its cause may be tried again', async () => {
    const cause = aCause();
    for (const _ of [1, 2])
      await expect(act(team.deps, cause, ADA, 99_999, { kind: 'ready' })).rejects.toThrow('there is no release 99999');
  });

  it('ends in two sign-offs and one approval line when ten come at once', async () => {
    const id = await team.open();
    const crowd: Actor[] = [ADA, BEN, CAS];
    for (const who of crowd) await team.do(id, who, { kind: 'ready' });
    await Promise.all(
      Array.from({ length: 9 }, (_, i) => team.do(id, crowd[i % 3] as Actor, { kind: 'lgtm', road: 'button' })),
    );
    const f = await team.facts(id);
    expect(f.release.state).toBe('approved');
    expect(f.signOffs).toHaveLength(3);
    expect((await team.lines(id)).filter((line) => line.includes('*Approved*'))).toHaveLength(1);
  });

  it('names the hold whose reason is to be asked', async () => {
    const id = await team.open();
    const answer = await team.do(id, CAS, { kind: 'hold', reason: null, road: 'button' });
    const [hold] = (await team.facts(id)).holds;
    expect(answer.holdId).toBe(hold?.id);
    expect((await team.do(id, ADA, { kind: 'hold', reason: 'why', road: 'command' })).holdId).toBeUndefined();
  });

  it('gives up after 2 s when the release is locked, in words that can be told', async () => {
    const id = await team.open();
    const other = await db.pool.connect();
    try {
      await other.query('begin');
      await other.query('select 1 from releases where id = $1 for update', [id]);
      const began = Date.now();
      const failure = await act(team.deps, aCause(), ADA, id, { kind: 'ready' }).catch((err) => err);
      expect(errorText(failure)).toMatch(/lock timeout/);
      expect(Date.now() - began).toBeGreaterThan(1900);
      await other.query('rollback');
    } finally {
      other.release();
    }
    expect(await team.do(id, ADA, { kind: 'ready' })).toMatchObject({ outcome: 'accepted' });
  });
});

describe('R3, R6: who is asked again', () => {
  it('the signers of the old candidate; by one tap when its tree is said to be the same', async () => {
    const id = await team.open();
    await db.pool.query("update candidates set tree = 'beef123' where release_id = $1", [id]);
    await team.approve(id, ADA, BEN);
    await team.do(id, MAX, { kind: 'candidate', commit: 'def5678', tree: 'beef123' });
    expect((await team.facts(id)).release.state).toBe('testing');
    for (const who of [ADA, BEN]) expect((await team.dms(who.id)).at(-1)).toContain('The tree is said to be the same');
    await team.do(id, MAX, { kind: 'candidate', commit: 'fff9999', tree: null });
    expect((await team.dms(ADA.id)).at(-1)).toContain('Please test it and sign off again');
  });

  it('only when the last hold is lifted', async () => {
    const id = await team.open();
    await team.approve(id, ADA, BEN);
    const before = (await team.dms(ADA.id)).length;
    await team.do(id, CAS, { kind: 'hold', reason: 'a', road: 'command' });
    await team.do(id, ADMIN, { kind: 'hold', reason: 'b', road: 'command' });
    await team.do(id, CAS, { kind: 'unhold' });
    expect(await team.dms(ADA.id)).toHaveLength(before);
    await team.do(id, ADMIN, { kind: 'unhold' });
    expect(await team.dms(ADA.id)).toHaveLength(before + 1);
  });
});

describe('R6, R8: who is asked again while production is checked', () => {
  const block = (id: number) =>
    db.pool.query(
      `insert into bugs (product, found_in, title, reporter, reported_at, blocking, blocking_seq, state)
        select product, 'production', 'It burns', 'UCAS', $2, true, nextval('blocking_seq'), 'suspected' from releases where id = $1`,
      [id, team.now],
    );
  const end = (id: number) =>
    db.pool.query('update bugs set ended_at = $2 where product = (select product from releases where id = $1)', [
      id,
      team.now,
    ]);
  /** Approved and reconciled; a third one's LGTM of the candidate had been interrupted. */
  async function approved(): Promise<number> {
    const id = await team.open();
    for (const who of [ADA, CAS]) await team.do(id, who, { kind: 'ready' });
    await team.do(id, CAS, { kind: 'lgtm', road: 'button' });
    await team.do(id, ADMIN, { kind: 'hold', reason: 'wait', road: 'command' });
    await team.do(id, ADMIN, { kind: 'unhold' });
    await team.approve(id, ADA, BEN);
    await team.reconciled(id);
    return id;
  }
  /** Live, with two who check it, of whom one signed; the third one's LGTM as above. */
  async function live(): Promise<number> {
    const id = await approved();
    for (const kind of ['ship', 'shipped'] as const) await team.do(id, MAX, { kind });
    for (const who of [ADA, BEN]) await team.do(id, who, { kind: 'ready' });
    await team.do(id, ADA, { kind: 'verify', road: 'button' });
    return id;
  }
  const asked = async () => {
    const { rows } = await db.pool.query<{ target: string; text: string; blocks: unknown }>(
      "select target, text, blocks from outbox where role = 'dm' order by id",
    );
    return rows;
  };

  it.each(['a blocker', 'a hold'])(
    'those who had signed off production, when %s is over; nobody about the candidate',
    async (what) => {
      const id = await live();
      const before = (await asked()).length;
      if (what === 'a hold') {
        await team.do(id, CAS, { kind: 'hold', reason: 'wait', road: 'command' });
        expect(await asked()).toHaveLength(before);
        await team.do(id, CAS, { kind: 'unhold' });
      } else {
        await block(id);
        await tick(team.deps, id);
        expect(await asked()).toHaveLength(before);
        await end(id);
        await tick(team.deps, id);
      }
      const news = (await asked()).slice(before);
      expect(news.map((dm) => dm.target)).toEqual([ADA.id]);
      expect(news[0]?.text).toMatch(/interrupted after your LGTM of production.*\/release verify/s);
      expect(JSON.stringify(news[0]?.blocks)).toContain('release_verify');
      const f = await team.facts(id);
      expect([counted(f, 'candidate').length, counted(f, 'production').length]).toEqual([2, 0]);
      expect(JSON.stringify(checkCard(f, team.deps.policy, team.now))).toContain(
        'from before the interruption: still LGTM?',
      );
      for (const who of [BEN, ADA]) await team.do(id, who, { kind: 'verify', road: 'button' });
      expect((await team.facts(id)).release.state).toBe('done');
      expect((await team.lines(id)).join('\n')).toContain(`<@${ADA.id}> still says LGTM to production (2/2)`);
    },
  );

  it('what is written of a late blocker is what evolve says', async () => {
    const id = await live();
    await block(id);
    const before = await team.facts(id);
    const { settled } = decide(before, SHIPSHAPE, { kind: 'tick' }, team.deps.policy.review, team.now);
    expect(settled).toMatchObject([{ kind: 'blocked', late: true }]);
    await tick(team.deps, id);
    const after = await team.facts(id);
    expect(after).toEqual(evolve(before, settled, team.now));
    await end(id);
  });

  it('nobody, while it is being pushed: nothing can be signed off then', async () => {
    const id = await approved();
    await team.do(id, MAX, { kind: 'ship' });
    const before = (await asked()).length;
    await team.do(id, CAS, { kind: 'hold', reason: 'wait', road: 'command' });
    await team.do(id, CAS, { kind: 'unhold' });
    expect(await asked()).toHaveLength(before);
  });
});

describe('tick (R2)', () => {
  it('is queued for the moment the first eyes expire, and sends testing back to waiting', async () => {
    team.now = T0;
    const id = await team.open();
    await team.do(id, ADA, { kind: 'ready' });
    team.wait(10);
    await team.do(id, BEN, { kind: 'ready' });
    expect((await jobs(`tick:${id}`))[0]?.run_at).toEqual(new Date(T0.getTime() + 240 * 60_000));
    team.now = new Date(T0.getTime() + 241 * 60_000);
    await tick(team.deps, id);
    const f = await team.facts(id);
    expect(f.release.state).toBe('waiting');
    expect((await team.lines(id)).at(-1)).toContain('no longer counts as here');
    expect((await audit(id)).at(-1)).toMatchObject({ verb: 'expire', actor: 'shipshape', source: 'schedule' });
    expect((await jobs(`tick:${id}`))[0]?.run_at).toEqual(new Date(T0.getTime() + 250 * 60_000));
  });

  it('is applied before an act too, and audited as the clock', async () => {
    team.now = T0;
    const id = await team.open();
    for (const who of [ADA, BEN]) await team.do(id, who, { kind: 'ready' });
    team.now = new Date(T0.getTime() + 300 * 60_000);
    expect(await team.do(id, ADA, { kind: 'lgtm', road: 'button' })).toMatchObject({ outcome: 'refused' });
    expect((await team.facts(id)).release.state).toBe('waiting');
    expect((await audit(id)).at(-1)).toMatchObject({ verb: 'expire', actor: 'shipshape' });
  });
});
