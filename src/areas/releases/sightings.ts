import { emojiOf } from '../../base/mrkdwn.ts';
import type { Policy } from '../../base/policy.ts';
import { current } from './facts.ts';
import type { Act, Facts, Stage } from './types.ts';

/** What Slack shows, or showed, one person to have said on one message by one road. */
export interface Sighting {
  channel: string;
  ts: string;
  person: string;
  /** A reaction's name, or `word`. */
  road: string;
  present: boolean;
  /** Slack's time of it. */
  eventTs: string;
  /** When its event was received, by the database's clock; left out where there was none. */
  receivedAt?: Date;
}

/** Which of our messages it is on: the card or the production check, or a person's own message in the thread. */
export type Place = 'card' | 'check' | 'word';

/** Slack's `seconds.micros` as a time. */
export function timeOf(ts: string): Date {
  return new Date(Math.floor(Number(ts) * 1000));
}

/** Negative when `a` is earlier than `b`; exact to the microsecond, which a float is not. */
export function compareTs(a: string, b: string): number {
  const [as = '0', af = ''] = a.split('.');
  const [bs = '0', bf = ''] = b.split('.');
  return Number(as) - Number(bs) || Number(af.padEnd(6, '0')) - Number(bf.padEnd(6, '0'));
}

/** The later of two Slack times. */
export function latest(a: string, b: string): string {
  return compareTs(a, b) > 0 ? a : b;
}

/** A microsecond later. */
export function justAfter(ts: string): string {
  const [seconds = '0', micros = ''] = ts.split('.');
  const next = Number(micros.padEnd(6, '0')) + 1;
  return next < 1e6 ? `${seconds}.${String(next).padStart(6, '0')}` : `${Number(seconds) + 1}.000000`;
}

/**
 * Slack's time of it, or when it was received, where that is earlier: what is noted by our own clock (when a card was shown, when somebody took something
 * back) is compared with this. By a clock that is slow, what came before those would else seem to have come after.
 */
export function heard({ eventTs, receivedAt }: Pick<Sighting, 'eventTs' | 'receivedAt'>): string {
  return receivedAt && receivedAt < timeOf(eventTs) ? (receivedAt.getTime() / 1000).toFixed(6) : eventTs;
}

/** Whether a sighting is news: the newest time wins, and of two at the same time the withdrawal. */
export function isNews(known: { eventTs: string; present: boolean } | undefined, s: Sighting): boolean {
  if (!known) return true;
  const order = compareTs(s.eventTs, known.eventTs);
  return order > 0 || (order === 0 && known.present && !s.present);
}

/** What a reaction or word asks for when it appears, or null when the policy gives it no meaning there. `rocket` only offers. */
export function meaning(said: string, place: Place, policy: Policy): Act | 'rocket' | null {
  const { eyes, lgtm, hold, rocket } = policy.reactions;
  const road = emojiOf(said);
  const stage: Stage = place === 'check' ? 'production' : 'candidate';
  if (place === 'word') return road === 'word' ? { kind: 'lgtm', road: 'word' } : null;
  if (eyes.includes(road)) return { kind: 'ready', stage };
  if (lgtm.includes(road)) return { kind: place === 'check' ? 'verify' : 'lgtm', road: 'reaction' };
  if (hold.includes(road)) return { kind: 'hold', reason: null, road: 'reaction' };
  return rocket.includes(road) && place === 'card' ? 'rocket' : null;
}

/** R7: what the disappearance of it takes back, whichever road gave it. `f` finds the hold that the reaction set. */
export function undoing(
  given: Act | { kind: 'ready' | 'lgtm' | 'verify' | 'hold' },
  place: Place,
  f: Facts,
  { person, ts }: Pick<Sighting, 'person' | 'ts'>,
): Act | null {
  // A word said since it is live was about production (its writer was asked); taking it back is no alarm about the candidate.
  const live = place === 'word' && f.release.shippedAt !== null && timeOf(ts) >= f.release.shippedAt;
  const stage: Stage = place === 'check' || live ? 'production' : 'candidate';
  if (given.kind === 'ready') return { kind: 'away', stage };
  if (given.kind === 'lgtm' || given.kind === 'verify') return { kind: 'retract', stage };
  const hold = f.holds.findLast((h) => h.person === person && h.road === 'reaction' && !h.liftedAt);
  return hold ? { kind: 'unhold', holdId: hold.id } : null;
}

/** How long after the card showed a new candidate a reaction may still have been meant for the old one. */
const SETTLE_MS = 5000;
/** Slack's clock and ours may differ by this much. */
export const SKEW_MS = 1000;

/**
 * R3, R5, R6: why a sign-off by reaction or word at `eventTs`, heard of `now`, may not have been meant for what is current now, or null when there is no doubt: what was
 * said before or while something stopped it, and is only heard of now, would have been refused or interrupted then. A blocker that ended since the
 * release last looked is over just now.
 * The first candidate is never in doubt: before the card there was nothing to react to. Nor is production's: it is frozen.
 */
export function doubt(f: Facts, given: Act, eventTs: string, now: Date): string | null {
  if (given.kind !== 'lgtm' && given.kind !== 'verify') return null;
  const at = timeOf(eventTs).getTime();
  const candidate = current(f);
  const shown = candidate.shownAt?.getTime();
  if (given.kind === 'lgtm' && candidate.seq > 1 && (shown === undefined || at < shown + SETTLE_MS)) {
    return 'your LGTM came before or just as the card showed a new candidate, so it was not counted.';
  }
  const ended = f.release.knownBlockers.some((seq) => !f.blockers.some((b) => b.seq === seq));
  const gateAt = ended ? now : f.release.gateAt;
  return gateAt && at + SKEW_MS <= gateAt.getTime()
    ? 'your LGTM came before a hold, a blocker or a failed push was over, so it was not counted.'
    : null;
}
