import { input, modal, section, textInput } from '../../base/elements.ts';
import { showId } from '../../base/ids.ts';
import { showMoney } from '../../base/money.ts';
import { escapeText, truncate } from '../../base/mrkdwn.ts';
import type { Funds } from '../../base/policy.ts';
import type { Block, View } from '../../base/slack.ts';
import { maybeOut, moneyOn, requestLine, typedAmount } from './blocks.ts';
import { asset, type Choice, chain, DIGITS, long, release, text, WHEN, wallet } from './form-elements.ts';
import { sentFrom, walletsOf } from './rules.ts';
import { LINK_MAX, REASON_MAX } from './typed.ts';
import type { Faults, FundRequest, RequestFacts } from './types.ts';

/** What is known when the form for a request opens. `amount` and `asset` as typed. */
export interface RequestContext {
  releases: readonly Choice[];
  initial: { amount?: string; asset?: string; chain?: string; releaseId?: number; reason?: string };
}

/** `/funds request` (R18). */
export function requestForm(funds: Funds, p: RequestContext): View {
  return modal('funds_request', 'Request test funds', 'Ask for it', [
    text('amount', 'Amount', p.initial.amount, { hint: DIGITS }),
    asset(funds, p.initial.asset),
    ...chain(funds, p.initial.chain),
    text('address', 'To which address', undefined, {
      optional: true,
      hint: 'Not needed for what is on no chain, such as USD',
    }),
    long('reason', 'What is it for?', REASON_MAX, p.initial.reason),
    input('link', 'Link', textInput(undefined, { max_length: LINK_MAX }), {
      optional: true,
      hint: 'A ticket or a test plan',
    }),
    input('neededBy', 'Needed by', { type: 'datepicker' }, { optional: true }),
    ...release(p.releases, p.initial.releaseId),
  ]);
}

export const FUNDS_ASKS = ['sent', 'return', 'deny', 'settle'] as const;
/** What a form asks about a request. */
export type FundsAsk = (typeof FUNDS_ASKS)[number];

const ASKS: Record<FundsAsk, { title: string; submit: string }> = {
  sent: { title: 'It was sent', submit: 'Record it' },
  return: { title: 'Return funds', submit: 'Record it' },
  deny: { title: 'Deny the request', submit: 'Deny it' },
  settle: { title: 'Settle the request', submit: 'Settle it' },
};

/** What was typed with the command already. */
export interface Typed {
  amount?: string | undefined;
  hash?: string | undefined;
  fee?: string | undefined;
  reason?: string | undefined;
}

/** A form about a request, which travels in its private_metadata; the callback id is `funds_ask_<what>`. */
export function askFundsForm(what: FundsAsk, f: RequestFacts, funds: Funds, typed: Typed = {}): View {
  const { title, submit } = ASKS[what];
  const r = f.request;
  const about = `${showId('FR', r.id)}: *${moneyOn(r, funds)}* — ${escapeText(truncate(r.reason, 300))}\n${[requestLine(f, funds), maybeOut(f)].filter(Boolean).join('\n')}`;
  return modal(`funds_ask_${what}`, title, submit, [section(about), ...questions(what, f, funds, typed)], {
    requestId: r.id,
  });
}

function questions(what: FundsAsk, f: RequestFacts, funds: Funds, typed: Typed): Block[] {
  const r = f.request;
  switch (what) {
    case 'sent':
      return [
        text('amount', 'Amount', typed.amount ?? typedAmount(r.amount, r.asset, funds), {
          hint: `What really went out, in ${r.asset}`,
        }),
        ...transaction(r, funds, typed),
        ...wallet('from', 'From which wallet', walletsOf(r.chain, funds)),
        WHEN,
      ];
    case 'return': {
      const hint = `In ${r.asset}; outstanding: ${showMoney(f.outstanding, r.asset, funds.assets)}. Empty: all of it.`;
      return [
        text('amount', 'Amount', typed.amount, { optional: true, hint }),
        ...transaction(r, funds, typed),
        ...wallet('to', 'To which wallet', walletsOf(r.chain, funds), sentFrom(f)),
        WHEN,
      ];
    }
    case 'deny':
      return [long('reason', 'Why not?', REASON_MAX, typed.reason)];
    case 'settle':
      return [
        long('reason', 'Why is it closed?', REASON_MAX, typed.reason, {
          hint: `${showMoney(f.outstanding, r.asset, funds.assets)} outstanding is written off.`,
        }),
      ];
  }
}

function transaction(r: FundRequest, funds: Funds, typed: Typed): Block[] {
  const on = funds.chains.find((c) => c.key === r.chain);
  const feeIn = on ? `In ${on.feeAsset}` : `In ${r.asset}`;
  const label = on ? 'Transaction hash' : 'Reference';
  return [
    text('hash', label, typed.hash, { optional: !on, ...(on && { hint: 'Or its page in a block explorer' }) }),
    text('fee', 'Fee', typed.fee, { optional: true, hint: feeIn }),
  ];
}

/** A treasurer's correction of a transaction: recorded again, the other way round. @param about mrkdwn */
export function reverseForm(txId: number, about: string): View {
  return modal(
    'funds_reverse',
    'Reverse',
    'Reverse it',
    [
      section(truncate(about, 3000)),
      long('reason', 'Why?', REASON_MAX, undefined, { hint: 'The transaction stays on record, with its opposite.' }),
    ],
    { txId },
  );
}

/**
 * Faults as Slack wants them: by the blocks the form has. What belongs to a field it lacks is shown at its first one.
 * @param text what is wrong as a whole, where no field is named
 */
export function faultsAt(blocks: readonly Block[], faults: Faults | undefined, text: string): Record<string, string> {
  const ids = blocks.flatMap((b) => (b.type === 'input' && b.block_id ? [b.block_id] : []));
  const first = ids[0] ?? 'amount';
  const found = Object.entries(faults ?? {});
  if (!found.length) return { [first]: text };
  const errors: Record<string, string> = {};
  for (const [field, said] of found) {
    const at = ids.includes(field) ? field : first;
    errors[at] = errors[at] ? `${errors[at]} ${said}` : said;
  }
  return errors;
}
