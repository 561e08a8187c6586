// Posts a month's regression coverage to #releases as a picture and as text, once.
import { createHash } from 'node:crypto';
import { heatmap } from '../areas/calendar/heatmap-lines.ts';
import { coverageSays, coverageText, showMonth } from '../areas/calendar/lines.ts';
import { coverage } from '../areas/calendar/month-rules.ts';
import { loadMonth, reportOf, writeReported } from '../areas/calendar/store.ts';
import type { Clock } from '../base/clock.ts';
import type { Policy } from '../base/policy.ts';
import type { Slack } from '../base/slack.ts';
import { localDay } from '../base/zone.ts';
import type { Db } from '../db/client.ts';
import { renderPng } from '../gateways/picture.ts';
import { maybeUnderWay, sharedSince, shareOnce } from './sharing.ts';

/**
 * Posts the coverage of a month, unless it is there. The file is noted before it is shared, so that after a doubtful failure the channel
 * is looked through before anything is posted again.
 * @throws SlackError, and an Error while an earlier one may be under way: the queue tries again
 */
export async function postCoverage(
  deps: {
    db: Db;
    policy: Policy;
    clock: Clock;
    slack: Pick<Slack, 'uploadFiles' | 'shareFiles' | 'hasFiles' | 'settleMs'>;
  },
  month: string,
): Promise<void> {
  const { db, slack, policy } = deps;
  const [view, report] = [await loadMonth(db, month), await reportOf(db, month)];
  if (!view || !report || report.reported !== null) return;
  const channel = policy.workspace.channels.releases;
  const { reporting } = report;
  if (maybeUnderWay(reporting, slack, deps.clock()))
    throw new Error('the coverage may be under way: it is looked for later');
  if (
    reporting &&
    (await slack.hasFiles({ channel, files: reporting.files, since: sharedSince(reporting, deps.clock()) }))
  )
    return writeReported(db, month, { reported: reporting.hash, reporting: null });
  const today = localDay(policy.team.zone, deps.clock());
  const cells = coverage(view.month.areas, view.assignments, today);
  const picture = heatmap(month, cells);
  const title = `Regression coverage ${showMonth(month)}`;
  const alt = `${title}: ${coverageSays(cells)}. The same as text is in the message.`;
  const [id = ''] = await slack.uploadFiles([{ name: `regression-${month}.png`, bytes: renderPng(picture), alt }]);
  const hash = createHash('sha256').update(picture.svg).digest('hex');
  await writeReported(db, month, { reporting: { hash, files: [id], at: deps.clock().getTime() } });
  await shareOnce(
    () => slack.shareFiles({ channel, text: coverageText(month, cells), files: [{ id, title }] }),
    () => writeReported(db, month, { reporting: null }),
  );
  await writeReported(db, month, { reported: hash, reporting: null });
}
