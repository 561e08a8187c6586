import { showDay } from '../../base/days.ts';
import { actions, button, context, section } from '../../base/elements.ts';
import { mention } from '../../base/mrkdwn.ts';
import type { Block } from '../../base/slack.ts';
import { isToday, type Today } from '../../base/today.ts';
import { isLate } from './act-rules.ts';
import { assignmentLine, coverageText, leftOutLine, nameOf, plural, showMonth, whenOf } from './lines.ts';
import { coverage } from './month-rules.ts';
import type { Assignment, MonthView, Swap } from './types.ts';

export interface Drawing {
  text: string;
  blocks: Block[];
}

/** The DM that offers a swap. @param id of the offer @param mine what the asker has @param theirs what the reader has */
export function swapAsked(id: Swap['id'], mine: Assignment, theirs: Assignment): Drawing {
  const text = `:arrows_counterclockwise: ${mention(mine.tester)} would do your ${nameOf(theirs)} (${whenOf(theirs)}) if you do ${nameOf(mine)} (${whenOf(mine)}).`;
  const yes = button('regression_swap_yes', 'Swap', `${id}`, { style: 'primary' });
  return { text, blocks: [section(text), actions([yes, button('regression_swap_no', 'No, thanks', `${id}`)])] };
}

/** What can be done about an assignment that is somebody's now. */
export function assignmentButtons(a: Pick<Assignment, 'id'>): object[] {
  const id = `${a.id}`;
  return [
    button('regression_pass', 'Passed', id, { style: 'primary' }),
    button('regression_fail', 'Failed…', id, { style: 'danger' }),
    button('regression_cases', 'Test cases', id),
    button('regression_skip', 'Skip…', id),
    button('regression_swap', 'Swap…', id),
  ];
}

/** One's own tests with buttons, at most this many; the others are lines. */
const BUTTONED = 15;

/** A person's tests of this month: what is open with its buttons, then what is done. @param today theirs */
export function mineList(all: readonly Assignment[], today: Today): Drawing {
  const open = all.filter((a) => a.state === 'planned' || a.state === 'missed');
  const done = all.filter((a) => !open.includes(a));
  if (!all.length) return { text: 'You have no regression tests this month.', blocks: [] };
  const late = open.filter((a) => isLate(a, today)).length;
  const text = `You have ${plural(open.length, 'regression test')} to do${late ? `, ${late} of them late` : ''}.`;
  const blocks = open.slice(0, BUTTONED).flatMap((a): Block[] => {
    const when = isLate(a, today)
      ? `:warning: *${whenOf(a)}*, late`
      : isToday(today, a.day)
        ? `*today ${whenOf(a)}*`
        : whenOf(a);
    return [section(`${nameOf(a)}\n${when}`), actions(assignmentButtons(a))];
  });
  const rest = [...open.slice(BUTTONED), ...done].map((a) => assignmentLine(a, { when: true }));
  return { text, blocks: [section(text), ...blocks, ...chunks(rest, 1)] };
}

/** With what stands above them still within the some 13,000 characters that Slack takes a message. */
const CHUNKS = 3;

/** Lines as sections of at most 2800 characters; what does not fit into `most` of them is counted. */
function chunks(lines: readonly string[], most: number): Block[] {
  const blocks: Block[] = [];
  let said: string[] = [];
  for (const [i, line] of lines.entries()) {
    if (said.join('\n').length + line.length > 2800) {
      blocks.push(section(said.join('\n')));
      said = [];
    }
    if (blocks.length === most) return [...blocks, context(`and ${lines.length - i} more`)];
    said.push(line);
  }
  return said.length ? [...blocks, section(said.join('\n'))] : blocks;
}

/** Tests by day, with who does them. @param what they are, for when there are none */
export function dayList(all: readonly Assignment[], what: string): Drawing {
  if (!all.length) return { text: `No regression tests ${what}.`, blocks: [] };
  const text = `${plural(all.length, 'regression test')} ${what}`;
  return { text, blocks: [section(`*${text}*`), ...chunks(byDay(all), CHUNKS)] };
}

function byDay(all: readonly Assignment[]): string[] {
  return all.flatMap((a, i) => {
    const head = all[i - 1]?.day === a.day ? [] : [`*${showDay(a.day)}*`];
    return [...head, assignmentLine(a, { who: true })];
  });
}

/** A month: how far it is, what is left out, and every test. @param made false: a look at what it would be, without ids */
export function monthList(view: MonthView, today: string, made: boolean): Drawing {
  const { month, assignments } = view;
  const cells = coverage(month.areas, assignments, today);
  const shown = showMonth(month.month);
  const head = made
    ? coverageText(month.month, cells)
    : `*What the regression calendar for ${shown} would be*: ${plural(assignments.length, 'test')}. It is not made yet: an admin makes it with \`/regression plan ${month.month}\`, or it makes itself.`;
  const left = leftOutLine(month, assignments);
  const lines = made ? byDay(assignments) : byDay(assignments).map((line) => line.replace(/\*RA-\d+\* /, ''));
  const blocks = [section(head), ...(left ? [section(left)] : []), ...chunks(lines, CHUNKS)];
  return { text: `Regression calendar for ${shown}: ${plural(assignments.length, 'test')}`, blocks };
}
