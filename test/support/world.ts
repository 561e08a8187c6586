// A team in the middle of everything: releases in every state, bugs, prod issues, threads, test funds, the calendar and a test run, all made by the team's own hands.
import { sql } from 'drizzle-orm';
import { recordCi } from '../../src/areas/testing/ci.ts';
import type { Specs } from '../../src/areas/testing/types.ts';
import type { Db } from '../../src/db/client.ts';
import { parsePolicy } from '../../src/policy.ts';
import { tasksOf } from '../../src/tasks.ts';
import { type Came, type Doors, openDoors, type Standing } from './doors.ts';
import { keptLog } from './quiet.ts';
import { aSpec, aSpecCase } from './testing.ts';

/**
 * Everybody there is. mgr manages the releases, and has asked for the funds, answers for the threads and has the test of today; other manages another
 * product's release; auth wrote the changes and is an operator. mgr, other and nobody have no role; those after ben are no members, and the policy gives
 * them every role there is. abe and ben help out: operators, and abe a treasurer.
 */
export const P = {
  op: 'U0OPER',
  eng: 'U0ENGI',
  prod: 'U0PROD',
  mgr: 'U0MGRX',
  other: 'U0OTHR',
  auth: 'U0AUTH',
  treas: 'U0TREA',
  admin: 'U0ADMI',
  nobody: 'U0NOBO',
  abe: 'U0ABEX',
  ben: 'U0BENX',
  deact: 'U0DEAC',
  guest: 'U0GUES',
  outs: 'U0OUTS',
  bot: 'U0BOTX',
} as const;
export type Who = keyof typeof P;

export const STANDINGS: Record<string, Standing> = {
  [P.deact]: 'deactivated',
  [P.guest]: 'guest',
  [P.outs]: 'outsider',
  [P.bot]: 'bot',
};

/** A Friday in a slot. */
export const NOW = new Date('2027-01-15T10:20:00Z');
const EVERY = [P.deact, P.guest, P.outs, P.bot].join(', ');
const PRODUCTS = [
  'free',
  'wait',
  'test',
  'appr',
  'ship',
  'live',
  'emer',
  'owes',
  'held',
  'stop',
  'bugs',
  'runs',
  'oth',
];

export const WORLD_POLICY = parsePolicy(
  `
workspace:
  team_id: T01SHIP
  channels: { releases: C0RELEASES, admins: C0ADMINS, triage: C0TRIAGE, prod_issues: C0PRODIS, test_funds: C0FUNDS }
team: { zone: Europe/London, hours: { start: "09:00", end: "18:00" } }
roles:
  operators: { users: [${P.op}, ${P.auth}, ${P.abe}, ${P.ben}, ${EVERY}] }
  engineers: { users: [${P.eng}, ${EVERY}] }
  product: { users: [${P.prod}, ${EVERY}] }
  treasurers: { users: [${P.treas}, ${P.abe}, ${EVERY}] }
  admins: { users: [${P.admin}, ${EVERY}] }
products:
${PRODUCTS.map((key) => `  - { key: ${key}, name: ${key}, key_features: [Send], environments: { production: "https://example.com" } }`).join('\n')}
review: { emergency_ship_on_one: true }
issues: { definition_of_done: [Tested, Released] }
testing: { ci_gates: true }
cadence: { slots: ["10:00"], grace: 4h, propose_before: 1h30m }
regression: { product: free, wallets: [Native], features: [Send, Swap], testers: [${P.mgr}, ${P.ben}], owner: ${P.admin} }
funds: { accounts: [{ key: main, name: Main }, { key: spare, name: Spare }] }
`,
  'world.yml',
);

const SPECS: Specs = aSpec(
  ['c1', 'c2', 'c3'].map((id) => aSpecCase(id)),
  'runs',
);

export type World = Awaited<ReturnType<typeof makeWorld>>;
export const HASH = (n: number) => `0x${`${n}`.padStart(64, 'd')}`;
export const ADDRESS = '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed';

/** Makes it all, on a database that is empty. */
export async function makeWorld(db: Db) {
  const { log, lines } = keptLog();
  const clock = () => NOW;
  const d = await openDoors({ db, policy: WORLD_POLICY, clock, log, specs: SPECS, standings: STANDINGS });
  const ids = async (query: ReturnType<typeof sql>) =>
    (await db.execute<{ id: string }>(query)).rows.map((r) => Number(r.id));
  const newest = async (table: string) => (await ids(sql`select max(id) as id from ${sql.identifier(table)}`))[0] ?? 0;
  /** Types it. @throws when it is refused */
  const does = async (who: Who, line: string) => took(await d.command(P[who], line), line);
  const fills = async (who: Who, form: string, fields: Record<string, unknown>, meta?: unknown) =>
    took(await d.submit(P[who], form, fields, meta), form);
  /** What the flush job notes once Slack has taken the card. */
  const posted = async (role: 'card' | 'check' = 'card') => {
    const [id = 0] = await ids(sql`select max(id) as id from outbox where role = ${role}`);
    const ts = `${role === 'card' ? 1 : 2}000.${String(id).padStart(6, '0')}`;
    await db.execute(sql`update outbox set posted_ts = ${ts}, posted_channel = target where id = ${id}`);
    await db.execute(sql`update threads t set root_ts = ${ts}, url = ${`https://ship.slack.example/p${id}`}
      from outbox o where o.id = ${id} and o.role = 'card' and t.id = o.thread_id`);
    await db.execute(sql`update candidates set shown_at = ${new Date(NOW.getTime() - 3_600_000).toISOString()}`);
    return ts;
  };
  const open = async (product: string, manager: Who = 'mgr', kind = 'scheduled') => {
    const reason = { reason: 'users cannot pay', prodIssue: 'https://status.example/1' };
    await fills('eng', 'release_open', {
      ...{ product: { option: product }, version: 'v1.0.0', commit: 'aaaaaaa1', kind: { option: kind } },
      ...{ manager: { person: P[manager] }, authors: { people: [P.auth] }, ...(kind === 'emergency' && reason) },
    });
    const id = await newest('releases');
    return { id, product, candidate: await newest('candidates'), card: await posted() };
  };
  const all = async (word: string, product: string, who: Who[] = ['op', 'abe', 'ben']) => {
    for (const w of who) await does(w, `/release ${word} ${product} v1.0.0`);
  };

  const rel = {
    wait: await open('wait'),
    test: await open('test'),
    appr: await open('appr'),
    ship: await open('ship'),
    live: await open('live'),
    emer: await open('emer', 'mgr', 'emergency'),
    owes: await open('owes', 'mgr', 'emergency'),
    held: await open('held'),
    stop: await open('stop'),
    bugs: await open('bugs'),
    runs: await open('runs'),
    oth: await open('oth', 'other'),
  };
  for (const product of ['test', 'appr', 'ship', 'live', 'emer', 'owes', 'bugs', 'runs']) await all('ready', product);
  // op by the reaction, so that there is one to take away.
  took(await d.react(P.op, 'lgtm', rel.appr.card), 'lgtm');
  d.reactions.set(rel.appr.card, [{ name: 'lgtm', users: [P.op] }]);
  await all('lgtm', 'appr', ['abe']);
  for (const product of ['ship', 'live']) {
    await all('lgtm', product, ['abe', 'ben']);
    await does('admin', `/release ship ${product} v1.0.0`);
  }
  await does('admin', '/release shipped live v1.0.0');
  const check = await posted('check');
  await all('ready', 'live');
  for (const product of ['emer', 'owes']) await all('lgtm', product, ['abe']);
  await does('admin', '/release ship owes v1.0.0 on one');
  await does('mgr', '/release hold held v1.0.0');
  await does('prod', '/release hold stop v1.0.0 not yet');
  const [heldBy = 0, stopBy = 0] = await ids(sql`select id from holds order by id`);

  const bug = async (title: string, blocking: boolean, by: Who = 'nobody') => {
    const found = { foundIn: { option: 'candidate' }, production: { option: 'not_yet' } };
    const product = { option: 'bugs' };
    await fills(by, 'bug_report', { title, product, blocking: { option: blocking ? 'yes' : 'no' }, ...found });
    await posted();
    return newest('bugs');
  };
  const [said, fixing, asked] = [await bug('said', true), await bug('fixing', true), await bug('asked', true)];
  const [sure, both] = [await bug('sure', true), await bug('both', true)];
  const [reported, recreated] = [await bug('reported', false), await bug('recreated', false)];
  for (const id of [fixing, sure]) {
    await does('abe', `/bug recreate BUG-${id}`);
    await does('abe', `/bug tried BUG-${id} no`);
  }
  await does('abe', `/bug tried BUG-${both} yes`);
  await does('abe', `/bug recreate BUG-${recreated}`);
  await does('abe', `/bug downgrade BUG-${asked} only in a test build`);
  const totals = { passed: 1, failed: 0, skipped: 0, failures: [] };
  const report = { releaseId: rel.bugs.id, suite: 'unit', commit: 'aaaaaaa1' };
  await recordCi({ db, policy: WORLD_POLICY, clock }, report, totals);
  await does('eng', '/release candidate bugs v1.0.0 bbbbbbb2');
  const later = await newest('candidates');
  const [bugAskedAt = 0] = await ids(
    sql`select (extract(epoch from asked_at) * 1000)::bigint as id from bugs where id = ${asked}`,
  );
  await does('eng', `/bug fix BUG-${fixing} bbbbbbb2`);
  const prodBug = async (state: string) => {
    const id = await bug(`prod ${state}`, false);
    await does('eng', `/bug escalate BUG-${id} users are hit`);
    await posted();
    const pi = await newest('prod_issues');
    await does('eng', `/bug prod assign PI-${pi} owner <@${P.mgr}>`);
    if (state !== 'declared') await does('eng', `/bug prod ${state} PI-${pi}`);
    return pi;
  };
  const pi = { declared: await prodBug('declared'), resolved: await prodBug('resolved') };

  // Opened by other, and mgr answers for it.
  const note = async (title: string) => {
    await does('other', `/issue ${title}`);
    await posted();
    const id = await newest('notes');
    await does('other', `/issue assign NOTE-${id} <@${P.mgr}>`);
    return id;
  };
  const notes = { open: await note('Colours'), closed: await note('Sounds') };
  await fills('mgr', 'note_ask_close', { summary: 'done', reason: 'so' }, { noteId: notes.closed });

  const request = async () => {
    const asset = { option: 'ETH' };
    await fills('mgr', 'funds_request', { amount: '0.1', asset, address: ADDRESS, reason: 'swaps' });
    await posted();
    return newest('fund_requests');
  };
  const fr = { asked: await request(), approved: await request(), sent: await request(), over: await request() };
  for (const id of [fr.approved, fr.sent, fr.over]) await does('abe', `/funds approve FR-${id}`);
  const amounts = { amount: '0.1', hash: HASH(1), fee: '0.001', from: { option: 'main' } };
  await fills('abe', 'funds_ask_sent', amounts, { requestId: fr.sent });
  await fills('abe', 'funds_ask_sent', { ...amounts, hash: HASH(3) }, { requestId: fr.over });
  const overTx = await newest('ledger_transactions');
  // More than was approved, recorded by a treasurer who is none of these people.
  await db.execute(
    sql`update fund_requests set sent_over = '0.05 ETH a request', sent_by = 'U0SOMEONE' where id = ${fr.over}`,
  );
  const money = { amount: '5', asset: { option: 'ETH' }, to: { option: 'main' }, from: { option: 'OUTSIDE' } };
  await fills('abe', 'funds_deposit', { ...money, hash: HASH(2), fee: '', note: 'from the bank' });
  const tx = await newest('ledger_transactions');

  await does('admin', '/regression plan');
  await db.execute(sql`update regression_assignments set day = '2027-01-15', start = 570 + 270 * (id % 2)`);
  const of = (who: Who) => ids(sql`select id from regression_assignments where tester = ${P[who]} order by id`);
  const [[mine = 0], [theirs = 0]] = [await of('mgr'), await of('ben')];
  await does('ben', `/regression swap RA-${theirs} RA-${mine}`);
  const swap = await newest('regression_swaps');

  await does('eng', '/release freeze free tomorrow 2027-02-01 holidays');
  const [slot = 0] = await ids(sql`insert into slots (local, at, until, proposed_at)
    values ('2027-01-15T10:00', '2027-01-15T10:00Z', '2027-01-15T14:00Z', ${NOW.toISOString()}) returning id`);
  await db.execute(sql`insert into slot_products (slot_id, product) values (${slot}, 'free')`);

  const tasks = tasksOf(d.deps, db, SPECS, async () => {});
  await tasks.run({ releaseId: rel.runs.id }, { last: false });
  const run = await newest('test_runs');
  await does('abe', '/release test runs v1.0.0 c2 skip no time');
  const [askedAt = 0] = await ids(sql`select (extract(epoch from at) * 1000)::bigint as id from case_results`);
  await does('abe', '/release test runs v1.0.0 c3 take');
  await does('eng', '/release flag runs v1.0.0 old');
  await db.execute(sql`insert into reminders (kind, subject, target, day, part, since, sent_at, outbox_id, digest, escalated)
    values ('funds_request', 'FR-1', ${P.mgr}, '2027-01-15', 1, ${NOW.toISOString()}, ${NOW.toISOString()}, 1, true, false)`);
  await db.execute(sql`delete from graphile_worker._private_jobs`);
  const bugIds = { said, fixing, asked, sure, both, reported, recreated };
  return {
    ...{
      d,
      tasks,
      lines,
      rel,
      check,
      holds: { held: heldBy, stop: stopBy },
      bugs: bugIds,
      later,
      pi,
      notes,
      fr,
      tx,
      overTx,
    },
    ...{ ra: { mine, theirs, swap }, slot, run, askedAt, bugAskedAt },
  };
}

function took(came: Came, what: string): Came {
  if (/:x:/.test(came.said) || came.errors) throw new Error(`${what}: ${came.said}`);
  return came;
}

/** `work` on a database in which nothing remains: one transaction, undone. Savepoints inside it work as transactions do. */
export async function undone(db: Db, work: (db: Db) => Promise<void>): Promise<void> {
  const stop = new Error('undo');
  await db
    .transaction(async (tx) => {
      await work(tx as unknown as Db);
      throw stop;
    })
    .catch((err) => {
      if (err !== stop) throw err;
    });
}

export type { Doors };
