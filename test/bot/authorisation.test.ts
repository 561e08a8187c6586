// Every action x every kind of person x every road: who may does, who may not is told so and changes nothing.
import { App } from '@slack/bolt';
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { BUG_WORDS } from '../../src/bot/bug-words.ts';
import { FUNDS_WORDS } from '../../src/bot/funds-words.ts';
import { NOTE_WORDS } from '../../src/bot/notes-words.ts';
import { PROD_WORDS } from '../../src/bot/prod-words.ts';
import { REGRESSION_WORDS } from '../../src/bot/regression-words.ts';
import { SUBCOMMANDS } from '../../src/bot/release-words.ts';
import type { Db } from '../../src/db/client.ts';
import { freshDb, type TestDb } from '../support/db.ts';
import type { Came } from '../support/doors.ts';
import { makeWorld, P, undone, type Who, WORLD_POLICY, type World } from '../support/world.ts';
import { read, sources } from '../tidy/source.ts';
import type { Road, Row } from './authorisation-roads.ts';
import { HARMLESS, names, TABLE } from './authorisation-table.ts';

const EVERYBODY: Who[] = [
  ...(['op', 'eng', 'prod', 'mgr', 'other', 'auth', 'treas', 'admin', 'nobody'] as const),
  ...(['deact', 'guest', 'outs', 'bot'] as const),
];
const rows = Object.values(TABLE).flat();
const keys = [...rows.flatMap((row) => row.roads), ...HARMLESS].map((road) => road.key);

let t: TestDb;
let w: World;
/** The world's database; while something is done that is undone after it, the transaction in which that is. */
let inside: Db;
const db = new Proxy({} as Db, {
  get: (_, key: keyof Db) => {
    const found = inside[key] as unknown;
    return typeof found === 'function' ? found.bind(inside) : found;
  },
});
/** `work`, of which nothing remains. */
const passing = (work: () => Promise<void>) =>
  undone(t.db, async (tx) => {
    inside = tx;
    await work();
  }).finally(() => {
    inside = t.db;
  });
/** What `src/bot/app.ts` listens to, as it registers it. */
const heard: { kind: string; name: string | RegExp }[] = [];
beforeAll(async () => {
  t = await freshDb();
  for (const kind of ['command', 'action', 'view', 'shortcut', 'event'] as const) {
    const original = App.prototype[kind] as (this: App, ...args: unknown[]) => void;
    vi.spyOn(App.prototype, kind as 'use').mockImplementation(function (this: App, ...args: unknown[]) {
      const [given] = args as [string | RegExp | { action_id?: RegExp; callback_id?: string }];
      const named = typeof given === 'object' && !(given instanceof RegExp);
      heard.push({ kind, name: (named ? (given.action_id ?? given.callback_id) : given) as string | RegExp });
      original.apply(this, args);
      return this as never;
    });
  }
  inside = t.db;
  w = await makeWorld(db);
});
afterAll(async () => {
  await w?.d.close();
  vi.restoreAllMocks();
  await t.close();
});

/** What was written in this transaction so far, by table; what is noted of a request that changes nothing is left out. */
async function written(): Promise<Record<string, number>> {
  const { rows: found } = await db.execute<{ name: string; n: string }>(
    sql`select schemaname || '.' || relname as name, n_tup_ins + n_tup_upd + n_tup_del as n from pg_stat_xact_user_tables
      where n_tup_ins + n_tup_upd + n_tup_del > 0 and relname not in ('causes', 'people')`,
  );
  return Object.fromEntries(found.map((row) => [row.name, Number(row.n)]));
}

/** A refused reaction or word is remembered and answered by DM to who did it; nothing else is written. */
const byDm = (road: Road) => /^(reaction|message)/.test(road.key);
const NOTED = ['public.claims', 'public.outbox', 'graphile_worker._private_jobs'];

function without(counts: Record<string, number>, left: readonly string[]): Record<string, number> {
  return Object.fromEntries(Object.entries(counts).filter(([name]) => !left.includes(name)));
}

/** What was posted but DMs to these. */
const posted = async (to: Who[]) =>
  (
    await db.execute<{ n: number }>(sql`select count(*)::int as n from outbox
    where not (role = 'dm' and target in ${to.map((who) => P[who])})`)
  ).rows[0]?.n ?? 0;
const audited = async (person: string) =>
  (await db.execute<{ n: number }>(sql`select count(*)::int as n from audit_events where actor = ${person}`)).rows[0]
    ?.n ?? 0;
const told = async (person: string) => {
  const { rows: found } = await db.execute<{ text: string; role: string; target: string }>(
    sql`select text, role, target from outbox order by id desc limit 1`,
  );
  return found[0]?.role === 'dm' && found[0].target === person ? found[0].text : '';
};

/** Everybody who may not, one after the other: each is told so, and in the end nothing is different. @returns what was wrong, in words */
async function refusedAll(row: Row, road: Road, who: Who[]): Promise<string[]> {
  const faults: string[] = [];
  const left = byDm(road) ? NOTED : [];
  if (!who.length) return faults;
  const before = { ...without(await written(), left), posted: await posted(who) };
  for (const one of who) {
    const came = await road.go(w.d, P[one], w);
    // What is one's own is only refused to those who are no members; others are told that they have nothing of it.
    const quiet = row.how === 'own' || byDm(road);
    // In a view the refusal is shown by a view.
    const shown = JSON.stringify(came.view?.blocks ?? []);
    if (came.view && !shown.includes('":x: ')) faults.push(`${one}: a form opened`);
    const heard = came.errors || /^:x:/.test(came.said) || came.view;
    if (!quiet && !heard) faults.push(`${one} heard "${came.said.slice(0, 80)}"`);
    if (/went wrong on my side/.test(came.said + shown)) faults.push(`${one}: ${came.said || shown}`);
  }
  const after = { ...without(await written(), left), posted: await posted(who) };
  if (JSON.stringify(after) === JSON.stringify(before)) return faults;
  // Who was it?
  for (const one of who) {
    const was = without(await written(), left);
    await road.go(w.d, P[one], w);
    const is = without(await written(), left);
    const changed = Object.keys(is).filter((name) => is[name] !== was[name]);
    if (changed.length) faults.push(`${one} changed ${changed.join(', ')}`);
  }
  return faults.length ? faults : [`somebody changed ${JSON.stringify(after)}`];
}

/** Somebody who may. @returns what was wrong, in words */
async function allowed(row: Row, road: Road, one: Who): Promise<string[]> {
  const before = row.how === 'sees' ? await written() : {};
  const audits = await audited(P[one]);
  const came: Came = await road.go(w.d, P[one], w);
  const does = (await audited(P[one])) > audits;
  if (came.errors || (/^:x:/.test(came.said) && !does)) return [`${one} was refused: ${came.said.slice(0, 200)}`];
  if (row.how === 'sees') {
    const after = await written();
    if (JSON.stringify(after) !== JSON.stringify(before)) return [`${one} changed something by looking`];
    return came.view || came.answers.length ? [] : [`${one} saw nothing`];
  }
  const why = byDm(road) ? await told(P[one]) : came.said;
  return does ? [] : [`${one} did nothing: ${why.slice(0, 200)}`];
}

describe('who may do what', () => {
  test.each(Object.keys(TABLE))(
    '%s',
    async (area) => {
      const faults: string[] = [];
      for (const row of TABLE[area] ?? []) {
        for (const road of row.roads) {
          const may = names(row.who);
          const say = (found: string[]) => faults.push(...found.map((f) => `${row.act} by ${road.key}: ${f}`));
          const not = EVERYBODY.filter((who) => !may.includes(who));
          await passing(async () => void say(await refusedAll(row, road, not)));
          for (const one of may) await passing(async () => void say(await allowed(row, road, one)));
        }
      }
      expect(faults).toEqual([]);
    },
    60_000,
  );

  test('what is harmless changes nothing, whoever does it', async () => {
    const faults: string[] = [];
    const left = [...NOTED, 'public.homes'];
    await passing(async () => {
      for (const road of HARMLESS) {
        const before = without(await written(), left);
        for (const one of EVERYBODY) await road.go(w.d, P[one], w);
        if (JSON.stringify(without(await written(), left)) !== JSON.stringify(before)) faults.push(road.key);
      }
    });
    expect(faults).toEqual([]);
  });

  test('whose it is may do nothing any more once they are no full member', async () => {
    const faults: string[] = [];
    await passing(async () => {
      await db.execute(sql`update people set guest = true where id in (${P.mgr}, ${P.op})`);
      for (const row of rows.filter((r) => r.how !== 'own'))
        for (const road of row.roads)
          for (const who of (['mgr', 'op'] as const).filter((one) => names(row.who).includes(one)))
            faults.push(...(await refusedAll(row, road, [who])).map((f) => `${row.act} by ${road.key}: ${f}`));
      // But what they gave as a member they may take back.
      for (const line of ['/release away test v1.0.0', '/release retract appr v1.0.0'])
        expect((await w.d.command(P.op, line)).said).not.toContain(':x:');
    });
    expect(faults).toEqual([]);
  }, 60_000);
});

describe('the table is complete', () => {
  const words: Record<string, object> = {
    ...{ '/release': SUBCOMMANDS, '/bug': BUG_WORDS, '/issue': NOTE_WORDS, '/thread': NOTE_WORDS },
    ...{ '/funds': FUNDS_WORDS, '/regression': REGRESSION_WORDS },
  };

  test('everything that is listened to is in it, and nothing else', () => {
    const of: Record<string, (key: string) => string | undefined> = {
      command: (key) => /^\/\w+/.exec(key)?.[0],
      view: (key) => /^form (.+)/.exec(key)?.[1],
      shortcut: (key) => /^shortcut (.+)/.exec(key)?.[1],
      event: (key) => (key.startsWith('reaction') ? 'reaction_added' : key),
      action: (key) => (/^[a-z]+_/.test(key) ? key.split(' ')[0] : undefined),
    };
    const fits = (name: string | RegExp, key: string | undefined) =>
      key !== undefined && (name instanceof RegExp ? name.test(key) : name === key);
    const missing = heard.filter(({ kind, name }) => !keys.some((key) => fits(name, of[kind]?.(key))));
    expect(heard.length).toBeGreaterThan(35);
    expect([...new Set(missing.map((m) => `${m.kind} ${m.name}`))]).toEqual(['event reaction_removed']);
    const unheard = keys.filter((key) => !heard.some(({ kind, name }) => fits(name, of[kind]?.(key))));
    expect(unheard).toEqual([]);
  });

  test('every word of every command is', () => {
    const wanted = Object.entries(words).flatMap(([slash, of]) => Object.keys(of).map((word) => `${slash} ${word}`));
    const prod = Object.keys(PROD_WORDS).map((word) => `/bug prod ${word}`);
    expect([...wanted, ...prod].filter((word) => word !== '/bug prod' && !keys.includes(word))).toEqual([]);
    expect([...new Set(heard.filter((h) => h.kind === 'command').map((h) => h.name))]).toEqual(Object.keys(words));
  });

  test('every button, menu item and form that is drawn is', () => {
    const drawn = new Set<string>();
    for (const { path, text } of sources('src/areas')) {
      const own = path.includes('areas/releases/') && !path.endsWith('elements.ts');
      for (const [, any, id] of text.matchAll(/\b(any)?[bB]utton\(\s*'([a-z_]+)'/g))
        drawn.add(own && !any ? `release_${id}` : `${id}`);
      for (const [, id] of text.matchAll(/(?:modal\(\s*|callback_id: )'([a-z_]+)'/g)) drawn.add(`form ${id}`);
      for (const [, at, items] of text.matchAll(/(?:overflow\(\s*'([a-z_]+)'|= menu\(id), (\[[^;]*?\])\)[;,]/g))
        for (const [, item] of (items ?? '').matchAll(/\[\s*['`]([a-z_]+)/g))
          drawn.add(`${at ?? 'release_more'} ${item}`);
    }
    expect(drawn.size).toBeGreaterThan(85);
    // Forms that only show something have nothing to submit.
    const shown = ['form test_run', 'form regression_cases_form'];
    expect([...drawn].filter((one) => !keys.includes(one) && !shown.includes(one))).toEqual([]);
  });

  test('docs/permissions.md says the same', () => {
    const column: Record<string, Who> = {
      ...{ operator: 'op', engineer: 'eng', product: 'prod', treasurer: 'treas', admin: 'admin', anyone: 'nobody' },
      ...{ manager: 'mgr', requester: 'mgr', involved: 'mgr', responsible: 'mgr', tester: 'mgr', opener: 'other' },
    };
    // Open to anyone, about what is their own; and what nobody does, but whose it is hears why.
    const own: Record<string, string> = {
      away: 'nobody',
      retract: 'nobody',
      reason: 'nobody',
      unhold: 'nobody',
      edit: 'mgr',
    };
    const said: string[] = [];
    const wanted: string[] = [];
    for (const section of read('docs/permissions.md').split(/^## /m).slice(1)) {
      const [area = '', ...lines] = section.split('\n');
      const cells = (line: string) =>
        line
          .split('|')
          .slice(1, -1)
          .map((cell) => cell.trim());
      const [head = [], , ...body] = lines.filter((line) => line.startsWith('|')).map(cells);
      for (const [act = '', ...marks] of body)
        said.push(
          `${area}: ${act} ${head
            .slice(1)
            .filter((_, i) => marks[i] === '●')
            .join(' ')}`,
        );
      const acts = new Set((TABLE[area] ?? []).filter((r) => r.how !== 'sees').map((r) => r.act));
      for (const act of body.length ? acts : []) {
        const may = TABLE[area]
          ?.filter((r) => r.act === act && r.how !== 'sees')
          .flatMap((r) => names(own[act] ?? r.who));
        const roles = may?.includes('nobody')
          ? ['anyone']
          : head.slice(1).filter((c) => may?.includes(column[c] as Who));
        wanted.push(`${area}: \`${act}\` ${roles.join(' ')}`);
      }
    }
    expect(said.sort()).toEqual(wanted.sort());
    expect(said.length).toBeGreaterThan(60);
  });

  test('every reaction of the policy is', () => {
    const all = Object.values(WORLD_POLICY.reactions).flat();
    expect(all.filter((name) => !keys.includes(`reaction ${name}`))).toEqual([]);
  });
});
