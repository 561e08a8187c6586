import { input, plainText, select, textInput } from '../../base/elements.ts';
import type { Policy } from '../../base/policy.ts';
import type { View } from '../../base/slack.ts';
import { REASON_MAX } from './rules.ts';

/** The value of the choice for all products: no key of a product has a star. */
export const ALL = '*';

/** The form that sets a freeze. Block ids: product, from, to, reason. @param known typed already; `from` is a day */
export function freezeForm(policy: Policy, known: { product?: string | null; reason?: string; today: string }): View {
  const products = policy.products.slice(0, 99).map((p) => [p.key, p.name] as const);
  const chosen = known.product ?? ALL;
  return {
    type: 'modal',
    callback_id: 'cadence_freeze',
    title: plainText('Freeze releases'),
    submit: plainText('Freeze'),
    close: plainText('Cancel'),
    blocks: [
      input('product', 'Whose releases?', select([[ALL, 'All products'], ...products], chosen)),
      input('from', 'From', { type: 'datepicker', initial_date: known.today }),
      input('to', 'To, the end of that day', { type: 'datepicker' }),
      input('reason', 'Why?', textInput(known.reason?.slice(0, REASON_MAX), { max_length: REASON_MAX }), {
        hint: 'Shown wherever somebody wants to ship. Emergencies still ship.',
      }),
    ],
  };
}
