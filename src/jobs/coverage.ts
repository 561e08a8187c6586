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
import { addJob } from '../db/outbox.ts';
import { renderPng } from '../gateways/picture.ts';

/**
 * Posts the coverage of a month, unless it is there. The file is noted before it is shared, so that after a doubtful failure the channel
 * is looked through before anything is posted again.
 * @throws SlackError: the queue tries again
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
  // What was shared without an answer may still come.
  const settled = new Date((reporting?.at ?? 0) + slack.settleMs);
  if (deps.clock() < settled)
    return addJob(db, 'coverage', { month }, { key: `coverage:${month}`, mode: 'replace', at: settled });
  if (reporting && (await slack.hasFiles({ channel, files: reporting.files })))
    return writeReported(db, month, { reported: reporting.hash, reporting: null });
  const today = localDay(policy.team.zone, deps.clock());
  const cells = coverage(view.month.areas, view.assignments, today);
  const picture = heatmap(month, cells);
  const title = `Regression coverage ${showMonth(month)}`;
  const alt = `${title}: ${coverageSays(cells)}. The same as text is in the message.`;
  const [id = ''] = await slack.uploadFiles([{ name: `regression-${month}.png`, bytes: renderPng(picture), alt }]);
  const hash = createHash('sha256').update(picture.svg).digest('hex');
  await writeReported(db, month, { reporting: { hash, files: [id], at: deps.clock().getTime() } });
  await slack.shareFiles({ channel, text: coverageText(month, cells), files: [{ id, title }] });
  await writeReported(db, month, { reported: hash, reporting: null });
}
