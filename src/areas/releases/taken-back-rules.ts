// R2, R7: what was taken back lives again only by a new act. Whether one is new is not always known: events come late, twice and out of order.
import { APART_MS } from '../../base/clock.ts';
import { compareTs, heard, type Place, type Sighting, SKEW_MS, timeOf, undoing } from './sightings.ts';
import type { Act, Facts, Stage } from './types.ts';

/** What is known of something that the same person says, or said, on the same release. */
export interface Theirs extends Pick<Sighting, 'ts' | 'person' | 'road' | 'present' | 'eventTs'> {
  /** What it was given as. */
  given: 'ready' | 'lgtm' | 'verify' | 'hold' | 'rocket' | null;
  /** When its going took something back. */
  undoneAt: Date | null;
  /** When it last came or went, as far as the bot noticed. */
  changedAt: Date;
}

/**
 * R2, R7: why a sign-off or set of eyes by reaction or word may be older than its owner's taking it back by any road, or null: Slack sends an event
 * that was not acknowledged again for minutes, and what was taken back lives again only by a new act. @param theirs their claims on this release
 */
export function sinceTakenBack(
  f: Facts,
  given: Act,
  place: Place,
  s: Sighting,
  theirs: readonly Theirs[],
): string | null {
  const back = takenBack(f, given, s.person);
  if (!back) return null;
  // Slack dates both. When the other one went, there may have been nothing to take back yet: this was on its way.
  if (theirs.some((c) => goneLike(c, f, given, place, s) && compareTs(c.eventTs, s.eventTs) >= 0)) return back.why;
  // The last one by their order, not by a clock: it may have been that of another host.
  const at = back.at.findLast((time) => time !== null)?.getTime();
  if (at === undefined) return null;
  // What took it back was the going of a reaction or word, which Slack dates before this.
  if (theirs.some((c) => c.undoneAt?.getTime() === at && compareTs(c.eventTs, s.eventTs) < 0)) return null;
  return timeOf(heard(s)).getTime() + SKEW_MS <= at ? back.why : null;
}

/**
 * R2, R7: whether its owner took back what is given here at `since` or later, by our clock, by any road. Of a reaction that Slack does not date nobody can
 * tell then which of the two came first.
 */
export function tookBackSince(
  f: Facts,
  given: Act,
  place: Place,
  s: Pick<Sighting, 'ts' | 'person'>,
  theirs: readonly Theirs[],
  since: Date,
): boolean {
  // It may have been noted by another host than what is compared with it.
  const from = since.getTime() - APART_MS;
  const times = takenBack(f, given, s.person)?.at ?? [];
  return (
    times.some((time) => time !== null && time.getTime() >= from) ||
    theirs.some((c) => c.person === s.person && c.changedAt.getTime() >= from && goneLike(c, f, given, place, s))
  );
}

/** Whether this claim is gone, and its going takes back the same as that of what is given here would. */
function goneLike(c: Theirs, f: Facts, given: Act, place: Place, s: Pick<Sighting, 'ts' | 'person'>): boolean {
  if (c.present || c.given === null || c.given === 'rocket') return false;
  const [its, own] = [undoing({ kind: c.given }, placeOf(c, place, s), f, c), undoing(given, place, f, s)];
  if (its?.kind === 'away' && own?.kind === 'away') return its.stage === own.stage;
  return its?.kind === 'retract' && own?.kind === 'retract' && its.stage === own.stage;
}

/** Where it was: what is not on this very message was on a card, perhaps one that was deleted since; a production LGTM tells by its kind. */
function placeOf(c: Theirs, place: Place, s: Pick<Sighting, 'ts'>): Place {
  if (c.road === 'word') return 'word';
  if (c.given === 'verify') return 'check';
  return c.ts === s.ts ? place : 'card';
}

/** When this person took back what is given now, if they did, and what they are told of it. */
export function takenBack(f: Facts, given: Act, person: string): { at: (Date | null)[]; why: string } | null {
  if (given.kind === 'ready') {
    const theirs = f.presences.filter((p) => p.stage === given.stage && p.person === person);
    const why = 'your :eyes: came before you stepped away or stopped counting as here, so they were not counted.';
    return { at: theirs.map((p) => p.leftAt), why };
  }
  if (given.kind !== 'lgtm' && given.kind !== 'verify') return null;
  const stage: Stage = given.kind === 'verify' ? 'production' : 'candidate';
  const theirs = f.signOffs.filter((one) => one.stage === stage && one.person === person);
  return {
    at: theirs.map((one) => one.retractedAt),
    why: 'your LGTM came before you took it back, so it was not counted.',
  };
}
