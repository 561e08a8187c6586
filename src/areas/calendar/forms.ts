import { actions, context, input, modal, section, select, textInput } from '../../base/elements.ts';
import { escapeText, truncate } from '../../base/mrkdwn.ts';
import type { View } from '../../base/slack.ts';
import { NOTE_MAX } from './act-rules.ts';
import { assignmentButtons } from './blocks.ts';
import { nameOf, whenOf } from './lines.ts';
import type { Assignment } from './types.ts';

/** Asks why a test is skipped. */
export function skipForm(a: Assignment): View {
  const reason = textInput(undefined, { multiline: true, max_length: NOTE_MAX });
  const blocks = [section(nameOf(a)), input('reason', 'Why is it not tested?', reason)];
  return modal('regression_skip_form', 'Skip', 'Skip it', blocks, { id: a.id });
}

const choices = (all: readonly Assignment[]) =>
  all.slice(0, 100).map((a) => [`${a.id}`, truncate(`RA-${a.id} ${whenOf(a)} ${a.feature}, ${a.wallet}`, 75)] as const);

/** Asks which of one's own tests to offer for which of the others'. Both lists have at least one. @param chosen of one's own */
export function swapForm(mine: readonly Assignment[], others: readonly Assignment[], chosen?: number): View {
  const first = chosen ?? mine[0]?.id;
  const blocks = [
    input('mine', 'Your test', select(choices(mine), `${first}`)),
    input('theirs', 'The one you would do instead', select(choices(others)), { hint: 'Its tester is asked.' }),
  ];
  return modal('regression_swap_form', 'Swap tests', 'Ask', blocks, {});
}

/** Asks from when to when somebody is away. @param today YYYY-MM-DD */
export function awayForm(today: string): View {
  const day = { type: 'datepicker', initial_date: today };
  const blocks = [input('from', 'First day away', day), input('to', 'Last day away', { ...day })];
  return modal('regression_away_form', 'Away', 'Save', blocks, {});
}

/** What of a test spec a case shows. */
export interface Case {
  id: string;
  title: string;
  steps: readonly string[];
  expected: string;
}

const CASES = 30;

/** The test cases of an assignment's area, with its buttons. */
export function casesForm(a: Assignment, cases: readonly Case[]): View {
  const none = section('_The test spec has no case for this area: test it as you know it._');
  const shown = cases.slice(0, CASES).map((c) => {
    const steps = c.steps.map((s, i) => `${i + 1}. ${escapeText(s)}`).join('\n');
    return section(
      truncate(`*${escapeText(c.title)}* (\`${c.id}\`)\n${steps}\n_Expected:_ ${escapeText(c.expected)}`, 2900),
    );
  });
  const more = cases.length > CASES ? [context(`and ${cases.length - CASES} more in the spec`)] : [];
  const blocks = [section(`${nameOf(a)} · ${whenOf(a)}`), ...(shown.length ? shown : [none]), ...more];
  return modal('regression_cases_form', 'Test cases', null, [...blocks, actions(assignmentButtons(a).slice(0, 2))], {
    id: a.id,
  });
}
