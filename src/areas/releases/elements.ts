import { mrkdwn, truncate } from '../../base/mrkdwn.ts';
import type { Block } from '../../base/slack.ts';

type Style = 'primary' | 'danger';

/** A button. `value` says what it was drawn for: `<release>` or `<release>:<candidate or hold>`; `confirm` asks before it acts. */
export function button(
  action: string,
  label: string,
  value: string,
  options: { style?: Style; confirm?: string } = {},
) {
  return {
    type: 'button',
    action_id: `release_${action}`,
    text: { type: 'plain_text', text: label, emoji: true },
    value,
    ...(options.style && { style: options.style }),
    ...(options.confirm && {
      confirm: {
        title: { type: 'plain_text', text: 'Are you sure?' },
        text: mrkdwn(options.confirm),
        confirm: { type: 'plain_text', text: label },
        deny: { type: 'plain_text', text: 'No' },
      },
    }),
  };
}

/** The menu behind the dots: acts needed less often. Values are `<act>:<release>`. */
export function menu(releaseId: number, items: readonly (readonly [act: string, label: string])[]) {
  return {
    type: 'overflow',
    action_id: 'release_more',
    options: items.map(([act, label]) => ({
      text: { type: 'plain_text', text: label, emoji: true },
      value: `${act}:${releaseId}`,
    })),
  };
}

/** A header: plain text of at most 150 characters. */
export function header(text: string): Block {
  return { type: 'header', text: { type: 'plain_text', text: text.slice(0, 150), emoji: true } };
}

/** A section of mrkdwn; the text must be escaped. Slack refuses the whole message for one text over 3000 characters, so it is cut there. */
export function section(text: string, more: Record<string, unknown> = {}): Block {
  return { type: 'section', text: mrkdwn(truncate(text, 3000)), ...more };
}

/** Two columns of mrkdwn; at most 10 fields, each cut at 2000 characters (some forty signers). */
export function fields(texts: string[]): Block {
  return { type: 'section', fields: texts.map((text) => mrkdwn(truncate(text, 2000))) };
}

/** A small grey line, cut at 2000 characters. */
export function context(text: string): Block {
  return { type: 'context', elements: [mrkdwn(truncate(text, 2000))] };
}

export function actions(elements: object[]): Block {
  return { type: 'actions', elements };
}
