import type { AllMiddlewareArgs, SlackEventMiddlewareArgs } from '@slack/bolt';
import { slotCardGone } from '../areas/cadence/actions.ts';
import { slotOfMessage } from '../areas/cadence/slot-store.ts';
import { cardGone } from '../areas/releases/cards.ts';
import { offer, saidInOldThread, sight, stands } from '../areas/releases/claims.ts';
import { postsInFlight, releaseOfMessage, releaseOfThread } from '../areas/releases/messages.ts';
import { meaning, type Place, timeOf } from '../areas/releases/sightings.ts';
import { releaseOfWord } from '../areas/releases/store.ts';
import { readWord } from '../areas/releases/words.ts';
import { emojiOf } from '../base/mrkdwn.ts';
import type { Cause, Source } from '../db/act.ts';
import { bugReacted } from './bug-events.ts';
import { type BotDeps, who } from './deps.ts';

function causeOf(body: { event_id: string }, source: Source, actor: string, eventTs: string): Cause {
  return { key: `event:${body.event_id}`, source, actor, eventTime: timeOf(eventTs), stored: true };
}

/** What of an event's envelope is used: `received_at` is our own, of when it was stored. */
interface Envelope {
  event_id: string;
  received_at?: string;
}

const receivedOf = ({ received_at: at }: Envelope) => (at === undefined ? {} : { receivedAt: new Date(at) });

/** A reaction came or went on a card or a production check. On other messages it means nothing here. */
export function reacted(deps: BotDeps) {
  return async ({
    event,
    body,
  }: SlackEventMiddlewareArgs<'reaction_added' | 'reaction_removed'> & AllMiddlewareArgs): Promise<void> => {
    const { channel, ts } = event.item;
    if (deps.policy.reactions.bug.includes(emojiOf(event.reaction))) {
      // On any message, not only ours, in whichever channel or conversation the bot is.
      if (event.type === 'reaction_added') await bugReacted(deps, channel, ts, event.user);
      return;
    }
    const find = () => releaseOfMessage(deps.db, channel, ts);
    const ours = event.item_user === deps.botUserId;
    const mayMean = meaning(event.reaction, 'card', deps.policy) ?? meaning(event.reaction, 'check', deps.policy);
    // Found out while the message is looked for. A failure counts only where it is used.
    const actor = ours && mayMean !== null ? who(deps, event.user) : undefined;
    actor?.catch(() => {});
    let on = await find();
    if (!on && ours) {
      // Quicker than our own note of where the card was posted: the queue tries again in a moment.
      if (await postsInFlight(deps.db, channel, ts))
        throw new Error('a reaction on a message that is just being posted');
      // Between the two looks it may have been noted.
      on = await find();
    }
    if (!on) return;
    const present = event.type === 'reaction_added';
    const said = { channel, ts, person: event.user, road: event.reaction };
    const sighting = { ...said, present, eventTs: event.event_ts, ...receivedOf(body) };
    // What was given while it had a meaning can be taken back without one.
    if (meaning(event.reaction, on.role, deps.policy) === null && (present || !(await stands(deps.db, sighting))))
      return;
    const cause = causeOf(body, 'reaction', event.user, event.event_ts);
    const outcome = await sight(deps, cause, await (actor ?? who(deps, event.user)), on.releaseId, on.role, sighting);
    deps.metrics.commands.inc({ command: 'reaction', subcommand: event.reaction, outcome });
  };
}

/** What a message event carries, of all its shapes: a new message, a changed one, a deleted one. */
interface Said {
  user?: string;
  text?: string;
  ts: string;
  thread_ts?: string;
  bot_id?: string;
  subtype?: string;
  files?: unknown[];
  attachments?: unknown[];
}

/** Somebody wrote, changed or deleted a message in a release's thread; or a card was deleted. */
export function messaged(deps: BotDeps) {
  return async ({ event, body }: SlackEventMiddlewareArgs<'message'> & AllMiddlewareArgs): Promise<void> => {
    const e = event as unknown as Said & {
      channel: string;
      event_ts: string;
      deleted_ts?: string;
      message?: Said;
      previous_message?: Said;
    };
    const before = e.previous_message;
    if (e.subtype === 'message_deleted') {
      await rootDeleted(deps, e.channel, e.deleted_ts ?? before?.ts ?? '');
      if (before) await word(deps, body, e.channel, e.event_ts, { ...before, text: '' }, before);
    } else if (e.subtype === 'message_changed') {
      if (e.message?.subtype === 'tombstone') await rootDeleted(deps, e.channel, e.message.ts);
      else if (e.message) await word(deps, body, e.channel, e.event_ts, e.message, before);
    } else {
      await word(deps, body, e.channel, e.event_ts, e, undefined);
    }
  };
}

async function rootDeleted(deps: BotDeps, channel: string, ts: string): Promise<void> {
  const on = await releaseOfMessage(deps.db, channel, ts);
  if (on) return cardGone(deps, on.releaseId, on.role, ts, 'message');
  const slot = await slotOfMessage(deps.db, channel, ts);
  if (slot) await slotCardGone(deps, slot.slotId, slot.row);
}

/** R7: what a message says; with a file, or with something that was forwarded, an LGTM may be about that. */
function saidBy(m: Said | undefined): ReturnType<typeof readWord> {
  const said = readWord(m?.text ?? '');
  return said === 'lgtm' && (m?.files?.length || m?.attachments?.length) ? 'mentions' : said;
}

/**
 * R7: an LGTM by word comes when a message becomes one, and goes when the message is changed into something else or deleted. One that becomes a mention
 * is offered a button, also where it counted before.
 */
async function word(
  deps: BotDeps,
  body: Envelope,
  channel: string,
  eventTs: string,
  now: Said,
  before: Said | undefined,
): Promise<void> {
  const person = now.user;
  if (!person || now.bot_id || !now.thread_ts) return;
  const [says, said] = [saidBy(now), saidBy(before)];
  const present = says === 'lgtm';
  const mentions = says === 'mentions' && said !== 'mentions';
  // Also what counted by an older reading of words.
  const counted = () => stands(deps.db, { channel, ts: now.ts, person, road: 'word' });
  const goes = !present && before !== undefined && (said === 'lgtm' || (said === 'mentions' && (await counted())));
  if (!present && !mentions && !goes) return;
  // A word that counted in a thread whose card was deleted since can still be taken back there.
  const { thread_ts } = now;
  const ofThread = () => releaseOfThread(deps.db, channel, thread_ts);
  let releaseId = (await ofThread()) ?? (goes ? await releaseOfWord(deps.db, channel, now.ts, person) : undefined);
  const cause = causeOf(body, 'message', person, eventTs);
  if (releaseId === undefined) {
    // An edit from one LGTM to another is nothing new to be asked about.
    const card = present && said !== 'lgtm' ? await releaseOfMessage(deps.db, channel, thread_ts) : undefined;
    // As with reactions: our note of where a card was posted may come later than what is said under it.
    if (!card && (await postsInFlight(deps.db, channel, thread_ts)))
      throw new Error('a word in a thread that is just being posted');
    // Between the looks it may have been noted: a card is an old one only if its thread is still not the release's.
    releaseId = await ofThread();
    if (card && releaseId === undefined)
      return void (await saidInOldThread(deps, cause, await who(deps, person), card.releaseId));
  }
  if (releaseId === undefined) return;
  const actor = await who(deps, person);
  if (present || goes) {
    const place: Place = 'word';
    const sighting = { channel, ts: now.ts, person, road: 'word', present, eventTs, ...receivedOf(body) };
    const outcome = await sight(deps, cause, actor, releaseId, place, sighting);
    deps.metrics.commands.inc({ command: 'word', subcommand: 'lgtm', outcome });
  }
  if (!mentions) return;
  const offered = await offer(deps, { ...cause, key: `${cause.key}:offer` }, actor, releaseId);
  deps.metrics.commands.inc({ command: 'word', subcommand: 'mention', outcome: offered ? 'asked' : 'noted' });
}
