import { afterAll, beforeAll, expect, test } from 'vitest';
import { actOnCase } from '../../src/areas/testing/actions.ts';
import { beginRun } from '../../src/areas/testing/begin.ts';
import { reportState } from '../../src/areas/testing/report-store.ts';
import { newestRun } from '../../src/areas/testing/store.ts';
import type { Run } from '../../src/areas/testing/types.ts';
import { makeMetrics } from '../../src/base/metrics.ts';
import { type Slack, SlackError } from '../../src/base/slack.ts';
import { makeSlack } from '../../src/gateways/slack.ts';
import { postReport } from '../../src/jobs/report.ts';
import { freshDb, type TestDb } from '../support/db.ts';
import { keptLog } from '../support/quiet.ts';
import { CHANNELS, DEFAULT_APP, type LocalSlack, startSlack } from '../support/slack.ts';
import { aCause, aReleaseIn, aSpec, aSpecCase, NOW, operator, testDeps } from '../support/testing.ts';

let base: TestDb;
let local: LocalSlack;
let slack: Slack;
let run: Run;
let rootTs: string;
/** Later each time: what was shared is settled by then. */
let now = NOW.getTime();
const clock = () => new Date(now);
beforeAll(async () => {
  [base, local] = await Promise.all([freshDb(), startSlack()]);
  const options = { token: DEFAULT_APP.botToken, apiUrl: local.apiUrl, metrics: makeMetrics(), log: keptLog().log };
  slack = makeSlack(options);
  const releaseId = await aReleaseIn(base.db, 'testing', ['A', 'B']);
  rootTs = (await slack.postMessage({ channel: CHANNELS.releases, text: 'the card', outboxId: 1 })).ts;
  await base.pool.query('update threads set root_ts = $1', [rootTs]);
  await beginRun(testDeps(base.db), aSpec([aSpecCase('one'), aSpecCase('two')]), releaseId);
  run = (await newestRun(base.db, releaseId)) as Run;
});
afterAll(async () => {
  await local?.stop();
  await base?.close();
});

const pass = (who: string, caseId: string) =>
  actOnCase(testDeps(base.db), aCause(who), operator(who), { runId: run.id, caseId }, { kind: 'pass', note: null });
const posted = async () =>
  (await local.thread(CHANNELS.releases, rootTs)) as { text: string; files?: { name: string }[] }[];

test('the report comes as two files in the thread, and once while it says the same', async () => {
  const deps = { db: base.db, clock, slack };
  await pass('A', 'one');
  await postReport(deps, run.id);
  await postReport(deps, run.id);
  const [first, ...more] = await posted();
  expect(more).toEqual([]);
  expect(first?.files?.map((f) => f.name)).toEqual([
    'web-v1.0.0-candidate-abc1234.md',
    'web-v1.0.0-candidate-abc1234.xml',
  ]);
  await pass('A', 'two');
  await postReport(deps, run.id);
  expect(await posted()).toHaveLength(2);
});

test('a report that arrived though the answer was lost is found, not posted again', async () => {
  await pass('B', 'one');
  const lost = {
    ...slack,
    shareFiles: async (where: Parameters<Slack['shareFiles']>[0]) => {
      await slack.shareFiles(where);
      throw new Error('the answer was lost');
    },
  };
  await expect(postReport({ db: base.db, clock, slack: lost }, run.id)).rejects.toThrow('lost');
  expect((await reportState(base.db, run.id))?.reporting?.files).toHaveLength(2);
  // While it could still arrive nothing is looked for. The queue tries again, and counts its tries.
  const blind = { ...slack, hasFiles: () => Promise.reject(new Error('looked for')) };
  await expect(postReport({ db: base.db, clock, slack: blind }, run.id)).rejects.toThrow('may be under way');
  now += slack.settleMs;
  await postReport({ db: base.db, clock, slack }, run.id);
  expect(await posted()).toHaveLength(3);
  expect((await reportState(base.db, run.id))?.reporting).toBeNull();
});

test('one that never arrived is posted; without a thread it waits; no run is no report', async () => {
  await pass('B', 'two');
  const refused = new SlackError('channel', { method: 'files.completeUploadExternal', code: 'restricted_action' });
  const not = { ...slack, shareFiles: () => Promise.reject(refused) };
  await expect(postReport({ db: base.db, clock, slack: not }, run.id)).rejects.toBe(refused);
  expect((await reportState(base.db, run.id))?.reporting).toBeNull();
  const down = { ...slack, shareFiles: () => Promise.reject(new Error('down')) };
  await expect(postReport({ db: base.db, clock, slack: down }, run.id)).rejects.toThrow('down');
  expect(await posted()).toHaveLength(3);
  now += slack.settleMs;
  await postReport({ db: base.db, clock, slack }, run.id);
  expect(await posted()).toHaveLength(4);
  await postReport({ db: base.db, clock, slack }, 999_999);
  await base.pool.query('update threads set root_ts = null');
  await base.pool.query("update test_runs set reported = 'other'");
  await expect(postReport({ db: base.db, clock, slack }, run.id)).rejects.toThrow('not posted yet');
});
