// The regression calendar's own morning, once per occurrence of its schedule.
import { keepCalendar } from '../areas/calendar/actions.ts';
import type { Deps } from '../areas/calendar/deps.ts';
import { SHIPSHAPE } from '../base/actor.ts';
import type { Cause } from '../db/act.ts';

/** @param on the schedule's occurrence: its day is the least that today is, whatever this machine's clock says */
export async function keepRegression(deps: Deps, on: { key: string; at: string }): Promise<void> {
  const due = new Date(on.at);
  const clock = () => new Date(Math.max(due.getTime(), deps.clock().getTime()));
  const cause: Cause = { key: `schedule:${on.key}`, source: 'schedule', actor: SHIPSHAPE.id, eventTime: due };
  await keepCalendar({ db: deps.db, policy: deps.policy, clock }, cause);
}
