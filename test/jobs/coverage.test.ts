import { afterAll, beforeAll, expect, test } from 'vitest';
import { planAMonth } from '../../src/areas/calendar/actions.ts';
import { reportOf } from '../../src/areas/calendar/store.ts';
import { SlackError, type Upload } from '../../src/base/slack.ts';
import { postCoverage } from '../../src/jobs/coverage.ts';
import { BOSS, CALENDAR_POLICY, calendarCause, calendarOn } from '../support/calendar.ts';
import { freshDb, type TestDb } from '../support/db.ts';

let t: TestDb;
beforeAll(async () => {
  t = await freshDb();
});
afterAll(() => t.close());

test('coverage is posted once, also when the answer to sharing it was lost', async () => {
  const c = calendarOn(t.db);
  let now = c.deps.clock();
  const deps = { ...c.deps, clock: () => now };
  const settle = () => {
    now = new Date(now.getTime() + 12_000);
  };
  await planAMonth(deps, calendarCause(BOSS), BOSS, '2026-12');
  const uploaded: Upload[] = [];
  const shared: { channel: string; threadTs?: string; text: string; files: { id: string; title: string }[] }[] = [];
  const asked: Date[] = [];
  let fail: 'before' | 'after' | null = 'before';
  const slack = {
    uploadFiles: async (files: Upload[]) => files.map((f) => `F${uploaded.push(f)}`),
    shareFiles: async (where: (typeof shared)[number]) => {
      const how = fail;
      fail = null;
      if (how !== 'before') shared.push(where);
      if (how) throw new SlackError('doubtful', { method: 'files.completeUploadExternal', code: 'timeout' });
    },
    settleMs: 12_000,
    hasFiles: async ({ files, since }: { files: string[]; since: Date }) => {
      asked.push(since);
      return shared.some((s) => s.files.some((f) => files.includes(f.id)));
    },
  };
  const post = () => postCoverage({ ...deps, policy: CALENDAR_POLICY, slack }, '2026-12');
  await expect(post()).rejects.toThrow('timeout');
  expect(shared).toEqual([]);
  // While it could still arrive nothing is done.
  await expect(post()).rejects.toThrow('may be under way');
  expect(uploaded).toHaveLength(1);
  settle();
  // Not there: uploaded again; this time it arrives, but nobody hears of it.
  fail = 'after';
  await expect(post()).rejects.toThrow('timeout');
  expect((await reportOf(t.db, '2026-12'))?.reported).toBeNull();
  settle();
  await post();
  await post();
  // Not the whole of the channel: from a day before it was shared, for the clock may have been fast then.
  const DAY = 24 * 3_600_000;
  expect(asked.map((since) => now.getTime() - since.getTime())).toEqual([24_000 + DAY, 12_000 + DAY]);
  expect(shared).toMatchObject([
    {
      channel: 'C0RELEASES',
      text: expect.stringContaining('0 of 6 areas tested'),
      files: [{ title: 'Regression coverage December 2026' }],
    },
  ]);
  expect(uploaded).toHaveLength(2);
  expect(uploaded[0]).toMatchObject({ name: 'regression-2026-12.png', alt: expect.stringContaining('6 to come') });
  expect((await reportOf(t.db, '2026-12'))?.reported).toMatch(/^[0-9a-f]{64}$/);
  await postCoverage({ ...deps, slack }, '2026-10');
  expect(uploaded).toHaveLength(2);
});
