import { caseChoices, lastSpend, releaseChoices } from '../areas/funds/context-store.ts';
import { requestForm } from '../areas/funds/forms.ts';
import { type SpendInitial, spendForm } from '../areas/funds/spend-forms.ts';
import { listRequests } from '../areas/funds/store.ts';
import { showId } from '../base/ids.ts';
import { showMoney } from '../base/money.ts';
import { fundsOf } from '../base/policy.ts';
import type { View } from '../base/slack.ts';
import type { BotDeps } from './deps.ts';

/** The form for a request, with the releases it can be for. @param typed what came with the command */
export async function requestView(
  deps: BotDeps,
  person: string,
  typed: { amount?: string; asset?: string; reason?: string },
): Promise<View> {
  const releases = await releaseChoices(deps.db, person, undefined);
  const here = releases.filter((r) => r.here);
  const [one, ...more] = here.length ? here : releases;
  const releaseId = one && !more.length ? one.id : undefined;
  return requestForm(fundsOf(deps.policy), { releases, initial: { ...typed, ...(releaseId && { releaseId }) } });
}

/**
 * The form for a test transaction, filled in from context (R19): the release whose button was pressed, else the one this person tests, the only one that
 * is open, or their last one's; the test case they are on; the request they spend from; asset and chain of that, or of their last one.
 * @param known what was said already
 */
export async function spendView(deps: BotDeps, person: string, known: SpendInitial): Promise<View> {
  const { db } = deps;
  const funds = fundsOf(deps.policy);
  const [releases, last, open] = [
    await releaseChoices(db, person, known.releaseId),
    await lastSpend(db, person),
    await listRequests(db, { person, open: true }),
  ];
  const here = releases.filter((r) => r.here);
  const [one] = releases.length === 1 ? releases : here.length === 1 ? here : [];
  const releaseId = known.releaseId ?? one?.id ?? releases.find((r) => r.id === last?.releaseId)?.id;
  const ids = releases.map((r) => r.id);
  const cases = await caseChoices(db, person, ids, releaseId);
  const testCase = known.testCase ?? cases.find((c) => c.mine && c.releaseId === releaseId)?.caseId;
  const sent = open.filter((r) => r.request.state === 'sent');
  const asked = sent.find((r) => r.request.id === known.requestId) ?? (known.asset ? undefined : sent[0]);
  const asset = known.asset ?? asked?.request.asset ?? last?.asset;
  const from = asked ?? sent.find((r) => r.request.asset === asset);
  const chains = funds.chains.filter((c) => c.assets.includes(asset ?? '')).map((c) => c.key);
  const chain = [known.chain, from?.request.chain, last?.chain, chains[0]].find((c) => c && chains.includes(c));
  return spendForm(funds, {
    releases,
    cases,
    requests: sent.map((r) => ({
      id: r.request.id,
      name: `${showId('FR', r.request.id)} · ${showMoney(r.outstanding, r.request.asset, funds.assets)} left`,
    })),
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
