// What must be true after a stream of reactions through crashes and restarts, computed from the rules (R2, R4, R5, R7 and how a
// reconcile judges) without any of the project's code. It knows what people did, in order, and of each whether Slack's event of it
// was stored; from that it follows one person on one card:
//
// - An event that was stored counts as if nothing had ever crashed, and in the order things were done: `:eyes:` makes a person
//   present, `:lgtm:` of somebody present is a sign-off, of somebody absent it is refused and never signs later; taking `:eyes:` away
//   leaves sign-offs as they are, taking `:lgtm:` away retracts. This part is certain.
// - An event that Slack could not deliver (nobody was connected, and local Slack does not send again) is found by the reconcile at
//   the next start, at a moment we cannot see. A disappearance counts then. An appearance may count, or the person may be asked:
//   both are allowed, but nothing else, and whoever is not counted must have been told. Once asked, doing it again counts, even
//   when the taking away in between was missed as well.
// - Whatever happened before: no sign-off without a standing `:lgtm:`.
//
// It does not follow a whole release: the two people whose presence keeps it in testing never leave, so that one person's result
// depends on that person alone. Sign-offs past the second, and those in `approved`, follow the same rules.

export type Name = 'eyes' | 'lgtm';

/** Something a person did on a card. */
export interface Step {
  name: Name;
  /** Added, or taken away. */
  present: boolean;
  /** Whether Slack's event of it reached the database. */
  stored: boolean;
  /** Whether the reconcile of a start may have read the thread between this step and the next. */
  reconciling: boolean;
}

/** What Slack shows, and what the bot must make of it. */
export interface Standing {
  eyes: boolean;
  lgtm: boolean;
}
export interface Outcome {
  /** Claims: what the bot believes Slack shows. */
  claims: Standing;
  /** What was found and asked about, and never heard of since. */
  asked: Standing;
  here: boolean;
  signed: boolean;
}

const NEITHER: Standing = { eyes: false, lgtm: false };

export const NOBODY_YET: Outcome = { claims: NEITHER, asked: NEITHER, here: false, signed: false };

/**
 * All outcomes that the rules allow after `steps` and the reconcile that ends a round, beginning with any of `from`.
 * @param before what Slack showed at the beginning
 */
export function allowed(from: readonly Outcome[], before: Standing, steps: readonly Step[]): Outcome[] {
  const shown = { ...before };
  let possible = unique(from);
  for (const step of steps) {
    shown[step.name] = step.present;
    if (step.stored) possible = possible.map((o) => heard(o, step.name, step.present));
    if (step.reconciling) possible = unique([...possible, ...possible.flatMap((o) => reconciled(o, shown))]);
  }
  return unique(possible.flatMap((o) => reconciled(o, shown)));
}

/** A change that counts: only from absent to present, or back. */
function heard(o: Outcome, name: Name, present: boolean): Outcome {
  if (o.claims[name] === present && !(present && o.asked[name])) return o;
  const at = { ...o, claims: { ...o.claims, [name]: present }, asked: { ...o.asked, [name]: false } };
  if (name === 'eyes') return { ...at, here: present };
  return { ...at, signed: present && o.here };
}

/** What is gone is taken back; what is found counts, or is asked about. */
function reconciled(o: Outcome, shown: Standing): Outcome[] {
  let all = [o];
  for (const name of ['eyes', 'lgtm'] as const) {
    all = all.flatMap((at) => {
      if (at.claims[name] === shown[name]) return [at];
      const counted = heard(at, name, shown[name]);
      const asked = { ...at, claims: { ...at.claims, [name]: true }, asked: { ...at.asked, [name]: true } };
      return shown[name] ? [counted, asked] : [counted];
    });
  }
  return all;
}

function unique(all: readonly Outcome[]): Outcome[] {
  return [...new Map(all.map((o) => [JSON.stringify(o), o])).values()];
}
