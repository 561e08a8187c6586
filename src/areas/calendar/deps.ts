import { type Answer, tellRefusal } from '../../base/answer.ts';
import type { Clock } from '../../base/clock.ts';
import type { Policy, Regression } from '../../base/policy.ts';
import { localDay, localTime } from '../../base/zone.ts';
import type { Db } from '../../db/client.ts';

/** What every action of this area needs. No network in here: Slack is told through the outbox. */
export interface Deps {
  db: Db;
  policy: Policy;
  clock: Clock;
}

export const NO_CALENDAR: Answer = tellRefusal({
  code: 'no_calendar',
  reason: 'there is no regression calendar',
  next: 'An admin adds a `regression` section to the policy file (docs/regression.md).',
});

/** The policy's section. @throws when there is none: listeners answer NO_CALENDAR before */
export function sectionOf(policy: Policy): Regression {
  if (!policy.regression) throw new Error('the policy has no regression section');
  return policy.regression;
}

/** The local day of the team. */
export function todayOf(deps: Pick<Deps, 'policy'>, now: Date): string {
  return localDay(deps.policy.team.zone, now);
}

/** How late it is in the team's zone, in minutes after midnight. */
export function minuteOf(deps: Pick<Deps, 'policy'>, now: Date): number {
  const [hours, minutes] = localTime(deps.policy.team.zone, now).slice(11).split(':').map(Number) as [number, number];
  return hours * 60 + minutes;
}
