// Posts a test run's report to its release's thread, each version of it once.
import { makeReport } from '../areas/testing/report.ts';
import { reportState, writeReport } from '../areas/testing/report-store.ts';
import { loadCases, loadCounts, loadRun } from '../areas/testing/store.ts';
import type { Clock } from '../base/clock.ts';
import type { Slack } from '../base/slack.ts';
import type { Db } from '../db/client.ts';
import { namesOf } from '../db/people.ts';
import { maybeUnderWay, sharedSince, shareOnce } from './sharing.ts';

/**
 * Posts the report of a run as Markdown and JUnit XML, unless what it says is there already. The files are noted before they are shared, so that after
 * a doubtful failure the thread is looked through before anything is posted again.
 * @throws SlackError, and an Error while the thread has no root yet or an earlier one may be under way: the queue tries again
 */
export async function postReport(
  deps: { db: Db; clock: Clock; slack: Pick<Slack, 'uploadFiles' | 'shareFiles' | 'hasFiles' | 'settleMs'> },
  runId: number,
): Promise<void> {
  const { db, slack } = deps;
  const [run, state] = [await loadRun(db, runId, false), await reportState(db, runId)];
  if (!run || !state) return;
  const cases = await loadCases(db, runId);
  const people = [...new Set(cases.flatMap((c) => c.results.map((r) => r.person)))];
  const report = makeReport(run, await loadCounts(db, runId), cases, await namesOf(db, people));
  if (state.reported === report.hash) return;
  if (state.rootTs === null) throw new Error('the thread is not posted yet');
  const { channel } = run.release;
  const where = { channel, threadTs: state.rootTs };
  const { reporting } = state;
  if (maybeUnderWay(reporting, slack, deps.clock()))
    throw new Error('the report may be under way: it is looked for later');
  if (
    reporting &&
    (await slack.hasFiles({ ...where, files: reporting.files, since: sharedSince(reporting, deps.clock()) }))
  ) {
    await writeReport(db, runId, { reported: reporting.hash, reporting: null });
    if (reporting.hash === report.hash) return;
  }
  const ids = await slack.uploadFiles(report.files);
  await writeReport(db, runId, { reporting: { hash: report.hash, files: ids, at: deps.clock().getTime() } });
  const files = report.files.map((file, i) => ({ id: ids[i] as string, title: file.title }));
  await shareOnce(
    () => slack.shareFiles({ ...where, text: ':page_facing_up: The report of the test run', files }),
    () => writeReport(db, runId, { reporting: null }),
  );
  await writeReport(db, runId, { reported: report.hash, reporting: null });
}
