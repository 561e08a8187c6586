import type { SlackCommandMiddlewareArgs } from '@slack/bolt';
import type { Block } from '../base/slack.ts';
import { type BotDeps, sorry } from './deps.ts';

/** What a command answers. `repeated`: another instance has answered it already. */
export type Reply = { text: string; blocks?: Block[]; outcome: string; repeated?: boolean };

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
