import { type Actor, rolesUnread } from '../../base/actor.ts';
import { ago } from '../../base/duration.ts';
import type { Refusal } from '../../base/errors.ts';
import { mention } from '../../base/mrkdwn.ts';
import type { Role } from '../../base/policy.ts';
import type { CaseAct, CaseState, Counts, Given, Result, Run, RunCase, SpecCase, Stage } from './types.ts';

/** Who may give results, take cases and waive suites. Asking for the tests or the report is open to everybody. */
export const PERMISSIONS = { test: ['operator'] } as const satisfies Record<string, readonly Role[]>;

/** After this long without a result somebody else may take a case without asking. */
export const TAKEN_MS = 30 * 60_000;

const refuse = (code: string, reason: string, next: string): Refusal => ({ code, reason, next });

/**
 * R16: what a case's results add up to, oldest first. It is passed when `passesRequired` different people passed it since the last fail or blocked,
 * skipped when somebody other than the asker agreed and nothing failed since. Fail and blocked undo passes and skips from before.
 */
export function stateOf(results: readonly Pick<Given, 'person' | 'result'>[], passesRequired: number): CaseState {
  const t = tally(results);
  if (t.passers.size >= passesRequired) return 'passed';
  if (t.agreed) return 'skipped';
  if (t.skipAsker !== null) return 'skip_asked';
  return t.bad ?? 'open';
}

interface Tally {
  passers: Set<string>;
  bad: 'failed' | 'blocked' | null;
  skipAsker: string | null;
  agreed: boolean;
}

function tally(results: readonly Pick<Given, 'person' | 'result'>[]): Tally {
  let t: Tally = { passers: new Set(), bad: null, skipAsker: null, agreed: false };
  for (const { person, result } of results) {
    switch (result) {
      case 'pass':
        t.passers.add(person);
        break;
      case 'fail':
      case 'blocked':
        t = { passers: new Set(), bad: result === 'fail' ? 'failed' : 'blocked', skipAsker: null, agreed: false };
        break;
      case 'skip':
        if (!t.agreed) t.skipAsker = person;
        break;
      case 'skip_agreed':
        if (t.skipAsker !== null && t.skipAsker !== person) t.agreed = true;
        break;
      case 'skip_refused':
        if (!t.agreed) t.skipAsker = null;
    }
  }
  return t;
}

/** The different people whose passes count, in the order they passed. */
export function passers(results: readonly Given[]): string[] {
  return [...tally(results).passers];
}

/** The skip that waits for a second operator: who asked, and why; null when none waits. */
export function skipAsked(results: readonly Given[]): Given | null {
  const { skipAsker, agreed } = tally(results);
  if (skipAsker === null || agreed) return null;
  return results.findLast((r) => r.result === 'skip' && r.person === skipAsker) as Given;
}

/** R16: passed or skipped. */
export function finished(state: CaseState): boolean {
  return state === 'passed' || state === 'skipped';
}

/** Whether a result may have completed the run: it finished a required case, or was the first look at an optional one. */
export function settles(before: Pick<RunCase, 'required' | 'state'>, after: Pick<RunCase, 'state'>): boolean {
  if (before.required) return !finished(before.state) && finished(after.state);
  const waits = (state: CaseState) => state === 'open' || state === 'skip_asked';
  return waits(before.state) && !waits(after.state);
}

/** A run is complete when its required cases are finished; without any, when every case has been looked at. */
export function complete(c: Counts): boolean {
  return c.required > 0 ? c.left === 0 : c.total > 0 && c.open === 0 && c.skipAsked === 0;
}

/** R10: the cases of a run: those for its stage, and of the flagged ones those whose flag is asked for. */
export function casesFor(cases: readonly SpecCase[], stage: Stage, asked: ReadonlySet<string>): SpecCase[] {
  return cases.filter((c) => c.environments.includes(stage) && (c.flag === undefined || asked.has(c.flag)));
}

/** The stage whose run a release in this state has; null before testing (R2), while it ships, and once it is over. */
export function stageFor(state: string): Stage | null {
  if (state === 'testing' || state === 'approved') return 'candidate';
  return state === 'verifying' ? 'production' : null;
}

export interface Tester {
  actor: Actor;
  /** R2: whether they are counted as here, at the run's stage. */
  present: boolean;
}

/** R2, R4: why this person may not act on this run now, or null when they may. */
export function barred(run: Run, { actor, present }: Tester, separationOfDuties: boolean): Refusal | null {
  const not = notTester(run.release, actor, separationOfDuties);
  if (not) return not;
  const { state } = run.release;
  if (!run.current)
    return refuse(
      'old_run',
      'a newer candidate was named, and this run is over',
      'Open the tests from the card again.',
    );
  if (stageFor(state) !== run.stage) {
    if (state === 'waiting')
      return refuse('waiting', 'it waits for two sets of eyes', 'Results are taken once two operators are here.');
    return refuse('over', 'this run is over', '`/release status` says where the release stands.');
  }
  if (present) return null;
  const where = run.stage === 'production' ? ' for the production check' : '';
  return refuse(
    'absent',
    `you are not counted as here${where}`,
    "Press I'm here, or react with :eyes:, and try again.",
  );
}

/** R4: why the tests of a release are not this person's: operators test, and with separation of duties none who manages it or wrote its changes. */
export function notTester(
  release: { manager: string; authors: readonly string[] },
  actor: Actor,
  separationOfDuties: boolean,
): Refusal | null {
  const not = notOperator(actor);
  if (not) return not;
  const manages = release.manager === actor.id;
  if (!separationOfDuties || !(manages || release.authors.includes(actor.id))) return null;
  const as = manages ? 'are its release manager' : 'wrote some of its changes';
  return refuse('duties', `you ${as}, and others test it (separation of duties)`, 'Ask another operator.');
}

function notOperator(actor: Actor): Refusal | null {
  if (actor.standing !== 'member')
    return refuse('standing', 'only members of this workspace can test', 'Ask one of the operators.');
  if (PERMISSIONS.test.some((role) => actor.roles.has(role))) return null;
  const unread = rolesUnread(actor);
  if (unread) return unread;
  return refuse('role', 'only an operator can do that', 'Ask one of them; roles are set in the policy file.');
}

/** What an act on a case writes: a result, or who is on it from now (null: nobody). */
export type Verdict =
  | { refusal: Refusal }
  | { already: string }
  | { result: Result; note: string | null }
  | { taken: string | null };

/** R16: what comes of one act on one case, by a person whom nothing bars. Pure. */
export function decide(c: RunCase, act: CaseAct, person: string, now: Date): Verdict {
  switch (act.kind) {
    case 'pass': {
      const by = passers(c.results);
      if (!by.includes(person)) return { result: 'pass', note: act.note };
      const more = c.passesRequired - by.length;
      return { already: `your pass counts already${more > 0 ? `; it needs ${more} more, by others` : ''}` };
    }
    case 'fail':
    case 'blocked':
      return { result: act.kind, note: act.note };
    case 'skip':
      return skip(c, act.note);
    case 'agree':
    case 'refuse':
      return answerSkip(c, act, person);
    case 'take':
      return take(c, act.over, person, now);
    case 'drop':
      return c.takenBy === person ? { taken: null } : { already: 'you were not on it' };
  }
}

function skip(c: RunCase, note: string | null): Verdict {
  if (finished(c.state)) return { already: `it is ${c.state}` };
  if (c.state === 'skip_asked') return { already: 'a skip is asked for, and waits for a second operator' };
  if (note) return { result: 'skip', note };
  return { refusal: refuse('reason', 'a skip needs a reason', 'Say why it cannot or need not be tested now.') };
}

function answerSkip(c: RunCase, act: Extract<CaseAct, { kind: 'agree' | 'refuse' }>, person: string): Verdict {
  const asked = c.state === 'skip_asked' ? skipAsked(c.results) : null;
  if (!asked)
    return {
      refusal: refuse('no_skip', 'no skip of it waits for an answer', 'Open the tests to see where it stands.'),
    };
  if (act.askedAt !== undefined && act.askedAt !== asked.at.getTime())
    return { refusal: refuse('stale', 'that question is settled; it was asked anew', 'Read the newer reason first.') };
  if (act.kind === 'refuse') return { result: 'skip_refused', note: null };
  if (asked.person === person)
    return { refusal: refuse('second', 'you asked for this skip yourself', 'A second operator must agree to it.') };
  return { result: 'skip_agreed', note: null };
}

function take(c: RunCase, over: boolean, person: string, now: Date): Verdict {
  if (c.takenBy === person) return { already: 'you are on it' };
  const since = holder(c, now);
  if (!since || over) return { taken: person };
  const reason = `${mention(c.takenBy as string)} is on it since ${ago(since, now)}`;
  return { refusal: refuse('taken', reason, 'Take another case, or take it over.') };
}

/** Since when somebody is on a case; null when nobody is, or for so long that it is free again. */
export function holder(c: Pick<RunCase, 'takenBy' | 'takenAt'>, now: Date): Date | null {
  if (c.takenBy === null || c.takenAt === null) return null;
  return now.getTime() - c.takenAt.getTime() < TAKEN_MS ? c.takenAt : null;
}
