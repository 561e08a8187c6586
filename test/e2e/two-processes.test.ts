// Two bots on one database and one Slack; each gets every event, command and click, as the local Slack delivers them.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type BotProcess, startBot } from '../support/bot.ts';
import {
  inParallel,
  MANAGER,
  OPERATORS,
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
import { CHANNELS, type LocalMessage, type LocalSlack, until } from '../support/slack.ts';

const ROUNDS = 200;
const AT_ONCE = 8;
const { releases: CHANNEL } = CHANNELS;

type Road = 'reaction' | 'button' | 'command' | 'word';
/** Every pair of roads comes round; a road with itself too. */
const ROADS: readonly [Road, Road][] = [
  ['reaction', 'reaction'],
  ['reaction', 'button'],
  ['button', 'command'],
  ['button', 'button'],
  ['command', 'reaction'],
  ['word', 'button'],
  ['word', 'reaction'],
  ['command', 'command'],
];

let db: TestDb;
let slack: LocalSlack;
let bots: BotProcess[];

beforeAll(async () => {
  [db, slack] = await Promise.all([freshDb(), startTeamSlack()]);
  const start = () => startBot({ slack, databaseUrl: db.url, policy: policyWith(ROUNDS) });
  bots = [await start(), await start()];
}, 30_000);

afterAll(async () => {
  const codes = await Promise.all((bots ?? []).map((bot) => bot.stop()));
  await slack?.stop();
  await db?.close();
  expect(codes).toEqual([0, 0]);
}, 30_000);

const eyes = (person: string, ts: string) => slack.react(person, CHANNEL, ts, 'eyes');

test(`Two simultaneous LGTMs are two sign-offs and one approval, ${ROUNDS} times`, { timeout: 150_000 }, async () => {
  const rounds = Array.from({ length: ROUNDS }, (_, i) => i);
  await inParallel(rounds, AT_ONCE, async (i) => {
    const release = await openRelease(slack, db.pool, `p${i}`);
    // Other people in each of the rounds that run together: the local Slack's clicks have no finer time than a millisecond.
    const [one, two] = [OPERATORS[i % 10] as string, OPERATORS[(i + 5) % 10] as string];
    await Promise.all([eyes(one, release.ts), eyes(two, release.ts)]);
    await untilHere(db.pool, release.id, 2);
    const [first, second] = ROADS[i % ROADS.length] as [Road, Road];
    await Promise.all([lgtm(first, one, release), lgtm(second, two, release)]);
    await until(async () => {
      const { rows } = await db.pool.query('select state from releases where id = $1', [release.id]);
      return rows[0].state === 'approved';
    }, `${release.product} approved by ${first} and ${second}`);
  });
  await untilQuiet(db.pool);

  const count = async (what: string) => Number((await db.pool.query(`select count(*) as n from ${what}`)).rows[0].n);
  expect(await count('releases')).toBe(ROUNDS);
  expect(await count('candidates')).toBe(ROUNDS);
  expect(await count('threads')).toBe(ROUNDS);
  expect(await count("releases where state = 'approved'")).toBe(ROUNDS);
  expect(await count('sign_offs')).toBe(2 * ROUNDS);
  expect(
    await count('(select 1 from sign_offs where retracted_at is null group by release_id having count(*) = 2) x'),
  ).toBe(ROUNDS);
  expect(await count('presences')).toBe(2 * ROUNDS);
  // Opened, two arrivals, two sign-offs: every act is recorded once.
  expect(await count('audit_events')).toBe(5 * ROUNDS);
  expect(await count('slack_events where failed_at is not null')).toBe(0);
  expect(await count("outbox where role = 'dm'")).toBe(0);
  await inSlack();
});

async function lgtm(road: Road, person: string, r: { product: string; id: number; ts: string; candidateId: number }) {
  if (road === 'reaction') return slack.react(person, CHANNEL, r.ts, 'lgtm');
  if (road === 'command') return slack.command(person, `lgtm ${r.product}`);
  if (road === 'word') return void (await slack.say(person, CHANNEL, 'LGTM', r.ts));
  // As the card drew it; waiting for the card itself would let the other one win.
  const action = { type: 'button', action_id: 'release_lgtm', block_id: 'b', value: `${r.id}:${r.candidateId}` };
  return slack.clickStale(person, CHANNEL, r.ts, action);
}

/** One card, one details message and each line once per release; each answer once; nothing else. */
async function inSlack(): Promise<void> {
  const { rows } = await db.pool.query('select id from outbox order by id');
  expect(await postedIds(slack)).toEqual(rows.map((r) => Number(r.id)));

  const answer = await fetch(`${slack.url}/_control/messages/${CHANNEL}`);
  const { messages } = (await answer.json()) as { messages: LocalMessage[] };
  const roots = ofBot(messages).filter((m) => m.thread_ts === undefined);
  expect(roots).toHaveLength(ROUNDS);
  const threads = new Map<string, LocalMessage[]>(roots.map((root) => [root.ts, []]));
  for (const line of ofBot(messages)) if (line.thread_ts !== undefined) threads.get(line.thread_ts)?.push(line);
  for (const root of roots) {
    const lines = threads.get(root.ts) ?? [];
    const says = (what: RegExp) => lines.filter((m) => what.test(m.text)).length;
    const shown = lines.map((m) => `${outboxIdOf(m)}: ${m.text}`).join('\n');
    expect([says(/is here/), says(/\*Testing\*/), says(/signed off/), says(/\*Approved\*/)], shown).toEqual([
      2, 1, 2, 1,
    ]);
    expect(lines, shown).toHaveLength(5);
  }
  const said = messages.filter((m) => m.subtype === 'ephemeral');
  const commands =
    ROUNDS + ROADS.flat().filter((road) => road === 'command' || road === 'button').length * (ROUNDS / ROADS.length);
  expect(said.map((m) => m.text).filter((t) => !t.startsWith(':white_check_mark:'))).toEqual([]);
  expect(said).toHaveLength(commands);
  expect(said.filter((m) => m.ephemeral_to === MANAGER)).toHaveLength(ROUNDS);
}

test('Both bots took part', async () => {
  for (const bot of bots) {
    const metrics = await (await fetch(`http://127.0.0.1:${bot.port}/metrics`)).text();
    const handled = [...metrics.matchAll(/events_handled\S*\{[^}]*\} (\d+)/g)].reduce(
      (sum, m) => sum + Number(m[1]),
      0,
    );
    expect(handled).toBeGreaterThan(ROUNDS / 4);
  }
});
