// Block Kit's pieces. Texts of sections, fields and context lines are mrkdwn: typed words must be escaped already.
import { mrkdwn, truncate } from './mrkdwn.ts';
import type { Block, View } from './slack.ts';

type Style = 'primary' | 'danger';

export const plainText = (text: string) => ({ type: 'plain_text', text, emoji: true });

/** A button. `confirm` asks before it acts. @param value at most 2000 characters, says what it was drawn for */
export function button(
  actionId: string,
  label: string,
  value: string,
  more: { style?: Style; confirm?: string; url?: string } = {},
) {
  return {
    type: 'button',
    action_id: actionId,
    text: plainText(label),
    value,
    ...(more.style && { style: more.style }),
    ...(more.url && { url: more.url }),
    ...(more.confirm && {
      confirm: {
        title: plainText('Are you sure?'),
        text: mrkdwn(more.confirm),
        confirm: plainText(label),
        deny: plainText('No'),
      },
    }),
  };
}

/** The menu behind the dots, for acts needed less often: at most five. */
export function overflow(actionId: string, items: readonly (readonly [value: string, label: string])[]) {
  return {
    type: 'overflow',
    action_id: actionId,
    options: items.map(([value, label]) => ({ text: plainText(label), value })),
  };
}

/** Plain text of at most 150 characters. */
export function header(text: string): Block {
  return { type: 'header', text: plainText(text.length > 150 ? `${text.slice(0, 149)}…` : text) };
}

/** Cut at 3000 characters: Slack refuses the whole message for one longer text. */
export function section(text: string, more: Record<string, unknown> = {}): Block {
  return { type: 'section', text: mrkdwn(truncate(text, 3000)), ...more };
}

/** Two columns; at most 10 fields, each cut at 2000 characters (some forty signers). */
export function fields(texts: readonly string[]): Block {
  return { type: 'section', fields: texts.map((text) => mrkdwn(truncate(text, 2000))) };
}

/** A small grey line, cut at 2000 characters. */
export function context(text: string): Block {
  return { type: 'context', elements: [mrkdwn(truncate(text, 2000))] };
}

/** At most 25 elements. */
export function actions(elements: readonly object[]): Block {
  return { type: 'actions', elements };
}

/** One question of a form; its block id is the name its answer, and its fault, is found under. */
export function input(
  id: string,
  label: string,
  element: Record<string, unknown>,
  more: { optional?: boolean; hint?: string } = {},
): Block {
  return {
    type: 'input',
    block_id: id,
    label: plainText(label),
    optional: more.optional ?? false,
    element: { action_id: id, ...element },
    ...(more.hint && { hint: plainText(more.hint) }),
  };
}

/** A field to type in. @param initial what stands in it already @param more such as `multiline` or `max_length` */
export function textInput(initial: string | undefined, more: Record<string, unknown> = {}) {
  return { type: 'plain_text_input', ...(initial && { initial_value: initial }), ...more };
}

/** @param choices at most 100, the label cut to 75 characters; `initial` is one of the values */
export function select(choices: readonly (readonly [value: string, label: string])[], initial?: string) {
  const options = choices.map(([value, label]) => ({ text: plainText(label.slice(0, 75)), value }));
  const chosen = options.find((o) => o.value === initial);
  return { type: 'static_select', options, ...(chosen && { initial_option: chosen }) };
}

/** A modal. @param submit the label that sends it; null where there is nothing to send @param about comes back with what was filled in */
export function modal(
  callbackId: string,
  title: string,
  submit: string | null,
  blocks: Block[],
  about: object = {},
): View {
  return {
    type: 'modal',
    callback_id: callbackId,
    private_metadata: JSON.stringify(about),
    title: plainText(title),
    ...(submit !== null && { submit: plainText(submit) }),
    close: plainText(submit === null ? 'Close' : 'Cancel'),
    blocks,
  };
}
