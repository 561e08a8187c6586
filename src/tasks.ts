// Wiring of the queue: which function does which job.
import { slotCardGone } from './areas/cadence/actions.ts';
import { tick } from './areas/releases/actions.ts';
import { cardGone } from './areas/releases/cards.ts';
import { releaseOfThreadId } from './areas/releases/messages.ts';
import { markShown } from './areas/releases/store.ts';
import { beginRun } from './areas/testing/begin.ts';
import type { Specs } from './areas/testing/types.ts';
import { parseId } from './base/ids.ts';
import { type BotDeps, who } from './bot/deps.ts';
import { handleStored } from './bot/inbox.ts';
import type { Db } from './db/client.ts';
import { addJob, refreshSheets, repost, subjectOfThread } from './db/outbox.ts';
import { showAnew, updateCard } from './jobs/card.ts';
import { loadChanges } from './jobs/changes.ts';
import { postCoverage } from './jobs/coverage.ts';
import type { Delivery, OutboxRow } from './jobs/delivery.ts';
import { draw } from './jobs/draw.ts';
import { handleEvent } from './jobs/event.ts';
import { flush } from './jobs/flush.ts';
import { publishHomes } from './jobs/homes.ts';
import { judgeFound, reconcileThread } from './jobs/reconcile.ts';
import { keepRegression } from './jobs/regression.ts';
import { sayDaily, sayWeekly, sendHeldNow, sendReminders } from './jobs/reminders.ts';
import { postReport } from './jobs/report.ts';
import { sealAll } from './jobs/seal.ts';
import { runSlots } from './jobs/slots.ts';
import type { Tasks } from './jobs/worker.ts';

/** Changes within this time show in the App Homes together. */
const HOMES_AFTER_MS = 2_000;

/**
 * The queue's tasks, but for those that need what only main has.
 * @param notes a database whose commits do not wait for the disk @param process hands a stored event to its listener
 */
export function tasksOf(
  deps: BotDeps,
  notes: Db,
  specs: Specs,
  process: (body: Record<string, unknown>) => Promise<void>,
): Omit<Tasks, 'people' | 'head' | 'sheets'> {
  const { db, policy, slack, metrics, log, clock } = deps;
  const onGone = async (row: OutboxRow) => {
    const rootTs = row.postedTs ?? '';
    const about = row.subject === null ? undefined : parseId(row.subject);
    if (about?.prefix === 'REL' && row.role !== 'line' && row.role !== 'dm')
      return cardGone(deps, about.id, row.role, rootTs, 'reconcile');
    if (about?.prefix === 'SLOT') return slotCardGone(deps, about.id, row);
    if (row.threadId !== null && row.subject !== null) return repost(db, row.threadId, row.subject);
    const on = row.threadId === null ? undefined : await releaseOfThreadId(db, row.threadId);
    if (on) return cardGone(deps, on.id, 'card', on.rootTs, 'reconcile');
    const subject = row.threadId === null ? null : await subjectOfThread(db, row.threadId);
    if (row.threadId !== null && subject !== null) await repost(db, row.threadId, subject);
  };
  const delivery: Delivery = {
    db,
    slack,
    policy,
    log,
    now: clock,
    draw: (on, row, rules, now) => draw(on, row, rules, now, deps.github !== undefined),
    markShown,
    onGone,
  };
  const person = (id: string) => who(deps, id);
  const rootGone = (id: number, ts: string) => cardGone(deps, id, 'card', ts, 'reconcile');
  const reading = { ...deps, who: person, onGone: rootGone };
  return {
    event: ({ id }, { last }) =>
      handleEvent(
        {
          db,
          admins: policy.workspace.channels.admins,
          log,
          metrics,
          handle: (e, p, l) => handleStored(notes, e, p, l),
          process,
        },
        id,
        last,
      ),
    flush: ({ lane }) => flush(delivery, lane),
    card: async ({ outboxId }) => {
      await updateCard({ ...delivery, db: notes, metrics }, outboxId);
      // Not in the action's transaction: this one job is shared, and actions on different releases would wait for each other.
      await addJob(notes, 'homes', {}, { key: 'homes', at: new Date(clock().getTime() + HOMES_AFTER_MS) });
      await refreshSheets(notes);
    },
    anew: ({ outboxId }) => showAnew(notes, outboxId),
    homes: (p) => publishHomes({ db, slack, policy, clock, who: person }, p.person),
    tick: ({ releaseId }) => tick(deps, releaseId),
    reconcile: (p) => reconcileThread(reading, p),
    found: (p) => judgeFound(reading, p),
    gates: ({ product }) => deps.gateNews(product),
    run: async ({ releaseId }) => {
      await beginRun(deps, specs, releaseId);
    },
    report: ({ runId }) => postReport(deps, runId),
    changes: ({ candidateId }) => loadChanges(deps, candidateId),
    regression: (p) => keepRegression(deps, p),
    coverage: ({ month }) => postCoverage(deps, month),
    reminders: async (p) => {
      await sendReminders({ ...deps, who: person }, p);
    },
    held: ({ at }) => sendHeldNow({ ...deps, who: person }, at),
    slots: (p) => runSlots(deps, p),
    daily: (p) => sayDaily(deps, p),
    weekly: (p) => sayWeekly(deps, p),
    seal: () => sealAll(db, clock),
  };
}
