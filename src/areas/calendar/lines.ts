import { showDay } from '../../base/days.ts';
import { showId } from '../../base/ids.ts';
import { escapeText, mention } from '../../base/mrkdwn.ts';
import { areaName } from './month-rules.ts';
import type { Assignment, AssignmentState, CellState, Month, Moved, Offer } from './types.ts';

export const FACE: Record<CellState['state'] | AssignmentState, string> = {
  planned: ':white_large_square:',
  todo: ':white_large_square:',
  passed: ':white_check_mark:',
  failed: ':x:',
  skipped: ':fast_forward:',
  missed: ':warning:',
  none: ':heavy_minus_sign:',
};

/** `December 2026` of `2026-12`. */
export function showMonth(month: string): string {
  const format = new Intl.DateTimeFormat('en-GB', { timeZone: 'UTC', month: 'long', year: 'numeric' });
  return format.format(new Date(`${month}-01T00:00Z`));
}

/** `09:30` of minutes after midnight. */
function showTime(minutes: number): string {
  return `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
}

/** `*RA-12* Send with native`, in mrkdwn. */
export function nameOf(a: Assignment): string {
  return `*${showId('RA', a.id)}* ${escapeText(a.feature)} with ${escapeText(a.wallet)}`;
}

export function whenOf(a: Pick<Assignment, 'day' | 'start'>): string {
  return `${showDay(a.day)} ${showTime(a.start)}`;
}

/** One assignment in a list. @param shown what beside its name is said */
export function assignmentLine(a: Assignment, shown: { when?: boolean; who?: boolean } = {}): string {
  const parts = [
    shown.when && whenOf(a),
    shown.who && mention(a.tester),
    a.state !== 'planned' && a.state,
    a.note && escapeText(a.note),
  ];
  return `${FACE[a.state]} ${[nameOf(a), ...parts].filter(Boolean).join(' · ')}`;
}

export const plural = (n: number, word: string) => `${n} ${word}${n === 1 ? '' : 's'}`;

/**
 * The areas nobody has the time for, named; empty when there are none. Those of which a test was missed are told apart: the month's coverage
 * has them as missed. @param assignments of the month
 */
export function leftOutLine({ month, leftOut }: Pick<Month, 'month' | 'leftOut'>, assignments: readonly Assignment[]) {
  const missed = new Set(assignments.filter((a) => a.state === 'missed').map(areaName));
  const all = leftOut.map(areaName);
  const say = (head: (n: string) => string, names: readonly string[], tail: string) =>
    names.length
      ? `${cut(`:warning: ${head(plural(names.length, 'area'))}: `, names.map(escapeText), 1300)}.${tail}`
      : '';
  const shown = showMonth(month);
  const never = all.filter((name) => !missed.has(name));
  const again = all.filter((name) => missed.has(name));
  return [
    say(
      (n) => `There is not enough time of testers for ${n} in ${shown}`,
      never,
      ` ${never.length === 1 ? 'It is' : 'They are'} left out: more testers, more \`start\` times or fewer areas help.`,
    ),
    say((n) => `There is no time left in ${shown} to make up for ${n.replace(' ', ' missed ')}`, again, ''),
  ]
    .filter(Boolean)
    .join('\n');
}

/** The channel's line when a month is made. */
export function madeLine(month: Month, assignments: readonly Assignment[], short: number): string {
  const testers = new Set(assignments.map((a) => a.tester)).size;
  const areas = new Set(assignments.map(areaName)).size;
  const head = `:calendar: *Regression calendar for ${showMonth(month.month)}*: ${plural(areas, 'area')}, ${plural(assignments.length, 'test')} by ${plural(testers, 'tester')}.`;
  const less = short ? `${plural(short, 'key area')} will be tested less often than wanted.` : '';
  return [head, leftOutLine(month, assignments), less].filter(Boolean).join('\n');
}

/** A person's turns of a new month. */
export function yoursLine(month: string, mine: readonly Assignment[]): string {
  const lines = mine.map((a) => `• ${whenOf(a)}: ${nameOf(a)}`);
  const head = `:calendar: The regression calendar for ${showMonth(month)} is made. Yours:`;
  return [...fitting(head, lines), 'Away on one of these days? `/regression away`'].join('\n');
}

/** As many lines as a message has room for (Slack: 3000 characters), and how many are left. */
function fitting(head: string, lines: readonly string[]): string[] {
  const said = [head];
  let room = 2700 - head.length;
  for (const [i, line] of lines.entries()) {
    room -= line.length + 1;
    if (room < 0) return [...said, `_and ${lines.length - i} more: \`/regression mine\`_`];
    said.push(line);
  }
  return said;
}

/** What a new plan changes for one person, a line each; empty when nothing. */
function movedLines(moved: readonly Moved[], person: string): string[] {
  return moved.flatMap(({ before, after }): string[] => {
    const [was, is] = [before?.tester === person, after?.tester === person];
    if (after && is && was) return [`:arrow_right: ${nameOf(after)}: now ${whenOf(after)}`];
    if (after && is) return [`:heavy_plus_sign: ${nameOf(after)}: yours, ${whenOf(after)}`];
    if (before && was) {
      const now = after ? `now ${mention(after.tester)} does it` : 'not planned any more';
      return [`:heavy_minus_sign: ${nameOf(before)} of ${showDay(before.day)}: ${now}`];
    }
    return [];
  });
}

/** A DM about a new plan; null when it changes nothing for this person. @param why a sentence's beginning, in mrkdwn */
export function movedMessage(moved: readonly Moved[], person: string, why: string): string | null {
  const lines = movedLines(moved, person);
  if (!lines.length) return null;
  return fitting(`:calendar: ${why}, so the regression calendar changed for you:`, lines).join('\n');
}

/** What who offered to swap hears when that is off before it was answered. @param why a sentence's end */
export function offSays({ mine, theirs }: Offer, why: string): string {
  return `:arrows_counterclockwise: Your offer to swap ${showId('RA', mine)} for ${showId('RA', theirs)} is off: ${why}.`;
}

/** Everybody whom a new plan concerns. */
export function concerned(moved: readonly Moved[]): string[] {
  return [...new Set(moved.flatMap((m) => [m.before?.tester ?? '', m.after?.tester ?? '']))].filter(Boolean).sort();
}

const MARK: Record<CellState['state'], string> = {
  passed: '✓',
  failed: '✗',
  skipped: 's',
  missed: '!',
  todo: '·',
  none: '–',
};

/** How many areas are how. */
export function countCells(cells: readonly CellState[]): Record<CellState['state'], number> {
  const n = { passed: 0, failed: 0, skipped: 0, missed: 0, todo: 0, none: 0 };
  for (const { state } of cells) n[state]++;
  return n;
}

/** Coverage in a sentence: `38 of 40 areas tested, 2 failed, 1 missed`. What failed was tested. */
export function coverageSays(cells: readonly CellState[]): string {
  const n = countCells(cells);
  return [
    `${n.passed + n.failed} of ${plural(cells.length, 'area')} tested`,
    n.failed && `${n.failed} of them failed`,
    n.missed && `${n.missed} missed`,
    n.skipped && `${n.skipped} skipped`,
    n.none && `${n.none} left out`,
    n.todo && `${n.todo} to come`,
  ]
    .filter(Boolean)
    .join(', ');
}

/** Coverage as text: a table of wallets x features where it fits, and by name what is not as it should be. At most 2900 characters of mrkdwn. */
export function coverageText(month: string, cells: readonly CellState[]): string {
  const head = `*Regression coverage of ${showMonth(month)}*: ${coverageSays(cells)}.`;
  const rest = (['failed', 'missed', 'skipped', 'none'] as const).flatMap((state) => {
    const names = cells.filter((c) => c.state === state).map((c) => escapeText(areaName(c)));
    const says = state === 'none' ? 'left out' : state;
    return names.length ? [cut(`${FACE[state]} *${says}*: `, names, 280)] : [];
  });
  const table = grid(cells);
  const whole = [head, table, ...rest].join('\n');
  return whole.length <= 2900 ? whole : [head, ...rest].join('\n');
}

function cut(head: string, names: readonly string[], max: number): string {
  let said = head;
  for (const [i, name] of names.entries()) {
    const next = `${said}${i ? ', ' : ''}${name}`;
    if (next.length > max) return `${said} and ${names.length - i} more`;
    said = next;
  }
  return said;
}

function grid(cells: readonly CellState[]): string {
  const wallets = [...new Set(cells.map((c) => c.wallet))];
  const features = [...new Set(cells.map((c) => c.feature))];
  const width = Math.max(...features.map((f) => f.length));
  const short = wallets.map((w) => w.slice(0, 10));
  const line = (name: string, marks: readonly string[]) =>
    [name.padEnd(width), ...marks.map((m, i) => m.padEnd(short[i]?.length ?? 0))].join('  ').trimEnd();
  const rows = features.map((feature) =>
    line(
      feature,
      wallets.map((wallet) => {
        const cell = cells.find((c) => c.wallet === wallet && c.feature === feature);
        return cell ? MARK[cell.state] : ' ';
      }),
    ),
  );
  const body = escapeText([line('', short), ...rows].join('\n').replaceAll('`', "'"));
  return `\`\`\`\n${body}\n\`\`\`\n_✓ passed  ✗ failed  ! missed  s skipped  · to come  – left out_`;
}
