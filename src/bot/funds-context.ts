import { caseChoices, lastSpend, releaseChoices } from '../areas/funds/context-store.ts';
import { requestForm } from '../areas/funds/forms.ts';
import { type SpendInitial, spendForm } from '../areas/funds/spend-forms.ts';
import { listRequests } from '../areas/funds/store.ts';
import { showId } from '../base/ids.ts';
import { showMoney } from '../base/money.ts';
import { escapeText } from '../base/mrkdwn.ts';
import { fundsOf } from '../base/policy.ts';
import type { View } from '../base/slack.ts';
import type { BotDeps } from './deps.ts';

/** The form for a request, with the releases it can be for. @param typed what came with the command */
export async function requestView(
  deps: BotDeps,
  person: string,
  typed: { amount?: string; asset?: string; reason?: string },
): Promise<View> {
  const releases = (await releaseChoices(deps.db, person, undefined)).filter((r) => r.open);
  const here = releases.filter((r) => r.here);
  const [one, ...more] = here.length ? here : releases;
  const releaseId = one && !more.length ? one.id : undefined;
  return requestForm(fundsOf(deps.policy), { releases, initial: { ...typed, ...(releaseId && { releaseId }) } });
}

/**
 * The form for a test transaction, filled in from context (R19): the release whose button was pressed, else the one this person tests, the only one that
 * is open, or their last one's; the test case they are on; the request they spend from; asset and chain of that, or of their last one. One that has ended
 * can be chosen, and never is.
 * @param known what was said already; what was left empty, or is gone, stays empty
 */
export async function spendView(deps: BotDeps, person: string, known: SpendInitial): Promise<View> {
  const { db } = deps;
  const funds = fundsOf(deps.policy);
  const [releases, last, open] = [
    await releaseChoices(db, person, known.releaseId ?? undefined),
    await lastSpend(db, person),
    await listRequests(db, { person, open: true }),
  ];
  const live = releases.filter((r) => r.open);
  const here = live.filter((r) => r.here);
  const [one] = live.length === 1 ? live : here.length === 1 ? here : [];
  const guess = one ?? live.find((r) => r.id === last?.releaseId);
  const releaseId = known.releaseId === undefined ? guess?.id : (known.releaseId ?? undefined);
  const ids = releases.map((r) => r.id);
  const cases = await caseChoices(db, person, ids, releaseId);
  const its = cases.filter((c) => c.releaseId === releaseId);
  const testCase = its.find((c) => (known.testCase === undefined ? c.mine : c.caseId === known.testCase))?.caseId;
  const sent = open.filter((r) => r.request.state === 'sent');
  // R18: what was said is kept to: money is taken from no other request, and from none where it was to be from none.
  const free = known.requestId === undefined;
  const named = sent.find((r) => r.request.id === known.requestId);
  const asset = known.asset ?? (free ? sent[0] : named)?.request.asset ?? last?.asset;
  const from = free ? sent.find((r) => r.request.asset === asset) : named;
  const chains = funds.chains.filter((c) => c.assets.includes(asset ?? '')).map((c) => c.key);
  const chain = [known.chain, from?.request.chain, last?.chain, chains[0]].find((c) => c && chains.includes(c));
  return spendForm(funds, {
    releases,
    cases,
    requests: sent.map((r) => ({
      id: r.request.id,
      name: `${showId('FR', r.request.id)} · ${showMoney(r.outstanding, r.request.asset, funds.assets)} left`,
    })),
    gone: goneFrom(known, { testCase, requestId: from?.request.id }),
    initial: {
      ...(known.nth && { nth: known.nth }),
      ...(known.amount && { amount: known.amount }),
      ...(known.what && { what: known.what }),
      ...(asset && { asset }),
      ...(chain && { chain }),
      ...(releaseId && { releaseId }),
      ...(testCase && { testCase }),
      ...(from && { requestId: from.request.id }),
    },
  });
}

/** What was said and is not there any more: it stays empty. */
function goneFrom(
  known: SpendInitial,
  found: { testCase: string | undefined; requestId: number | undefined },
): string[] {
  const request = known.requestId ? showId('FR', known.requestId) : '';
  return [
    ...(request && !found.requestId
      ? [`${request} has nothing left, or is not yours: choose another request, or none.`]
      : []),
    ...(known.testCase && !found.testCase
      ? [`\`${escapeText(known.testCase)}\` is not among the test cases any more: choose another, or none.`]
      : []),
  ];
}
