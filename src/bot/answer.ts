import type { SlackCommandMiddlewareArgs } from '@slack/bolt';
import { type Answer, tellRefusal } from '../base/answer.ts';
import { escapeText } from '../base/mrkdwn.ts';
import type { Block } from '../base/slack.ts';
import type { Cause } from '../db/act.ts';
import { type BotDeps, sorry } from './deps.ts';

/** What a command answers. `repeated`: another instance has answered it already. */
export type Reply = { text: string; blocks?: Block[]; outcome: string; repeated?: boolean };

/** Who typed a command, and what opens a form for them. */
export interface Typed {
  user_id: string;
  trigger_id: string;
}

/** A plain answer. */
export function said(text: string): Reply {
  return { outcome: 'accepted', text };
}

/** When a form opened to ask what the words left out. */
export const FILL_IN = said('Fill in the form.');

/** The answer of an action, or of what asks first. */
export function replyOf({ text, outcome }: Answer, repeated = false): Reply {
  return { text, outcome, repeated };
}

/** What an action came to, as a reply. */
export function replyTo({ answer, repeated }: { answer: Answer; repeated: boolean }): Reply {
  return replyOf(answer, repeated);
}

/** A refusal of the words themselves: what was wrong, what to do. */
export function no(code: string, reason: string, next: string): Reply {
  return replyOf(tellRefusal({ code, reason, next }));
}

/** What was typed beyond what there is a place for. @param form the right form, as it is typed */
export function notUnderstood(words: readonly string[], form: string): Reply {
  return no('words', `I do not understand \`${escapeText(words.join(' ').slice(0, 100))}\``, `The form is ${form}.`);
}

/** A typed command as the cause of what it does. Its trigger is new each time. */
export function causeOfCommand(deps: BotDeps, { trigger_id, user_id }: Typed): Cause {
  return { key: `command:${trigger_id}`, source: 'command', actor: user_id, eventTime: deps.clock() };
}

/** Slack shows an error after 3 s without an answer. */
const PATIENCE_MS = 2500;

/**
 * Answers a command privately when `running` is done; when that takes long it says so first and answers later. What it throws becomes an apology.
 * @returns the outcome, for the metrics
 */
export async function answerInTime(
  deps: BotDeps,
  to: Pick<SlackCommandMiddlewareArgs, 'ack' | 'respond'>,
  running: Promise<Reply>,
): Promise<string> {
  const work = running.catch((err): Reply => ({ text: sorry(deps, err), outcome: 'failed' }));
  const slow = new Promise<null>((done) => setTimeout(done, PATIENCE_MS, null).unref());
  const first = await Promise.race([work, slow]);
  if (first) await to.ack(ephemeral(first));
  else {
    await to.ack({ response_type: 'ephemeral', text: 'Working on it; the answer follows here.' });
    const reply = await work;
    if (!reply.repeated) await to.respond(ephemeral(reply));
  }
  return (await work).outcome;
}

function ephemeral({ text, blocks }: Reply) {
  return { response_type: 'ephemeral' as const, text, ...(blocks?.length && { blocks: blocks as never }) };
}
