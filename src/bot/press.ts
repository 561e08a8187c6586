import type { AllMiddlewareArgs, BlockAction, SlackActionMiddlewareArgs } from '@slack/bolt';
import type { Answer } from '../base/answer.ts';
import { modal, section } from '../base/elements.ts';
import type { Cause } from '../db/act.ts';
import { type BotDeps, sorry } from './deps.ts';

/** One press of a button, or of a menu's choice. */
export interface Press {
  deps: BotDeps;
  body: BlockAction;
  action: BlockAction['actions'][number];
  /** What it was drawn for; of a menu, the chosen one. Empty where there is none. */
  value: string;
  /** The click, as the cause of what it does. */
  cause: Cause;
}

/**
 * A listener of buttons: acknowledged at once, then `pressed` acts, and what it returns is told privately. What it throws becomes an apology.
 * @param pressed returns what to tell the person; null when nothing (a form opened, or another instance answers)
 */
export function pressListener(deps: BotDeps, pressed: (press: Press) => Promise<string | null>) {
  return async ({
    ack,
    body,
    action,
    respond,
  }: SlackActionMiddlewareArgs<BlockAction> & AllMiddlewareArgs): Promise<void> => {
    await ack();
    const key = `action:${'action_ts' in action ? action.action_ts : ''}:${body.user.id}:${action.action_id}`;
    const cause: Cause = { key, source: 'button', actor: body.user.id, eventTime: deps.clock() };
    const text = await pressed({ deps, body, action, value: valueIn(action), cause }).catch((err) => sorry(deps, err));
    if (text === null) return;
    const said = async () => {
      if (body.response_url) await respond({ response_type: 'ephemeral', replace_original: false, text });
      // A button in a modal has no message to answer beside; one in the App Home neither: what changed shows there by itself.
      else if (body.view && body.view.type !== 'home')
        await deps.slack.pushView(body.trigger_id, modal('said', 'Shipshape', null, [section(text)]));
    };
    // An answer that does not arrive undoes nothing: it is no reason to say that the act failed.
    await said().catch((err: unknown) => deps.log.warn({ err }, 'an answer to a button could not be shown'));
  };
}

function valueIn(action: Press['action']): string {
  const value =
    'value' in action ? action.value : 'selected_option' in action ? action.selected_option?.value : undefined;
  return typeof value === 'string' ? value : '';
}

/** What a button means: `bug_fixed` with `7:102` is `fixed` of `7:102`; in the menu `bug_more`, `assign:7` is `assign` of `7`. @param mark between a menu's two */
export function nameOfPress(actionId: string, value: string, mark = ':'): { name: string; of: string } {
  const [, area = '', name = ''] = /^([a-z]+)_(.*)$/.exec(actionId) ?? [];
  if (actionId !== `${area}_more`) return { name, of: value };
  const [head = '', ...tail] = value.split(mark);
  return { name: head, of: tail.join(mark) };
}

/** `7:102` as numbers, as far as they are ids; undefined for what is none. */
export function idsOf(of: string): (number | undefined)[] {
  return of.split(':').map((text) => (/^[1-9]\d{0,14}$/.test(text) ? Number(text) : undefined));
}

/** Counts what a press came to. @returns what to tell the person; null when another instance answers */
export function cameTo(
  deps: BotDeps,
  subcommand: string,
  { answer, repeated }: { answer: Answer; repeated: boolean },
): string | null {
  deps.metrics.commands.inc({ command: 'button', subcommand, outcome: answer.outcome });
  return repeated ? null : answer.text;
}
