import { eq, sql } from 'drizzle-orm';
import type { Actor } from '../../base/actor.ts';
import { APART_MS, isAhead } from '../../base/clock.ts';
import { showId } from '../../base/ids.ts';
import { type Slack, SlackError, type ThreadRead } from '../../base/slack.ts';
import type { Cause } from '../../db/act.ts';
import { refreshCards } from '../../db/outbox.ts';
import { claims } from '../../db/schema/releases.ts';
import type { Deps } from './actions.ts';
import { sight } from './claims.ts';
import { isOpen } from './facts.ts';
import { OTHERWISE, readAs, readOtherwise } from './meanings.ts';
import { liveCheckTs, markLost } from './messages.ts';
import { compareTs, justAfter, latest, meaning, type Place, type Sighting } from './sightings.ts';
import { loadFacts } from './store.ts';
import { tookBackSince } from './taken-back-rules.ts';
import type { Facts } from './types.ts';
import { readWord } from './words.ts';

type Claim = typeof claims.$inferSelect;

/** One difference between what a complete read shows and what the claims say. */
export interface Difference {
  place: Place;
  sighting: Sighting;
  /** The claim's version when it was noted, before the read; 0 when there was none. */
  version: number;
  doubt: string | null;
}

export interface Reading {
  /** When the read began. */
  at: Date;
  channel: string;
  rootTs: string;
  checkTs: string | undefined;
  botUserId: string;
}

interface Shown {
  place: Place;
  ts: string;
  person: string;
  road: string;
  /** Slack's time of a word, or of its last edit. Of reactions Slack tells none. */
  saidTs?: string;
}

/** What a complete read shows people to say: every reaction on the card and the check, whatever it means, and the LGTMs in the thread. */
function shown(read: ThreadRead, r: Reading): Shown[] {
  const out: Shown[] = [];
  const reactions = (place: Place, ts: string, list: readonly { name: string; users: string[] }[]) => {
    for (const { name, users } of list)
      for (const person of users) if (person !== r.botUserId) out.push({ place, ts, person, road: name });
  };
  if (read.root !== 'deleted') reactions('card', r.rootTs, read.root.reactions);
  for (const m of read.messages) {
    if (m.ts === r.checkTs) reactions('check', m.ts, m.reactions ?? []);
    if (
      m.user &&
      !m.botId &&
      !m.files &&
      !m.attachments &&
      (!m.subtype || m.subtype === 'thread_broadcast') &&
      readWord(m.text) === 'lgtm'
    ) {
      out.push({ place: 'word', ts: m.ts, person: m.user, road: 'word', saidTs: m.edited ?? m.ts });
    }
  }
  return out;
}

/** Whether the message of a claim is there as it was said: what it was read as then holds. Slack dates edits to the second. */
function unchanged(read: ThreadRead, { ts, person, eventTs }: Claim): boolean {
  const m = read.messages.find((one) => one.ts === ts && one.user === person);
  return m !== undefined && (m.edited === undefined || Math.floor(Number(m.edited)) < Math.floor(Number(eventTs)));
}

/**
 * Compares a complete read with the claims (never with sign-offs). What is there and unclaimed counts only if the previous complete read saw it absent,
 * reactions and words meant to that what they mean now, and since then nothing that gates changed and its owner took nothing back; otherwise the person is asked. What is claimed and gone is
 * withdrawn; what is there still is what it was taken for.
 */
export function compare(
  read: ThreadRead,
  r: Reading,
  f: Facts,
  known: readonly Claim[],
  deps: Pick<Deps, 'policy'>,
): Difference[] {
  const key = (x: { ts: string; person: string; road: string }) => `${x.ts} ${x.person} ${x.road}`;
  const claimed = new Map(known.filter((c) => c.channel === r.channel).map((c) => [key(c), c]));
  const seen = new Set<string>();
  const out: Difference[] = [];
  // Slack's clock is not ours: a fact read now must not outrank an event that is still on its way, but it does the claim it corrects.
  const recently = `${Math.floor(r.at.getTime() / 1000) - 2}.000000`;
  // A word has a time of Slack's own: by a clock that is fast its claim would outrank the edit that takes it back.
  const dated = (claim: Claim | undefined, present: boolean, saidTs = recently) => {
    const at = compareTs(saidTs, recently) < 0 ? saidTs : recently;
    return claim ? latest(at, present ? justAfter(claim.eventTs) : claim.eventTs) : at;
  };
  const { reconciledGate, gateAct } = f.release;
  // A read that a wrong clock noted in the future may be older than any claim.
  const noted = f.release.reconciledAt;
  const reconciledAt = noted && !isAhead(noted, r.at) ? noted : null;
  const otherwise = reconciledAt !== null && readOtherwise(f, deps.policy);
  for (const { saidTs, ...s } of shown(read, r)) {
    seen.add(key(s));
    const claim = claimed.get(key(s));
    const given = meaning(s.road, s.place, deps.policy);
    if (claim?.present || given === null || given === 'rocket') continue;
    const sawAbsent = reconciledAt !== null && !otherwise && (!claim || claim.changedAt < reconciledAt);
    // A word's own time is compared with the taking back when it is taken in.
    const back = saidTs === undefined && reconciledAt && tookBackSince(f, given, s.place, s, known, reconciledAt);
    const doubt =
      sawAbsent && reconciledGate === gateAct && !back
        ? null
        : otherwise
          ? OTHERWISE
          : 'I missed it when you said so, and cannot tell what it was meant for.';
    out.push({
      place: s.place,
      sighting: { ...s, channel: r.channel, present: true, eventTs: dated(claim, true, saidTs) },
      version: claim?.version ?? 0,
      doubt,
    });
  }
  for (const claim of claimed.values()) {
    if (!claim.present || seen.has(key(claim))) continue;
    const place: Place = claim.road === 'word' ? 'word' : claim.ts === r.checkTs ? 'check' : 'card';
    // Claims on a card or check that was deleted are carried: nobody took anything back.
    if (place === 'card' && (claim.ts !== r.rootTs || read.root === 'deleted')) continue;
    // So are words of an old thread: a reply is always younger than the root it answers.
    if (place === 'word' && (compareTs(claim.ts, r.rootTs) < 0 || unchanged(read, claim))) continue;
    if (place === 'check' && !read.messages.some((m) => m.ts === claim.ts)) continue;
    const { ts, person, road } = claim;
    out.push({
      place,
      sighting: { channel: r.channel, ts, person, road, present: false, eventTs: dated(claim, false) },
      version: claim.version,
      doubt: null,
    });
  }
  // Slack does not tell in which order people reacted: :eyes: first, without which an LGTM is refused.
  const eyes = (d: Difference) => (d.sighting.present && isEyes(d, deps) ? 0 : 1);
  return out.sort((a, b) => eyes(a) - eyes(b));
}

function isEyes({ sighting, place }: Difference, deps: Pick<Deps, 'policy'>): boolean {
  const given = meaning(sighting.road, place, deps.policy);
  return given !== null && given !== 'rocket' && given.kind === 'ready';
}

export type ReconcileDeps = Deps & {
  slack: Slack;
  botUserId: string;
  who: (id: string) => Promise<Actor>;
  onGone: (releaseId: number, rootTs: string) => Promise<void>;
  /**
   * Takes what appeared unheard of, to be judged by `judge` a moment later: its event may be on its way, and what people say in order would
   * be guessed at out of order. Without it that is judged at once.
   */
  later?: (found: Difference[]) => Promise<void>;
};

/**
 * Reads a release's thread once and makes the claims agree with it. Versions are noted before the read and changes applied only where they still match.
 * @returns whether the read was complete; only then is it noted as the newest reconcile (R8)
 * @throws SlackError from the read: nothing is concluded from it
 */
export async function reconcile(deps: ReconcileDeps, releaseId: number): Promise<boolean> {
  const at = deps.clock();
  const f = await loadFacts(deps.db, releaseId);
  if (!f || f.thread.rootTs === null) return false;
  const { channel, rootTs } = f.thread;
  const known = await deps.db.select().from(claims).where(eq(claims.releaseId, releaseId));
  const checkTs = await liveCheckTs(deps.db, releaseId);
  const read = await deps.slack.readThread({ channel, ts: rootTs }).catch(async (err) => {
    if (!(err instanceof SlackError && err.kind === 'channel')) throw err;
    await markLost(deps.db, channel);
    // Of one that has ended nothing waits for its thread.
    if (isOpen(f)) throw err;
    return null;
  });
  if (!read) return false;
  if (read.root === 'deleted') {
    await deps.onGone(releaseId, rootTs);
    return false;
  }
  const reading: Reading = { at, channel, rootTs, checkTs, botUserId: deps.botUserId };
  const all = compare(read, reading, f, known, deps);
  const wait = deps.later ? all.filter((d) => appeared(d, deps)) : [];
  await judge(
    deps,
    releaseId,
    at,
    all.filter((d) => !wait.includes(d)),
  );
  if (wait.length) await deps.later?.(wait);
  // The gate the next read is judged against is the one this read began under, and so are the meanings. What a wrong clock noted in the future is overwritten.
  const as = readAs(deps.policy);
  const future = new Date(deps.clock().getTime() + APART_MS).toISOString();
  await deps.db.execute(sql`update releases set reconciled_at = ${at.toISOString()}, reconciled_gate = ${f.release.gateAct},
      reconciled_as = case when split_part(reconciled_as, ' ', 1) = ${as} then reconciled_as
        when reconciled_at is null then ${as} else ${`${as} ${at.toISOString()}`} end,
      lost_at = case when lost_at > ${at.toISOString()}::timestamptz and lost_at <= clock_timestamp() then lost_at end
    where id = ${releaseId} and (reconciled_at is null or reconciled_at < ${at.toISOString()} or reconciled_at > ${future})`);
  // What is shown of it may say that it waits for this.
  if (f.release.lostAt) await refreshCards(deps.db, showId('REL', releaseId));
  return true;
}

/** What can wait: neither a withdrawal nor a hold, which only make things safer. */
function appeared({ sighting: s, place }: Difference, deps: Pick<Deps, 'policy'>): boolean {
  const given = meaning(s.road, place, deps.policy);
  return s.present && given !== 'rocket' && given?.kind !== 'hold';
}

/** Takes in what a read at `at` found, where the claims are still as they were before it. */
export async function judge(
  deps: Deps & Pick<ReconcileDeps, 'who'>,
  releaseId: number,
  at: Date,
  found: readonly Difference[],
): Promise<void> {
  for (const { sighting: s, place, version, doubt } of found) {
    const cause: Cause = {
      key: `reconcile:${releaseId}:${at.toISOString()}:${s.ts}:${s.person}:${s.road}`,
      source: 'reconcile',
      actor: s.person,
      eventTime: at,
    };
    await sight(deps, cause, await deps.who(s.person), releaseId, place, s, { version, doubt });
  }
}
