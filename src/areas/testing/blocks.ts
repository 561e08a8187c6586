import { ago } from '../../base/duration.ts';
import { actions, button, overflow, section } from '../../base/elements.ts';
import { escapeText, mention, truncate } from '../../base/mrkdwn.ts';
import type { Block } from '../../base/slack.ts';
import { holder, passers, skipAsked } from './rules.ts';
import type { CaseAct, Counts, Given, Run, RunCase, Stage } from './types.ts';
import { FACE, nameOfCase, showState } from './words.ts';

/** A message of a release's thread. */
export interface Line {
  text: string;
  blocks?: Block[];
}

const BAR = 10;
const plural = (n: number, word: string) => `${n} ${word}${n === 1 ? '' : 's'}`;
const where = (stage: Stage, commit: string) => (stage === 'production' ? 'production' : `\`${commit.slice(0, 7)}\``);

/** A run as ten squares: good, bad, to go. Good is rounded down and bad up, so that only a finished run is all green. */
export function bar(c: Pick<Counts, 'total' | 'passed' | 'skipped' | 'failed' | 'blocked'>): string {
  if (!c.total) return '';
  const good = Math.floor(((c.passed + c.skipped) / c.total) * BAR);
  const bad = Math.min(BAR - good, Math.ceil(((c.failed + c.blocked) / c.total) * BAR));
  return '🟩'.repeat(good) + '🟥'.repeat(bad) + '⬜'.repeat(BAR - good - bad);
}

/** The counts in words: `3/12 passed, 1 failed, 8 required to go`. */
export function countsText(c: Counts): string {
  return [
    `${c.passed}/${c.total} passed`,
    c.skipped && `${c.skipped} skipped`,
    c.skipAsked && `${c.skipAsked} to agree`,
    c.failed && `${c.failed} failed`,
    c.blocked && `${c.blocked} blocked`,
    c.left && `${c.left} required to go`,
  ]
    .filter(Boolean)
    .join(', ');
}

/** Results that a run took over from that of a commit with the same tree. */
export interface Carried {
  commit: string;
  cases: number;
}

const carriedSays = ({ commit, cases }: Carried) =>
  `it has the tree of \`${commit.slice(0, 7)}\`, so what was said of ${plural(cases, 'case')} there counts here too`;

/** The thread's line when a run begins; null when nothing is to be tested. */
export function begunLine(c: Counts, stage: Stage, commit: string, carried: Carried | null): Line | null {
  if (!c.total) return null;
  const same = carried ? ` GitHub confirms that ${carriedSays(carried)}.` : '';
  return {
    text: `:clipboard: Test run of ${where(stage, commit)}: ${plural(c.total, 'case')}, ${c.required} required.${same} *Test* on the card opens them, or \`/release test\`.`,
  };
}

/** The thread's line when a run that had begun took results over: GitHub named the tree later. */
export function carriedLine(commit: string, carried: Carried): Line {
  return { text: `:clipboard: GitHub confirms of \`${commit.slice(0, 7)}\` that ${carriedSays(carried)}.` };
}

/** What an ask for flags did to the run that is on. */
export interface FlagNews {
  added: number;
  removed: number;
  /** Cases of dropped flags that stay, for somebody has given a result. */
  kept: number;
  /** Whether there is a run; without one the cases come when it begins. */
  running: boolean;
  /** Asked flags that no test case is behind. */
  unknown: readonly string[];
}

const names = (flags: readonly string[]) => flags.map((flag) => `\`${flag}\``).join(', ');

/** The thread's line when flags are asked for, or no more (R10). @param who in mrkdwn: a person, or the labels of the changes */
export function flagsLine(who: string, ask: { add: readonly string[]; drop: readonly string[] }, n: FlagNews): Line {
  const flags = (list: readonly string[]) => `${list.length === 1 ? 'the flag' : 'the flags'} ${names(list)}`;
  const said = [
    ask.add.length && `${who} asks to test with ${flags(ask.add)}.`,
    ask.drop.length && `${who} no longer asks for ${flags(ask.drop)}: tested with production's.`,
    n.added && `${plural(n.added, 'test case')} more.`,
    n.removed && `${plural(n.removed, 'test case')} fewer.`,
    n.kept &&
      `${plural(n.kept, 'case')} with results already ${n.kept === 1 ? 'stays' : 'stay'}: what failed is retested, or skipped by two.`,
    n.unknown.length && `No test case is behind ${names(n.unknown)}: look at it by hand.`,
    !n.running && ask.add.length > n.unknown.length && 'Its test cases come with the test run.',
  ];
  return { text: `:triangular_flag_on_post: ${said.filter(Boolean).join(' ')}` };
}

/** The thread's line for a result people should know of: a failed or blocked case, a skip asked for or answered. Passes only move the bar. */
export function resultLine(before: RunCase, after: RunCase, given: Given): Line | null {
  const who = mention(given.person);
  const note = given.note ? `: ${escapeText(truncate(given.note, 1000))}` : '';
  const name = nameOfCase(after);
  switch (given.result) {
    case 'pass':
      return null;
    case 'fail':
    case 'blocked':
      if (before.state === after.state && !given.note) return null;
      return {
        text: `${FACE[after.state]} ${who}: ${name} ${given.result === 'fail' ? 'failed' : 'is blocked'}${note}`,
      };
    case 'skip':
      return skipLine(after, given);
    case 'skip_agreed':
      return { text: `${FACE.skipped} ${who} agrees to skip ${name}.` };
    case 'skip_refused':
      return { text: `${FACE[after.state]} ${who}: ${name} is not skipped.` };
  }
}

/** R16: a skip that somebody asks for, with the buttons that answer this question and no other. */
export function skipLine(c: RunCase, asked: Given): Required<Line> {
  // Nobody asks for one without a reason.
  const note = escapeText(truncate(asked.note as string, 1000));
  const text = `${FACE.skip_asked} ${mention(asked.person)} asks to skip ${nameOfCase(c)}: ${note}. A second operator agrees, or it stays to be tested.`;
  const at = askedValue({ runId: c.runId, area: 0, page: 0 }, c.caseId, asked);
  const agree = button('test_agree', 'Agree to skip', at);
  return { text, blocks: [section(text), actions([agree, button('test_refuse', "Don't skip", at)])] };
}

/** The thread's line when a run is complete. */
export function completeLine(run: Run, c: Counts): Line {
  return {
    text: `:clipboard: ${bar(c)} The test run of ${where(run.stage, run.commit)} is complete: ${countsText(c)}.`,
  };
}

/** The thread's line for automated results. @param of the commit that was tested, the candidate of now, and whether the results count for it */
export function ciLine(
  suite: string,
  of: { commit: string; newest: string; counts: boolean },
  t: { passed: number; failed: number; skipped: number; failures: readonly string[] },
): Line {
  const counts = `${t.passed} passed, ${t.failed} failed${t.skipped ? `, ${t.skipped} skipped` : ''}`;
  const names = t.failures.slice(0, 5).map((name) => `\n• ${escapeText(truncate(name, 200))}`);
  const more = t.failed > names.length && names.length ? `\n… and ${t.failed - names.length} more` : '';
  const face = t.failed ? ':x:' : ':white_check_mark:';
  const now = `\`${of.newest.slice(0, 7)}\``;
  const other = of.counts
    ? `, which count for the candidate of now (${now}, same tree)`
    : `, not the candidate of now (${now})`;
  const earlier = of.commit === of.newest ? '' : other;
  return {
    text: `${face} Automated tests (${escapeText(suite)}) of \`${of.commit.slice(0, 7)}\`${earlier}: ${counts}${names.join('')}${more}`,
  };
}

/** The thread's line when somebody has a suite waited for no more (R5). @param who in mrkdwn */
export function waivedLine(who: string, suite: string, reason: string): Line {
  const again = 'It is waited for again once it reports.';
  return {
    text: `:fast_forward: ${who} says that the automated tests (${escapeText(suite)}) need not be waited for: ${escapeText(reason)}\n${again}`,
  };
}

/** Where a case is shown: the page of an area of a run. */
export interface Place {
  runId: number;
  /** The area's index. */
  area: number;
  page: number;
}

/** What a button was drawn for; at most 150 characters, as a menu's values must be. */
export function caseValue(at: Place, caseId = ''): string {
  return [at.runId, at.area, at.page, caseId].join(':');
}

/** The same for the answer to one question: agreeing to a skip is agreeing to its reason. */
function askedValue(at: Place, caseId: string, asked: Given): string {
  return `${caseValue(at, caseId)}:${asked.at.getTime()}`;
}

/** What a button was drawn for. */
export type Drawn = Place & { caseId: string; askedAt?: number };

/** Reads what `caseValue` wrote; undefined for anything else. */
export function readValue(value: string): Drawn | undefined {
  const match = /^(\d{1,15}):(\d{1,5}):(\d{1,5}):([a-z0-9-]{0,60})(?::(\d{1,15}))?$/.exec(value);
  if (!match) return undefined;
  const [, run, area, page, caseId, askedAt] = match;
  const place = { runId: Number(run), area: Number(area), page: Number(page), caseId: caseId as string };
  return { ...place, ...(askedAt !== undefined && { askedAt: Number(askedAt) }) };
}

/** One case with its buttons: at most 2 blocks. @param viewer who looks at it, for what they may still do */
export function caseBlocks(c: RunCase, at: Place, viewer: string, now: Date): Block[] {
  const value = caseValue(at, c.caseId);
  const asked = c.state === 'skip_asked' ? skipAsked(c.results) : null;
  const answer = asked ? askedValue(at, c.caseId, asked) : value;
  const since = holder(c, now);
  const mine = since !== null && c.takenBy === viewer;
  const take = mine
    ? button('test_drop', 'Let go', value)
    : button(since ? 'test_takeover' : 'test_take', since ? 'Take over' : 'Take', value);
  const skips = asked
    ? [button('test_agree', 'Agree to skip', answer), button('test_refuse', "Don't skip", answer)]
    : [button('test_skip', 'Skip…', value)];
  const rest = overflow('test_more', [
    [`pass_note|${value}`, 'Passed, with a note…'],
    [`fail_note|${value}`, 'Failed, with a note…'],
  ]);
  return [
    section(caseText(c, now)),
    actions([
      button('test_pass', 'Pass', value, { style: 'primary' }),
      button('test_fail', 'Fail', value, { style: 'danger' }),
      button('test_blocked', 'Blocked…', value),
      ...skips,
      take,
      rest,
    ]),
  ];
}

/** A case in mrkdwn: what to do, what must come of it, where it stands and who is on it. At most 3000 characters. */
export function caseText(c: RunCase, now: Date): string {
  const marks = [
    !c.required && 'optional',
    c.spec.needsFunds && ':moneybag: needs funds',
    c.spec.flag && `flag \`${escapeText(c.spec.flag)}\``,
    c.passesRequired > 1 && `by ${c.passesRequired} people`,
  ].filter(Boolean);
  const steps = c.spec.steps.map((s, i) => `${i + 1}. ${escapeText(s)}`).join('\n');
  const since = holder(c, now);
  const on = since ? ` · ${mention(c.takenBy as string)} is on it since ${ago(since, now)}` : '';
  const who = passers(c.results).map(mention).join(', ');
  const last = c.results.at(-1);
  const said = last?.note
    ? `\n> ${mention(last.person)}: ${escapeText(truncate(last.note.replace(/\s+/g, ' '), 200))}`
    : '';
  const parts = [
    `${FACE[c.state]} *${escapeText(c.title)}*${marks.length ? ` (${marks.join(', ')})` : ''}\n\`${c.caseId}\` · ${showState(c)}${who ? ` by ${who}` : ''}${on}${said}`,
    truncate(steps, 2000),
    `_Expected:_ ${truncate(escapeText(c.spec.expected), 500)}`,
  ];
  return truncate(parts.join('\n'), 3000);
}

/** What a press or word asks of a case, when it needs no more than a note. @param askedAt the question a button was drawn for, in ms */
export function actNamed(name: string, note: string | null, askedAt?: number): CaseAct | undefined {
  switch (name) {
    case 'pass':
    case 'fail':
    case 'blocked':
    case 'skip':
      return { kind: name, note };
    case 'agree':
    case 'refuse':
      return { kind: name, askedAt };
    case 'drop':
      return { kind: name };
    case 'take':
    case 'takeover':
      return { kind: 'take', over: name === 'takeover' };
    default:
      return undefined;
  }
}
