// Releases and bugs on a database of the file that asks for it, empty for each test.
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach } from 'vitest';
import { gateNews } from '../../../src/areas/releases/actions.ts';
import { open } from '../../../src/areas/releases/open.ts';
import { actOnBug } from '../../../src/areas/triage/actions.ts';
import type { Deps } from '../../../src/areas/triage/deps.ts';
import { report } from '../../../src/areas/triage/open.ts';
import { type ReportForm, readReport } from '../../../src/areas/triage/report.ts';
import { loadBug } from '../../../src/areas/triage/store.ts';
import type { Act } from '../../../src/areas/triage/types.ts';
import type { Actor } from '../../../src/base/actor.ts';
import type { Cause } from '../../../src/db/act.ts';
import { loadPolicy } from '../../../src/policy.ts';
import { freshDb, type TestDb, wipe } from '../../support/db.ts';
import { MAX, T0 } from '../../support/facts.ts';
import { anOpening } from '../../support/team.ts';

const demo = loadPolicy('src/demo/policy.yml');
export const policy = {
  ...demo,
  workspace: { ...demo.workspace, channels: { ...demo.workspace.channels, triage: 'C0TRIAGE' } },
};
export const PRODUCT = 'unchained';
export const FORM: ReportForm = {
  product: PRODUCT,
  title: 'Balance <!channel> is wrong',
  foundIn: 'candidate',
  blocking: 'yes',
};

export let t: TestDb;
export let deps: Deps;
export let now = T0;
let n = 0;

export const cause = (who: Actor): Cause => ({ key: `test:${++n}`, source: 'command', actor: who.id, eventTime: now });
export const later = (ms: number) => {
  now = new Date(now.getTime() + ms);
};

export function triageOnADatabase(): void {
  beforeAll(async () => {
    t = await freshDb();
    deps = { db: t.db, policy, clock: () => now, gateNews: (product) => gateNews(deps, product) };
  });
  afterAll(() => t.close());
  beforeEach(async () => {
    now = T0;
    await wipe(t, 'bugs, prod_issues, outbox, threads, releases, candidates, causes');
    await t.pool.query('delete from graphile_worker._private_jobs');
  });
}

export async function release(version: string, commit: string): Promise<number> {
  const opening = anOpening({ product: PRODUCT, version, commit, authors: [] });
  const { answer } = await open(deps, cause(MAX), MAX, opening);
  return answer.releaseId as number;
}

export async function file(who: Actor, form: Partial<ReportForm> = {}): Promise<number> {
  const read = readReport({ ...FORM, ...form }, policy);
  if ('faults' in read) throw new Error(JSON.stringify(read.faults));
  const { answer } = await report(deps, cause(who), who, read.report);
  if (answer.bugId === undefined) throw new Error(answer.text);
  return answer.bugId;
}

export async function act(who: Actor, id: number, what: Act): Promise<string> {
  const { answer } = await actOnBug(deps, cause(who), who, id, what);
  return answer.code ?? answer.outcome;
}

export async function candidate(releaseId: number, commit: string): Promise<number> {
  later(60_000);
  const { rows } = await t.db.execute<{
    id: string;
  }>(sql`insert into candidates (release_id, seq, "commit", named_by, named_at)
    select ${releaseId}, max(seq) + 1, ${commit}, ${MAX.id}, ${now.toISOString()}::timestamptz from candidates where release_id = ${releaseId} returning id`);
  return Number(rows[0]?.id);
}

export const messages = async (where = sql`true`) =>
  (
    await t.db.execute<{
      role: string;
      target: string;
      subject: string | null;
      text: string;
      broadcast: boolean;
      blocks: unknown;
      thread_id: string;
    }>(sql`select role, target, subject, text, broadcast, blocks, thread_id from outbox where ${where} order by id`)
  ).rows;
export const lines = async () => (await messages(sql`role = 'line'`)).map((m) => m.text);

export const bug = async (id: number) => {
  const f = await loadBug(t.db, id);
  if (!f) throw new Error(`no bug ${id}`);
  return f;
};
