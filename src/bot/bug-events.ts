import type { AllMiddlewareArgs, MessageShortcut, SlackShortcutMiddlewareArgs } from '@slack/bolt';
import { current } from '../areas/releases/facts.ts';
import { releaseOfMessage, releaseOfThread } from '../areas/releases/messages.ts';
import { loadFacts } from '../areas/releases/store.ts';
import { bugForm, type Prefill } from '../areas/triage/forms.ts';
import { offerForm } from '../areas/triage/open.ts';
import { plain } from '../base/mrkdwn.ts';
import { type BotDeps, who } from './deps.ts';

/** A trigger opens a form for 3 s; what could not be read by then is left out of it. */
const READ_MS = 1200;

async function inTime<T>(work: Promise<T>): Promise<T | null> {
  const late = new Promise<null>((done) => setTimeout(done, READ_MS, null).unref());
  return Promise.race([work.catch(() => null), late]);
}

/** What is known of a bug from where it is reported: a release's card, or a message (its text, its link, and the release its thread is about). */
export async function prefillFrom(
  deps: BotDeps,
  from: { releaseId: number; candidateId?: number } | { channel: string; ts: string; text?: string; threadTs?: string },
): Promise<Prefill> {
  if ('releaseId' in from) return ofRelease(deps, from.releaseId, from.candidateId);
  const { channel, ts } = from;
  const known = from.text === undefined ? null : { text: from.text, threadTs: from.threadTs };
  const given = known ? Promise.resolve(known) : deps.slack.message(channel, ts);
  const [message, link] = await Promise.all([inTime(given), inTime(deps.slack.permalink(channel, ts))]);
  const root = message?.threadTs;
  const on = root
    ? await releaseOfThread(deps.db, channel, root)
    : (await releaseOfMessage(deps.db, channel, ts))?.releaseId;
  const steps = plain(message?.text ?? '').trim();
  const [title] = steps.split('\n');
  return {
    ...(on !== undefined && (await ofRelease(deps, on))),
    ...(link && { link }),
    ...(steps && { steps, title: title?.trim() }),
  };
}

async function ofRelease(deps: BotDeps, releaseId: number, drawnFor?: number): Promise<Prefill> {
  const f = await loadFacts(deps.db, releaseId);
  if (!f) return {};
  const live = ['verifying', 'done', 'rolled_back'].includes(f.release.state);
  const candidateId = drawnFor ?? current(f).id;
  return { product: f.release.product, releaseId, candidateId, foundIn: live ? 'production' : 'candidate' };
}

/** Somebody put :bug: on a message: they are offered the form, privately. Taking it away changes nothing. */
export async function bugReacted(deps: BotDeps, channel: string, ts: string, user: string): Promise<void> {
  const actor = await who(deps, user);
  if (actor.standing !== 'member') return;
  const url = await inTime(deps.slack.permalink(channel, ts));
  const { repeated } = await offerForm(deps, user, { channel, ts, url });
  deps.metrics.commands.inc({ command: 'reaction', subcommand: 'bug', outcome: repeated ? 'already' : 'asked' });
}

/** The message shortcut "Report as a bug". */
export function reportShortcut(deps: BotDeps) {
  return async ({ ack, shortcut }: SlackShortcutMiddlewareArgs<MessageShortcut> & AllMiddlewareArgs): Promise<void> => {
    await ack();
    try {
      const { ts, text = '', thread_ts } = shortcut.message as { ts: string; text?: string; thread_ts?: string };
      const from = { channel: shortcut.channel.id, ts, text, ...(thread_ts && { threadTs: thread_ts }) };
      await deps.slack.openView(shortcut.trigger_id, bugForm(deps.policy, await prefillFrom(deps, from)));
    } catch (err) {
      deps.log.error({ err }, 'the form could not be opened');
    }
  };
}
