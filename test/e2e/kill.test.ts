// The bot is killed (SIGKILL) again and again while reactions stream in; nothing is lost, doubled or made up.
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type BotProcess, startBot } from '../support/bot.ts';
import {
  inParallel,
  OPERATORS,
  type OpenRelease,
  ofBot,
  openRelease,
  outboxIdOf,
  policyWith,
  postedIds,
  startTeamSlack,
  untilHere,
  untilQuiet,
} from '../support/bots.ts';
import { freshDb, type TestDb } from '../support/db.ts';
import { allowed, type Name, NOBODY_YET, type Outcome, type Standing, type Step } from '../support/oracle.ts';
import { mulberry } from '../support/random.ts';
import { CHANNELS, type LocalMessage, type LocalSlack, until } from '../support/slack.ts';
import { openStream, type Sent, type Stream } from '../support/stream.ts';

const RELEASES = 20;
const ROUNDS = 10;
const REACTIONS = 200;
/** Milliseconds between two of them. */
const PACE = 8;
/** The same while it is dead and starts. */
const AWAY_PACE = 80;
const CHANNEL = CHANNELS.releases;
/** They are here all the time, so that every release stays in testing (or approved) and each person's result is their own. */
const ALWAYS_HERE = OPERATORS.slice(0, 2);

const SEED = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));

/** One person on one card: all we know, and all that the rules allow. */
interface Pair {
  release: OpenRelease;
  person: string;
  shown: Standing;
  possible: Outcome[];
  told: string[];
}

let db: TestDb;
let slack: LocalSlack;
let bot: BotProcess;
let stream: Stream;
let releases: OpenRelease[];
let pairs: Map<string, Pair>;
const random = mulberry(SEED);
/** Milliseconds from the new process's spawn to the first event handled, and to ready. */
const firstJobs: number[] = [];
const starts: number[] = [];

const start = () => startBot({ slack, databaseUrl: db.url, policy: policyWith(RELEASES) });
const keyOf = (ts: string, person: string) => `${ts} ${person}`;

beforeAll(async () => {
  [db, slack] = await Promise.all([freshDb(), startTeamSlack()]);
  [bot, stream] = await Promise.all([start(), openStream(slack)]);
  releases = [];
  await inParallel([...Array(RELEASES).keys()], 4, async (i) => {
    releases.push(await openRelease(slack, db.pool, `p${i}`));
  });
  for (const { ts } of releases) {
    for (const user of ALWAYS_HERE) stream.react({ user, channel: CHANNEL, ts, name: 'eyes', present: true });
  }
  for (const { id } of releases) await untilHere(db.pool, id, 2);
  await stream.taken();
  await untilQuiet(db.pool);
  // From here on every acknowledgement is for a reaction.
  await until(() => stream.acks() === RELEASES * (1 + ALWAYS_HERE.length), 'everything to be acknowledged');
  pairs = new Map(
    releases.flatMap((release) =>
      OPERATORS.map((person) => {
        const eyes = ALWAYS_HERE.includes(person);
        const before: Outcome = { ...NOBODY_YET, claims: { eyes, lgtm: false }, here: eyes };
        const pair: Pair = { release, person, shown: { ...before.claims }, possible: [before], told: [] };
        return [keyOf(release.ts, person), pair] as const;
      }),
    ),
  );
}, 60_000);

afterEach(({ task }) => {
  if (task.result?.state === 'fail') console.error(bot.lines.slice(-40).join('\n'));
});

afterAll(async () => {
  stream?.stop();
  await bot?.stop();
  await slack?.stop();
  await db?.close();
}, 30_000);

test(`Killed ${ROUNDS} times in ${REACTIONS} reactions (SEED=${SEED})`, { timeout: 240_000 }, async () => {
  let sure = 0;
  let lost = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const { sent, killAt } = await streamAndKill();
    const acks = stream.acks() - RELEASES;
    await untilQuiet(db.pool);
    const stored = await storedIds();
    // Acknowledged is stored: Slack never sends it again.
    expect(stored.size).toBeGreaterThanOrEqual(acks);
    lost += sent.filter((s) => s.eventId === null || !stored.has(s.eventId)).length;
    sure += await checkRound(round, sent, stored, killAt);
    await checkClaims();
    await checkOutbox();
  }
  await checkLines();
  console.log(
    `SEED=${SEED}: of ${ROUNDS * REACTIONS} reactions ${lost} were missed; of ${ROUNDS * pairs.size} results ${sure} were certain;` +
      ` first event handled ${middle(firstJobs)} ms, ready ${middle(starts)} ms after a restart (median)`,
  );
});

test('SIGTERM under way: exits 0 within 10 s, and the next one finishes the rest', { timeout: 60_000 }, async () => {
  for (let i = 0; i < REACTIONS; i++) stream.react(next());
  await wait(100);
  const began = performance.now();
  expect(await bot.stop()).toBe(0);
  expect(performance.now() - began).toBeLessThan(10_000);
  const acks = stream.acks() - RELEASES;
  expect((await storedIds()).size).toBeGreaterThanOrEqual(acks);
  const sent = await stream.taken();
  bot = await start();
  await untilQuiet(db.pool);
  await checkRound(ROUNDS, sent, await storedIds(), 0);
  await checkClaims();
  await checkOutbox();
  await checkLines();
});

/** Streams all reactions: fast up to the kill, some more while it is dead and starts, the rest as soon as it is ready. */
async function streamAndKill(): Promise<{ sent: Sent[]; killAt: number }> {
  const killAt = Math.floor(random() * REACTIONS * 0.8);
  for (let i = 0; i < killAt; i++) {
    stream.react(next());
    await wait(PACE);
  }
  // Not waited for: reactions go on while it dies.
  let spawned = 0;
  let up = false;
  const restarted = bot.kill().then(async () => {
    // A line of which nothing was heard is looked for only when it can no longer be under way; here that time passes at once.
    await db.pool.query("update outbox set attempted_at = attempted_at - interval '1 minute' where posted_ts is null");
    spawned = Date.now();
    return start();
  });
  restarted.finally(() => {
    up = true;
  });
  for (let i = killAt; i < REACTIONS; i++) {
    stream.react(next());
    await wait(up || i < killAt + 10 ? PACE : AWAY_PACE);
  }
  bot = await restarted;
  const { rows } = await db.pool.query('select min(handled_at) as at from slack_events where handled_at > $1', [
    new Date(spawned),
  ]);
  if (rows[0].at) firstJobs.push(rows[0].at.getTime() - spawned);
  starts.push(bot.startMs);
  return { sent: await stream.taken(), killAt };
}

/** A random reaction that changes something: more often a person's next step is to sign off what they look at. */
function next() {
  for (;;) {
    const pair = [...pairs.values()][Math.floor(random() * pairs.size)] as Pair;
    const fixed = ALWAYS_HERE.includes(pair.person);
    const name: Name = fixed || random() < 0.55 ? 'lgtm' : 'eyes';
    const present = !shownNow(pair)[name];
    pendingShown.set(keyOf(pair.release.ts, pair.person), { ...shownNow(pair), [name]: present });
    return { user: pair.person, channel: CHANNEL, ts: pair.release.ts, name, present };
  }
}

/** What Slack shows once everything given to the stream is taken. */
const pendingShown = new Map<string, Standing>();
const shownNow = (pair: Pair) => pendingShown.get(keyOf(pair.release.ts, pair.person)) ?? pair.shown;

async function storedIds(): Promise<Set<string>> {
  const { rows } = await db.pool.query('select event_id from slack_events');
  return new Set(rows.map((r) => r.event_id));
}

/** Compares every person on every card with what the oracle allows. @returns how many results were certain */
async function checkRound(round: number, sent: Sent[], stored: Set<string>, killedAt: number): Promise<number> {
  const steps = new Map<string, Step[]>();
  sent.forEach((s, i) => {
    const key = keyOf(s.ts, s.user);
    const step: Step = {
      name: s.name as Name,
      present: s.present,
      stored: s.eventId !== null && stored.has(s.eventId),
      reconciling: i >= killedAt,
    };
    steps.set(key, [...(steps.get(key) ?? []), step]);
  });
  const { rows: signed } = await db.pool.query('select release_id, person from sign_offs where retracted_at is null');
  const { rows: here } = await db.pool.query('select release_id, person from presences where left_at is null');
  const has = (rows: { release_id: string; person: string }[]) => {
    const all = new Set(rows.map((r) => `${r.release_id} ${r.person}`));
    return (p: Pair) => all.has(`${p.release.id} ${p.person}`);
  };
  const [isSigned, isHere] = [has(signed), has(here)];
  let sure = 0;
  for (const [key, pair] of pairs) {
    const mine = steps.get(key) ?? [];
    const before = pair.shown;
    const may = allowed(pair.possible, before, mine);
    for (const step of mine) pair.shown = { ...pair.shown, [step.name]: step.present };
    const now = { here: isHere(pair), signed: isSigned(pair) };
    if (new Set(may.map((o) => `${o.here} ${o.signed}`)).size === 1) sure += 1;
    pair.told.push(`round ${round}, from ${JSON.stringify(before)}: ${mine.map((s) => JSON.stringify(s)).join(' ')}`);
    const fits = may.filter((o) => o.here === now.here && o.signed === now.signed);
    const why = () =>
      `${pair.release.product} ${pair.person} (release ${pair.release.id})\n${pair.told.join('\n')}\nallowed ${JSON.stringify(may)}`;
    if (!fits.length) expect(now, why()).toEqual(may.map(({ here, signed }) => ({ here, signed })));
    if (now.signed) expect(pair.shown.lgtm, why()).toBe(true);
    pair.possible = fits;
  }
  return sure;
}

/** Claims equal what Slack shows; whoever's standing LGTM does not count was told so. */
async function checkClaims(): Promise<void> {
  const { rows } = await db.pool.query(
    `select c.ts, c.person, c.road, c.outcome, s.id is not null as signed,
       exists (select from outbox o where o.role = 'dm' and o.target = c.person and o.text like '%' || r.product || ' %') as told
     from claims c join releases r on r.id = c.release_id
     left join sign_offs s on s.release_id = c.release_id and s.person = c.person and s.retracted_at is null
     where c.present`,
  );
  const claims = rows.map((r) => `${r.ts} ${r.person} ${r.road}`).sort();
  const answer = await fetch(`${slack.url}/_control/messages/${CHANNEL}`);
  const { messages } = (await answer.json()) as { messages: LocalMessage[] };
  const shown = messages.flatMap((m) =>
    (m.reactions ?? []).flatMap((r) => r.users.map((user) => `${m.ts} ${user} ${r.name}`)),
  );
  expect(claims).toEqual(shown.sort());
  const untold = rows.filter((r) => r.road === 'lgtm' && !r.signed && !r.told);
  expect(untold, 'an LGTM stands, does not count, and nobody was told').toEqual([]);
}

/** Every message owed is in Slack, once; every stored event was handled. */
async function checkOutbox(): Promise<void> {
  const { rows } = await db.pool.query('select id, posted_ts, failed_at from outbox order by id');
  expect(rows.filter((r) => !r.posted_ts || r.failed_at)).toEqual([]);
  expect(await postedIds(slack)).toEqual(rows.map((r) => Number(r.id)));
  const { rows: dead } = await db.pool.query('select * from slack_events where failed_at is not null');
  expect(dead).toEqual([]);
}

/** In each thread the lines stand in the order in which things happened; approved means two sign-offs, and the other way round. */
async function checkLines(): Promise<void> {
  for (const { ts, id, product } of releases) {
    const ids = ofBot(await slack.thread(CHANNEL, ts)).map(outboxIdOf);
    expect(ids, product).toEqual([...ids].sort((a, b) => a - b));
    const { rows } = await db.pool.query(
      `select state, (select count(*)::int from sign_offs where release_id = r.id and retracted_at is null) as signed
       from releases r where id = $1`,
      [id],
    );
    const { state, signed } = rows[0];
    expect(['testing', 'approved'], product).toContain(state);
    if (state === 'approved') expect(signed, product).toBeGreaterThanOrEqual(2);
  }
}

function middle(all: number[]): number {
  return Math.round([...all].sort((a, b) => a - b)[Math.floor(all.length / 2)] ?? Number.NaN);
}
