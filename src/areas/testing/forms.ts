import { actions, button, context, input, plainText, section, textInput } from '../../base/elements.ts';
import { escapeText, truncate } from '../../base/mrkdwn.ts';
import type { Block, View } from '../../base/slack.ts';
import { bar, caseBlocks, caseText, caseValue, countsText, type Place } from './blocks.ts';
import { complete } from './rules.ts';
import type { Area, Counts, Run, RunCase } from './types.ts';

/** Blocks of a modal stay under 100, and its text under 250 kB: so many per page. */
export const AREAS_PER_PAGE = 40;
export const CASES_PER_PAGE = 15;

const title = (run: Run) => plainText(truncate(`Test ${run.release.version}`, 24));

function modal(run: Run, blocks: Block[], more: Record<string, unknown> = {}): View {
  return { type: 'modal', callback_id: 'test_run', title: title(run), close: plainText('Close'), blocks, ...more };
}

function heading(run: Run, c: Counts): Block {
  const at = run.stage === 'production' ? 'production' : `\`${run.commit.slice(0, 7)}\``;
  const name = escapeText(`${run.release.product} ${run.release.version}`);
  const same = run.carriedFrom ? `, with what was tested on \`${run.carriedFrom.slice(0, 7)}\` (same tree)` : '';
  return section(`*${name}*, ${at}${same}\n${[bar(c), countsText(c)].filter(Boolean).join(' ')}`);
}

const pages = (n: number, size: number) => Math.max(1, Math.ceil(n / size));

/** Back and forth among pages; nothing when there is one. */
function pager(actionId: string, page: number, count: number, at: (page: number) => string): object[] {
  const back = page > 0 ? [button(`${actionId}_back`, '◀ Back', at(page - 1))] : [];
  return [...back, ...(page + 1 < count ? [button(`${actionId}_on`, 'More ▶', at(page + 1))] : [])];
}

/** The run's areas (wallet × feature) with their counts; choosing one shows its cases. */
export function areasView(run: Run, areas: readonly Area[], total: Counts, page: number): View {
  const count = pages(areas.length, AREAS_PER_PAGE);
  const at = Math.min(page, count - 1);
  const shown = areas.slice(at * AREAS_PER_PAGE, (at + 1) * AREAS_PER_PAGE);
  const turn = pager('test_areas', at, count, (p) => caseValue({ runId: run.id, area: 0, page: p }));
  return modal(run, [
    heading(run, total),
    ...shown.map((a) =>
      section(`${complete(a) ? ':white_check_mark: ' : ''}*${escapeText(a.name)}*\n${countsText(a)}`, {
        accessory: button('test_area', 'Open', caseValue({ runId: run.id, area: a.index, page: 0 })),
      }),
    ),
    ...(areas.length
      ? []
      : [section('_No case of the spec is for this release: the others are behind feature flags._')]),
    ...(turn.length ? [context(`Page ${at + 1} of ${count}`), actions(turn)] : []),
  ]);
}

/**
 * One page of an area's cases with their buttons.
 * @param cases those of the page @param said what the last press came to, in mrkdwn
 */
export function casesView(
  run: Run,
  area: Area,
  page: number,
  cases: readonly RunCase[],
  look: { viewer: string; now: Date; said?: string },
): View {
  const count = pages(area.total, CASES_PER_PAGE);
  const at = { runId: run.id, area: area.index, page };
  const turn = [
    button('test_areas', 'All areas', caseValue({ runId: run.id, area: 0, page: 0 })),
    ...pager('test_area', page, count, (p) => caseValue({ ...at, page: p })),
  ];
  return modal(run, [
    section(
      `*${escapeText(area.name)}*${count > 1 ? `, page ${page + 1} of ${count}` : ''}\n${[bar(area), countsText(area)].join(' ')}`,
    ),
    ...(look.said ? [context(truncate(look.said, 2000))] : []),
    ...cases.flatMap((c) => [...caseBlocks(c, at, look.viewer, look.now), { type: 'divider' }]),
    actions(turn),
  ]);
}

export type Noted = 'pass' | 'fail' | 'blocked' | 'skip';

const NOTES: Record<Noted, { title: string; label: string; submit: string; optional: boolean }> = {
  pass: { title: 'Passed', label: 'Note', submit: 'Passed', optional: true },
  fail: { title: 'Failed', label: 'What happened instead?', submit: 'Failed', optional: true },
  blocked: { title: 'Blocked', label: 'What keeps you from testing it?', submit: 'Blocked', optional: true },
  skip: { title: 'Skip', label: 'Why can it be left out?', submit: 'Ask to skip', optional: false },
};

/** Asks for a note on one result. What it is about travels in its metadata. */
export function noteForm(result: Noted, c: RunCase, at: Place, now: Date): View {
  const n = NOTES[result];
  const hint = result === 'skip' ? { hint: 'A second operator must agree.' } : {};
  return {
    type: 'modal',
    callback_id: 'test_note',
    private_metadata: JSON.stringify({ result, at: caseValue(at, c.caseId) }),
    title: plainText(n.title),
    submit: plainText(n.submit),
    close: plainText('Cancel'),
    blocks: [
      section(caseText(c, now)),
      input('note', n.label, textInput(undefined, { multiline: true, max_length: 1000 }), {
        optional: n.optional,
        ...hint,
      }),
    ],
  };
}
