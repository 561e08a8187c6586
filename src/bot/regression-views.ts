// Views of the regression calendar that buttons and words both open.

import { type Case, swapForm } from '../areas/calendar/forms.ts';
import { assignmentsBetween } from '../areas/calendar/store.ts';
import type { Assignment } from '../areas/calendar/types.ts';
import { bugForm } from '../areas/triage/forms.ts';
import type { Actor } from '../base/actor.ts';
import { type Answer, tellRefusal } from '../base/answer.ts';
import { showId } from '../base/ids.ts';
import type { View } from '../base/slack.ts';
import type { BotDeps } from './deps.ts';

/** The cases of the test spec for an assignment's area: of its wallet or of any, and its feature, however they are written. */
export function casesFor(deps: BotDeps, a: Assignment): Case[] {
  const same = (x: string, y: string) => x.trim().toLowerCase() === y.trim().toLowerCase();
  const all = deps.specs?.get(deps.policy.regression?.product ?? '')?.cases ?? [];
  return all.filter(
    (c) => same(c.area.feature, a.feature) && (same(c.area.wallet, a.wallet) || same(c.area.wallet, 'any')),
  );
}

/** The bug form, filled in from a test that failed: its area, and the steps of its cases. */
export function bugFormOfFailed(deps: BotDeps, a: Assignment): View {
  const [only, ...more] = casesFor(deps, a);
  const steps =
    only && !more.length ? [...only.steps.map((s, i) => `${i + 1}. ${s}`), `Expected: ${only.expected}`] : [];
  return bugForm(deps.policy, {
    product: deps.policy.regression?.product ?? '',
    title: `${a.feature} with ${a.wallet} (regression ${showId('RA', a.id)})`,
    steps: [...steps, `Instead: ${a.note ?? ''}`].join('\n'),
    foundIn: 'production',
    wallet: a.wallet,
    feature: a.feature,
  });
}

/** The form that asks what to swap for what: among what is still to be done. @param chosen of one's own */
export async function swapFormFor(
  deps: BotDeps,
  actor: Actor,
  today: string,
  chosen?: number,
): Promise<{ view: View } | { refusal: Answer }> {
  const open = (await assignmentsBetween(deps.db, today, '9999-12-31')).filter((a) => a.state === 'planned');
  const mine = open.filter((a) => a.tester === actor.id);
  const others = open.filter((a) => a.tester !== actor.id);
  const none = mine.length ? 'nobody else has a test' : 'you have no test';
  if (!mine.length || !others.length)
    return {
      refusal: tellRefusal({ code: 'none', reason: `${none} that could be swapped`, next: 'See `/regression month`.' }),
    };
  return { view: swapForm(mine, others, mine.some((a) => a.id === chosen) ? chosen : undefined) };
}
