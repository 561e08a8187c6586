import type { Place } from '../areas/testing/blocks.ts';
import { areasView, CASES_PER_PAGE, casesView } from '../areas/testing/forms.ts';
import { loadAreas, loadCases, loadCounts, loadRun } from '../areas/testing/store.ts';
import type { RunCase } from '../areas/testing/types.ts';
import type { View } from '../base/slack.ts';
import type { BotDeps } from './deps.ts';

/** The areas of a run as a modal; undefined when there is no such run. */
export async function areasOf(deps: BotDeps, runId: number, page: number): Promise<View | undefined> {
  const run = await loadRun(deps.db, runId, false);
  return run && areasView(run, await loadAreas(deps.db, runId), await loadCounts(deps.db, runId), page);
}

/** One page of an area's cases as a modal, for who looks at it. @param said what their last press came to */
export async function casesOf(deps: BotDeps, at: Place, viewer: string, said?: string): Promise<View | undefined> {
  const run = await loadRun(deps.db, at.runId, false);
  const area = (await loadAreas(deps.db, at.runId))[at.area];
  if (!run || !area) return undefined;
  const page = Math.min(at.page, Math.max(0, Math.ceil(area.total / CASES_PER_PAGE) - 1));
  const some = { area: area.name, offset: page * CASES_PER_PAGE, limit: CASES_PER_PAGE };
  const cases = await loadCases(deps.db, at.runId, some);
  return casesView(run, area, page, cases, { viewer, now: deps.clock(), ...(said && { said }) });
}

/** One case of a run; undefined when the run has none of that name. */
export async function caseOf(deps: BotDeps, runId: number, caseId: string): Promise<RunCase | undefined> {
  return (await loadCases(deps.db, runId, { ids: [caseId] }))[0];
}
