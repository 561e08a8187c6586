import { openSlotSubjects } from '../areas/cadence/store.ts';
import { drawRequest } from '../areas/funds/drawing.ts';
import { drawNote } from '../areas/notes/actions.ts';
import { draw as drawRelease } from '../areas/releases/cards.ts';
import { drawBug } from '../areas/triage/actions.ts';
import { drawProd } from '../areas/triage/prod-actions.ts';
import { linkedSubjects } from '../areas/triage/store.ts';
import { parseId } from '../base/ids.ts';
import type { Policy } from '../base/policy.ts';
import { timed } from '../base/steps.ts';
import type { Executor } from '../db/client.ts';
import type { Drawn } from './delivery.ts';
import { drawSlot } from './slot-card.ts';

/** What a card shows now, whichever area it belongs to; null when there is nothing to show. @param github whether GitHub is set up */
export async function draw(
  db: Executor,
  row: { role: 'card' | 'check'; subject: string },
  policy: Policy,
  now: Date,
  github = false,
): Promise<Drawn | null> {
  return timed('draw', undefined, () => drawn(db, row, policy, now, github));
}

async function drawn(
  db: Executor,
  row: { role: 'card' | 'check'; subject: string },
  policy: Policy,
  now: Date,
  github: boolean,
): Promise<Drawn | null> {
  const about = parseId(row.subject);
  switch (about?.prefix) {
    case 'REL':
      return drawRelease(db, { role: row.role, releaseId: about.id }, policy, now);
    case 'BUG':
      return drawBug(db, about.id, policy, github);
    case 'PI':
      return drawProd(db, about.id, policy, now);
    case 'SLOT':
      return drawSlot(db, about.id, policy, now);
    case 'FR':
      return drawRequest(db, about.id, policy, now);
    case 'NOTE':
      return drawNote(db, about.id, policy, now);
    default:
      throw new Error(`nobody draws ${row.subject}`);
  }
}

/** The cards that link to a thread of this one's, and so change once it is posted: a blocker's releases, a release's blockers and slot. */
export async function linkedCards(db: Executor, subject: string): Promise<string[]> {
  const about = parseId(subject);
  if (about?.prefix === 'BUG') return linkedSubjects(db, about);
  return about?.prefix === 'REL' ? [...(await linkedSubjects(db, about)), ...(await openSlotSubjects(db))] : [];
}
