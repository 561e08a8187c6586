// A release as its thread tells it, judged by the rules (docs/rules.md R1-R8) and by nothing of the bot's code: each line must be one
// that the rules allow after those before it.
import { isOperator } from './team.ts';

export type Stage = 'candidate' | 'production';

export interface SignOff {
  person: string;
  commit: string;
  stage: Stage;
  /** Its place among the lines: what came later may have interrupted it. */
  at: number;
  /** Taken back after shipping began: shown as that, and gone with a push that failed. */
  late?: true;
}

/** One thing the thread says. `at` is Slack's time of the message. */
export interface Said {
  text: string;
  ts: string;
  /** The names and sizes of its files. */
  files: string;
}

export interface Model {
  state: string;
  commit: string;
  here: Record<Stage, Set<string>>;
  /** Not taken back, on whichever candidate. */
  signed: SignOff[];
  holds: string[];
  blocked: string[];
  /** Who arrived, signed off or took back, in order, for comparing with what people did. */
  happened: {
    what: 'eyes' | 'away' | 'lgtm' | 'verify' | 'retract' | 'hold' | 'approved';
    person: string;
    ts: string;
  }[];
  /** Test runs that were completed, and the files of each report of such: what was tested after one makes another. */
  runs: { complete: number; reports: string[] };
  wrong: string[];
}

const WHO = '<@(\\w+)>';
type Handler = (t: Telling, found: string[], said: Said, n: number) => void;

/** A thread that is being told. `barred`: who does not count here; `interrupted`: the line of the last hold, blocker or failed push; after shipping began, production's only. */
interface Telling {
  m: Model;
  barred: readonly string[];
  interrupted: Record<Stage, number>;
}

/** A state changes only from these. */
const FROM: Record<string, readonly string[]> = {
  waiting: ['testing'],
  testing: ['waiting', 'approved', 'shipping'],
  approved: ['testing'],
  shipping: ['approved'],
  verifying: ['shipping'],
  done: ['verifying'],
  cancelled: ['waiting', 'testing', 'approved'],
  rolled_back: ['shipping', 'verifying', 'done'],
};

const stageOf = (m: Model): Stage => (m.state === 'verifying' || m.state === 'done' ? 'production' : 'candidate');

/** A state changes only as R1 says. */
function to({ m }: Telling, state: string, line: string): void {
  if (!FROM[state]?.includes(m.state)) m.wrong.push(`it was ${m.state}, and is ${state}: ${line}`);
  m.state = state;
}

/** R6: what came before counts again only after its owner says so; what a release is done by is not rewritten. */
function interrupt({ m, interrupted }: Telling, n: number): void {
  if (m.state === 'done') return;
  if (stageOf(m) === 'candidate' && m.state !== 'shipping') interrupted.candidate = n;
  interrupted.production = n;
}

function drop(list: string[], one: string): void {
  const at = list.indexOf(one);
  if (at >= 0) list.splice(at, 1);
}

function sign(t: Telling, person: string, what: string, said: Said, n: number, count: string): void {
  const { m, barred } = t;
  const stage: Stage = what === 'production' ? 'production' : 'candidate';
  m.happened.push({ what: stage === 'production' ? 'verify' : 'lgtm', person, ts: said.ts });
  const bad = (why: string) => m.wrong.push(`${person} signed off ${what} though ${why}: ${said.text}`);
  if (stage === 'candidate' && what !== m.commit) bad(`the candidate is ${m.commit}`);
  if (!isOperator(person)) bad('they are no operator (R4)');
  if (barred.includes(person)) bad('they manage it (R4)');
  if (!m.here[stage].has(person)) bad('they are not here (R4)');
  if (m.here[stage].size < 2) bad('fewer than two are here (R2)');
  if (stage === 'candidate' && !['testing', 'approved'].includes(m.state)) bad(`it is ${m.state} (R5)`);
  if (stage === 'production' && m.state !== 'verifying') bad(`it is ${m.state} (R8)`);
  if (m.holds.some((by) => stage === 'candidate' || by !== 'emergency')) bad(`it is on hold by ${m.holds} (R5)`);
  if (m.blocked.length) bad(`it is blocked by ${m.blocked} (R5)`);
  m.signed = m.signed.filter((s) => s.person !== person || s.stage !== stage || s.commit !== what.slice(0, 7));
  m.signed.push({ person, stage, commit: stage === 'candidate' ? m.commit : what, at: n });
  const now = new Set(countedNow(t, stage)).size;
  if (Math.min(now, 2) !== Number(count)) m.wrong.push(`${now} sign-offs count, and it says ${count}: ${said.text}`);
}

/** R3, R6: those that count: of the current candidate, given after the last interruption. */
function countedNow({ m, interrupted }: Telling, stage: Stage): string[] {
  return m.signed
    .filter((s) => s.stage === stage && s.at > interrupted[stage] && (stage === 'production' || s.commit === m.commit))
    .map((s) => s.person);
}

/** R6: whether it shipped, or was done, on this sign-off: only then is it an alarm that it is taken back. */
function frozen(t: Telling, stage: Stage, who: string): boolean {
  const states = stage === 'production' ? ['done'] : ['shipping', 'verifying', 'done', 'rolled_back'];
  return states.includes(t.m.state) && countedNow(t, stage).includes(who);
}

/** R4, R8: two different people signed off, and those are named. */
function ends(t: Telling, stage: Stage, state: string, names: string[], said: Said): void {
  const { m } = t;
  const signers = [...new Set(countedNow(t, stage))];
  const bad = (why: string) => m.wrong.push(`${state} though ${why}: ${said.text}`);
  if (signers.length < 2) bad(`only ${signers.join(' and ') || 'nobody'} signed off (R4)`);
  if (m.holds.length && state === 'approved') bad(`it is on hold by ${m.holds}`);
  if (names.toSorted().join() !== signers.toSorted().join()) bad(`those who count are ${signers}`);
  if (state === 'approved') m.happened.push({ what: 'approved', person: '', ts: said.ts });
  to(t, state, said.text);
}

const HANDLERS: readonly (readonly [string, Handler])[] = [
  [
    `^:eyes: ${WHO} is here( for the production check| and testing) \\((\\d)/2\\)`,
    (t, [who = '', where], said) => {
      const stage: Stage = where?.includes('production') ? 'production' : 'candidate';
      t.m.happened.push({ what: 'eyes', person: who, ts: said.ts });
      if (!isOperator(who) || t.barred.includes(who)) t.m.wrong.push(`${who} may not be here (R2): ${said.text}`);
      if (t.m.here[stage].has(who)) t.m.wrong.push(`${who} was here already: ${said.text}`);
      t.m.here[stage].add(who);
    },
  ],
  [
    `^:(?:wave|hourglass): ${WHO}`,
    (t, [who = ''], said) => {
      t.m.happened.push({ what: 'away', person: who, ts: said.ts });
      const was =
        t.m.here[stageOf(t.m)].delete(who) || t.m.here.candidate.delete(who) || t.m.here.production.delete(who);
      if (!was) t.m.wrong.push(`${who} leaves and was not here: ${said.text}`);
    },
  ],
  [
    `^:\\+1: ${WHO} (?:signed off|still says LGTM to) \`?(\\w+)\`? \\((\\d)/2\\)`,
    (t, [who = '', what = '', count = ''], said, n) => sign(t, who, what, said, n, count),
  ],
  [
    `^:leftwards_arrow_with_hook: ${WHO} took back their LGTM of \`?(\\w+)`,
    (t, [who = '', what], said) => {
      t.m.happened.push({ what: 'retract', person: who, ts: said.ts });
      const stage: Stage = what === 'production' ? 'production' : 'candidate';
      const before = t.m.signed.length;
      if (frozen(t, stage, who)) t.m.wrong.push(`it shipped on ${who}'s LGTM, and that they took it back is no alarm`);
      t.m.signed = t.m.signed.filter((s) => s.person !== who || s.stage !== stage);
      if (t.m.signed.length === before) t.m.wrong.push(`${who} took back what they had not given: ${said.text}`);
    },
  ],
  [
    `^:rotating_light: ${WHO} takes back their LGTM of \`?(\\w+)`,
    (t, [who = '', what], said) => {
      const stage: Stage = what === 'production' ? 'production' : 'candidate';
      if (!frozen(t, stage, who)) t.m.wrong.push(`an alarm about ${who}, whose LGTM did not count: ${said.text}`);
      t.m.signed = t.m.signed.map((s) => (s.person === who && s.stage === stage ? { ...s, late: true } : s));
      t.m.happened.push({ what: 'retract', person: who, ts: said.ts });
    },
  ],
  [
    `^(?::octagonal_sign: On hold|:rotating_light: Hold) by (?:${WHO}|an emergency)`,
    (t, [who], said, n) => {
      t.m.holds.push(who ?? 'emergency');
      if (who) t.m.happened.push({ what: 'hold', person: who, ts: said.ts });
      interrupt(t, n);
    },
  ],
  [`^:octagonal_sign: ${WHO} on their hold`, () => {}],
  [`^:arrow_forward: ${WHO} lifted their hold`, (t, [who = '']) => drop(t.m.holds, who)],
  [`^:arrow_forward: ${WHO} lifted the hold: emergency .* goes first$`, (t) => drop(t.m.holds, 'emergency')],
  // Whose else's it was is not said: of those of others, the one that stands longest.
  [
    `^:arrow_forward: ${WHO} lifted the hold`,
    (t, [who = '']) => drop(t.m.holds, t.m.holds.find((by) => by !== who) ?? who),
  ],
  ['^:arrow_forward: The emergency was cancelled', (t) => drop(t.m.holds, 'emergency')],
  [
    `^:package: ${WHO} named a new candidate \`(\\w+)\` \\(was \`(\\w+)\`\\)`,
    (t, [, now = '', was], said) => {
      if (was !== t.m.commit) t.m.wrong.push(`the candidate was ${t.m.commit}: ${said.text}`);
      t.m.commit = now;
    },
  ],
  [
    '^(?::no_entry: Blocked(?:, for[^:]*)?|:rotating_light: A blocking bug after shipping began): (.*)$',
    (t, [titles = ''], _, n) => {
      t.m.blocked.push(...titles.replace('. The default answer is to roll back.', '').split('; '));
      interrupt(t, n);
    },
  ],
  // Which one is not said; which are open in the end is compared with the bugs.
  ['^:arrow_forward: A blocking bug has ended', (t) => void t.m.blocked.splice(0)],
  [
    `^:boom: ${WHO}`,
    (t, _, __, n) => {
      t.interrupted.candidate = n;
      t.m.signed = t.m.signed.filter((s) => !s.late);
    },
  ],
  ['^\\*Waiting for eyes\\*', (t, _, said) => to(t, 'waiting', said.text)],
  [
    '^\\*Testing\\*: two sets',
    (t, _, said) => {
      if (t.m.here.candidate.size < 2) t.m.wrong.push(`${t.m.here.candidate.size} are here (R2): ${said.text}`);
      to(t, 'testing', said.text);
    },
  ],
  ['^\\*Testing\\*: the approval', (t, _, said) => to(t, 'testing', said.text)],
  [
    `^:white_check_mark: \\*Approved\\*: \`(\\w+)\` signed off by (.*)\\. ${WHO} or an admin can ship`,
    (t, [, names = ''], said) => ends(t, 'candidate', 'approved', mentions(names), said),
  ],
  ['^:rocket: \\*Shipping\\*', (t, _, said) => to(t, 'shipping', said.text)],
  ['^:satellite: \\*Live\\*', (t, _, said) => to(t, 'verifying', said.text)],
  [
    '^:checkered_flag: \\*Done\\*: production signed off by (.*)\\. Watched',
    (t, [names = ''], said) => ends(t, 'production', 'done', mentions(names), said),
  ],
  ['^:no_entry_sign: \\*Cancelled\\*', (t, _, said) => to(t, 'cancelled', said.text)],
  ['^:money_with_wings: TX-\\d+', () => {}],
  ['^:clipboard: Test run of', () => {}],
  ['^:clipboard: \\S+ The test run of `\\w+` is complete', (t) => void t.m.runs.complete++],
  ['^:page_facing_up: The report of the test run', (t, _, said) => void t.m.runs.reports.push(said.files)],
  ['^:rewind: \\*Rolled back\\*', (t, _, said) => to(t, 'rolled_back', said.text)],
];
const KNOWN = HANDLERS.map(([pattern, handler]) => [new RegExp(pattern), handler] as const);

/** What the thread of one release says, told in order. @param barred who does not count here: the manager */
export function follow(lines: readonly Said[], start: { commit: string; barred: readonly string[] }): Model {
  const m: Model = {
    state: 'waiting',
    commit: start.commit.slice(0, 7),
    here: { candidate: new Set(), production: new Set() },
    signed: [],
    holds: [],
    blocked: [],
    happened: [],
    runs: { complete: 0, reports: [] },
    wrong: [],
  };
  const interrupted = { candidate: -1, production: -1 };
  const t: Telling = { m, barred: start.barred, interrupted };
  lines.forEach((said, n) => {
    const [found, handler] = KNOWN.map(([re, h]) => [re.exec(said.text), h] as const).find(([hit]) => hit) ?? [];
    if (found && handler) handler(t, found.slice(1), said, n);
    else m.wrong.push(`a line that no rule has: ${said.text}`);
  });
  const { complete, reports } = m.runs;
  if (new Set(reports).size < reports.length || (reports.length && !complete))
    m.wrong.push(`${complete} test runs were completed, and these reports posted: ${reports.join(' and ')}`);
  m.signed = m.signed.map((s) => ({ ...s, at: s.at > interrupted[s.stage] ? s.at : -1 }));
  return m;
}

function mentions(text: string): string[] {
  return [...text.matchAll(/<@(\w+)>/g)].map(([, who = '']) => who);
}
