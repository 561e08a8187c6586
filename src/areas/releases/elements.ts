import { button as anyButton, overflow } from '../../base/elements.ts';
import { pushOf } from './facts.ts';
import type { Facts } from './types.ts';

/** A button of this area. `value` says what it was drawn for: `<release>` or `<release>:<candidate or hold>`; `confirm` asks before it acts. */
export function button(
  action: string,
  label: string,
  value: string,
  more: { style?: 'primary' | 'danger'; confirm?: string } = {},
) {
  return anyButton(`release_${action}`, label, value, more);
}

/** The value of a button about a push: `<release>:<candidate>:<when it began, in ms>` (R3). */
export function ofPush(f: Facts): string {
  const { candidateId, push } = pushOf(f);
  return [f.release.id, candidateId, ...(push === undefined ? [] : [push])].join(':');
}

/** The menu behind the dots: acts needed less often; `false` is left out. Values are `<act>:<release>`. */
export function menu(releaseId: number, items: readonly (readonly [act: string, label: string] | false)[]) {
  const shown = items.filter((item) => item !== false);
  return overflow(
    'release_more',
    shown.map(([act, label]) => [`${act}:${releaseId}`, label] as const),
  );
}
