import { context, modal, plainText, section } from '../../base/elements.ts';
import { truncate } from '../../base/mrkdwn.ts';
import type { Funds } from '../../base/policy.ts';
import type { View } from '../../base/slack.ts';
import { asset, type Choice, chain, choice, DIGITS, end, long, OUTSIDE, release, text, WHEN } from './form-elements.ts';
import { REASON_MAX, WHAT_MAX } from './typed.ts';

/** What is known when the form for a test transaction opens. */
export interface SpendContext {
  releases: readonly Choice[];
  /** Test cases of these releases' runs. */
  cases: readonly { releaseId: number; caseId: string; name: string }[];
  /** Requests of this person that were sent. */
  requests: readonly Choice[];
  initial: SpendInitial;
  /** What was to be filled in and is not there any more, as sentences. */
  gone?: readonly string[];
}

export interface SpendInitial {
  /** The how manieth form in the same view, from 1 on; absent: the first. */
  nth?: number;
  amount?: string;
  asset?: string;
  chain?: string;
  /** Null: it was left empty, and stays so. The same below. */
  releaseId?: number | null;
  testCase?: string | null;
  requestId?: number | null;
  what?: string;
}

/** `/funds spend` and the release card's button: one test transaction (R19), filled in from what is known. */
export function spendForm(funds: Funds, p: SpendContext): View {
  const { initial } = p;
  const cases = p.cases.map((c) => [`${c.releaseId}:${c.caseId}`, c.name] as const);
  const first = initial.testCase ? `${initial.releaseId}:${initial.testCase}` : undefined;
  const blocks = [
    ...(p.gone?.length ? [context(p.gone.join('\n'))] : []),
    text('amount', 'Amount', initial.amount, { optional: true, hint: `${DIGITS}. Empty: it cost its fee only.` }),
    asset(funds, initial.asset),
    ...chain(funds, initial.chain),
    text('hash', 'Transaction hash', undefined, { optional: true, hint: 'Or its page in a block explorer' }),
    text('fee', 'Fee', undefined, { optional: true, hint: 'In the chain’s own asset, such as 0.00042' }),
    text('gasPrice', 'Gas price', undefined, { optional: true, hint: 'gwei, or sat/vB' }),
    text('usd', 'Worth in USD', undefined, { optional: true, hint: 'If you know it' }),
    long('what', 'What did you test?', WHAT_MAX, initial.what),
    ...release(p.releases, initial.releaseId ?? undefined),
    ...choice('testCase', 'Test case', cases, first),
    ...choice(
      'request',
      'From which request',
      p.requests.map((r) => [`${r.id}`, r.name] as const),
      `${initial.requestId}`,
    ),
    WHEN,
  ];
  return modal('funds_spend', 'Test transaction', 'Record it', blocks, initial.nth ? { nth: initial.nth } : {});
}

/** Shown in place of the form once a test transaction is recorded. Its button opens the next one, filled in the same. @param said mrkdwn */
export function recordedView(said: string, again: SpendInitial): View {
  const { amount: _, what, ...same } = again;
  const next = { ...same, what: what?.slice(0, WHAT_MAX) };
  const view = modal('funds_again', 'Recorded', 'Another one', [section(truncate(said, 3000))], next);
  return { ...view, close: plainText('Done') };
}

/** `/funds deposit`: money into custody, out of it, or between wallets. */
export function depositForm(funds: Funds, initial: { amount?: string; asset?: string }): View {
  return modal('funds_deposit', 'Deposit or transfer', 'Record it', [
    text('amount', 'Amount', initial.amount, { hint: DIGITS }),
    asset(funds, initial.asset),
    ...chain(funds, undefined),
    ...end('from', 'From', funds, OUTSIDE),
    ...end('to', 'To', funds, funds.accounts[0]?.key ?? OUTSIDE),
    text('hash', 'Transaction hash', undefined, { optional: true }),
    text('fee', 'Fee', undefined, { optional: true, hint: 'In the chain’s own asset' }),
    long('note', 'What is it?', REASON_MAX),
    WHEN,
  ]);
}
