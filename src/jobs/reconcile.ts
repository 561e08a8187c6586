// Compares a release's thread in Slack with the claims, when the claims are not behind.

import { eventsDue, liveCheckTs } from '../areas/releases/messages.ts';
import { type Difference, judge, type ReconcileDeps, reconcile } from '../areas/releases/reconcile.ts';
import { loadFacts } from '../areas/releases/store.ts';
import { addJob, type Jobs } from '../db/outbox.ts';

/** An event is seldom later than this behind what a read shows. */
const ON_ITS_WAY_MS = 1000;
const STAND_BACK_MS = 250;
/** After these many times a thread that never rests is read all the same. */
const PATIENCE = 20;

/**
 * Reads one release's thread. As long as stored events of it wait to be handled (after a restart there may be many) it stands back: they are the
 * truth about what was said and in which order; a read is a guess.
 * @throws SlackError from the read, and what the database throws: the queue tries again
 */
export async function reconcileThread(
  deps: Omit<ReconcileDeps, 'later'>,
  { releaseId, waited = 0 }: Jobs['reconcile'],
): Promise<void> {
  if (await mustWait(deps, releaseId, waited)) {
    const at = new Date(Date.now() + STAND_BACK_MS);
    return addJob(deps.db, 'reconcile', { releaseId, waited: waited + 1 }, { key: `reconcile:${releaseId}`, at });
  }
  await reconcile({ ...deps, later: (found) => judgeLater(deps, releaseId, found) }, releaseId);
}

/** Puts off the judgement of what a read found, so that events on their way come first. */
async function judgeLater(
  deps: Pick<ReconcileDeps, 'db' | 'clock'>,
  releaseId: number,
  found: Difference[],
): Promise<void> {
  const at = deps.clock();
  const due = new Date(at.getTime() + ON_ITS_WAY_MS);
  await addJob(deps.db, 'found', { releaseId, at: at.toISOString(), found }, { at: due });
}

/** Judges what a read found and nobody had heard of. */
export async function judgeFound(
  deps: Omit<ReconcileDeps, 'later'>,
  { releaseId, at, found, waited = 0 }: Jobs['found'],
): Promise<void> {
  if (await mustWait(deps, releaseId, waited)) {
    const again = new Date(Date.now() + STAND_BACK_MS);
    return addJob(deps.db, 'found', { releaseId, at, found, waited: waited + 1 }, { at: again });
  }
  await judge(deps, releaseId, new Date(at), found as Difference[]);
}

async function mustWait(deps: Pick<ReconcileDeps, 'db'>, releaseId: number, waited: number): Promise<boolean> {
  if (waited >= PATIENCE) return false;
  const rootTs = (await loadFacts(deps.db, releaseId))?.thread.rootTs;
  return rootTs ? eventsDue(deps.db, rootTs, await liveCheckTs(deps.db, releaseId)) : false;
}
