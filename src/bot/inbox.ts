import { eq, isNotNull, or, type SQLWrapper, sql } from 'drizzle-orm';
import type pg from 'pg';
import { errorText } from '../base/errors.ts';
import { emojiOf } from '../base/mrkdwn.ts';
import { storable } from '../base/storable.ts';
import type { Db } from '../db/client.ts';
import { slackEvents } from '../db/schema/events.ts';

type Fields = Record<string, unknown>;

/** What of an event is stored: enough for Bolt to route it and for the listeners to act on it, nothing else. */
export interface KeptEvent {
  id: string;
  type: string;
  body: Fields;
}

const TEXT_MAX = 4000;
/** Eight attempts are about half an hour: longer than a restart, short enough for somebody to be told. */
const ATTEMPTS = 8;
/** Subtypes under which a person says something in a thread. */
const SAID = new Set<unknown>([undefined, 'file_share', 'thread_broadcast']);

/** What the bot hears: everything in the channels it works in (by id), and a reaction by which a bug is reported (names without colons) in all it is in. */
export interface Ears {
  channels: ReadonlySet<string>;
  bug: readonly string[];
}

/**
 * Decides which events are stored, and with which fields: reactions on messages of `ears.channels`; what people say, change or
 * delete in their threads, and the deletion of thread roots and of the bot's messages; opening the App Home; of all other
 * channels and conversations only that somebody put a reaction of `ears.bug` on a message. The bot's own messages and their
 * updates are no news to it.
 * @param body an `event_callback` as Slack sends it
 * @returns null when the event is none of ours
 */
export function keep(body: Fields, ears: Ears): KeptEvent | null {
  const event = body.event;
  if (!isWord(body.event_id) || !isFields(event) || typeof event.type !== 'string') return null;
  const kept = keptFields(event, ears, ownUser(body));
  if (kept === null || !isWhole(kept)) return null;
  const envelope = pick(body, ['type', 'team_id', 'api_app_id', 'event_id', 'event_time', 'is_ext_shared_channel']);
  const authorizations = Array.isArray(body.authorizations) ? body.authorizations.slice(0, 1) : [];
  return { id: body.event_id, type: event.type, body: { ...envelope, authorizations, event: kept } };
}

function keptFields(event: Fields, ears: Ears, self: string | undefined): Fields | null {
  switch (event.type) {
    case 'reaction_added':
    case 'reaction_removed':
      return reaction(event, ears, self);
    case 'message':
      return typeof event.channel === 'string' && ears.channels.has(event.channel) ? message(event, self) : null;
    case 'app_home_opened':
      return event.tab === 'home' ? texts(event, ['type', 'user', 'channel', 'tab', 'event_ts']) : null;
    default:
      return null;
  }
}

/**
 * Whether what its listener cannot do without is there, in the form in which Slack gives it. An event without it, whoever made it, would only fail in
 * the queue again and again, and be reported as dead in the end.
 */
function isWhole({ type, subtype, user, channel, ts, event_ts, deleted_ts, reaction, item, message }: Fields): boolean {
  if (type === 'app_home_opened') return isWord(user);
  if (!isTs(event_ts)) return false;
  if (type !== 'message')
    return isWord(user) && isEmoji(reaction) && isFields(item) && isWord(item.channel) && isTs(item.ts);
  if (subtype === 'message_changed') return isWord(channel) && isFields(message) && isTs(message.ts);
  if (subtype === 'message_deleted') return isWord(channel) && (deleted_ts === undefined || isTs(deleted_ts));
  return isWord(channel) && isTs(ts);
}

/** An id or a name of Slack's. */
function isWord(value: unknown): value is string {
  return typeof value === 'string' && /^[\x21-\x7e]{1,150}$/.test(value);
}

/** A name without spaces, in any script: workspaces name their own. */
function isEmoji(value: unknown): value is string {
  return typeof value === 'string' && /^[^\s\p{Cc}]{1,150}$/u.test(value);
}

/** A time of Slack's, which is also the name of a message. */
function isTs(value: unknown): value is string {
  return typeof value === 'string' && /^\d{1,12}\.\d{1,9}$/.test(value);
}

function reaction(event: Fields, { channels, bug }: Ears, self: string | undefined): Fields | null {
  const { item } = event;
  if (!isFields(item) || item.type !== 'message' || typeof item.channel !== 'string') return null;
  if (event.user === self) return null;
  if (!channels.has(item.channel)) {
    const reports = typeof event.reaction === 'string' && bug.includes(emojiOf(event.reaction));
    if (event.type !== 'reaction_added' || !reports) return null;
  }
  const kept = texts(event, ['type', 'user', 'reaction', 'item_user', 'event_ts']);
  return { ...kept, item: texts(item, ['type', 'channel', 'ts']) };
}

function message(event: Fields, self: string | undefined): Fields | null {
  const base = texts(event, ['type', 'subtype', 'channel', 'channel_type', 'ts', 'event_ts']);
  if (event.subtype === 'message_changed') {
    if (!isFields(event.message) || !isNews(event.message, event.previous_message, self)) return null;
    return { ...base, message: said(event.message), ...previous(event) };
  }
  if (event.subtype === 'message_deleted') {
    const gone = event.previous_message;
    // Without the previous message nothing can be told about it, so the listener decides.
    if (isFields(gone) && gone.thread_ts === undefined && !isOwn(gone, self)) return null;
    return { ...base, ...texts(event, ['deleted_ts']), ...previous(event) };
  }
  const threaded = typeof event.thread_ts === 'string' && event.thread_ts !== event.ts;
  if (!SAID.has(event.subtype) || !threaded || isOwn(event, self)) return null;
  return { ...base, ...said(event) };
}

/** A change counts when a person's words in a thread became others, or when a root with replies was deleted (tombstone). */
function isNews(now: Fields, before: unknown, self: string | undefined): boolean {
  if (now.subtype === 'tombstone') return true;
  if (isOwn(now, self) || now.thread_ts === undefined) return false;
  // An unfurled link, a new reply below it and the like change a message without changing its words.
  return !isFields(before) || before.text !== now.text || before.subtype !== now.subtype;
}

/** Bots' messages count for nothing (R7), so every bot's are treated like our own. */
function isOwn(message: Fields, self: string | undefined): boolean {
  return message.bot_id !== undefined || (self !== undefined && message.user === self);
}

function previous(event: Fields): Fields {
  return isFields(event.previous_message) ? { previous_message: said(event.previous_message) } : {};
}

function said(message: Fields): Fields {
  const kept = texts(message, ['type', 'subtype', 'user', 'bot_id', 'team', 'user_team', 'ts', 'thread_ts', 'text']);
  for (const [key, is] of Object.entries({ user: isWord, ts: isTs, thread_ts: isTs }))
    if (!is(kept[key])) delete kept[key];
  if (isFields(message.edited)) kept.edited = texts(message.edited, ['user', 'ts']);
  if (Array.isArray(message.files) && message.files.length > 0) {
    kept.files = message.files.slice(0, 10).map((file) => (isFields(file) ? texts(file, ['id']) : {}));
  }
  // Only that there are some: what somebody forwards is one, with their own words as its comment.
  if (Array.isArray(message.attachments) && message.attachments.length > 0) kept.attachments = [{}];
  return kept;
}

/** At most 4000 characters, without what jsonb refuses: NUL and halves of surrogate pairs. */
function cut(text: string): string {
  const short = text.length <= TEXT_MAX ? text : text.slice(0, TEXT_MAX).replace(/[\uD800-\uDBFF]$/, '');
  return storable(short);
}

/** The bot's user id, which Slack puts beside every event. */
function ownUser(body: Fields): string | undefined {
  const first: unknown = Array.isArray(body.authorizations) ? body.authorizations[0] : undefined;
  return isFields(first) && first.is_bot === true && typeof first.user_id === 'string' ? first.user_id : undefined;
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The fields that are texts, as they can be kept. */
function texts(from: Fields, keys: string[]): Fields {
  const found = Object.entries(pick(from, keys)).filter(
    (field): field is [string, string] => typeof field[1] === 'string',
  );
  return Object.fromEntries(found.map(([key, text]) => [key, cut(text)]));
}

function pick(from: Fields, keys: string[]): Fields {
  return Object.fromEntries(keys.filter((key) => from[key] !== undefined).map((key) => [key, from[key]]));
}

const STORE = `
  with stored as (
    insert into slack_events (event_id, type, body) values ($1, $2, $3::jsonb)
    on conflict (event_id) do nothing returning event_id
  )
  select graphile_worker.add_job('event', json_build_object('id', event_id, 'req', event_id), max_attempts := ${ATTEMPTS}) from stored`;

/**
 * Stores an event and enqueues the job that handles it, in one statement and so in one transaction and round trip.
 * @throws when the database cannot be reached; the event is then to be left unacknowledged
 */
export async function storeEvent(pool: pg.Pool, event: KeptEvent): Promise<'stored' | 'duplicate'> {
  const values = [event.id, event.type, JSON.stringify(event.body)];
  // Slack waits 3 s for the answer: an insert that hangs longer is as good as refused.
  const query = { name: 'store-event', text: STORE, values, query_timeout: 2500 };
  const { rowCount } = await pool.query(query);
  return rowCount === 0 ? 'duplicate' : 'stored';
}

/**
 * Hands a stored event to `process`, with when it was received (`received_at`, ISO: Slack has no such field), and marks it handled; one that is already
 * handled is left alone.
 * @param last true on the queue's last attempt: the event is then marked failed, which alerts and degrades /readyz
 * @throws what `process` throws, so that the queue tries again
 */
export async function handleStored(
  db: Db,
  id: string,
  process: (body: Fields) => Promise<void>,
  last: boolean,
): Promise<'handled' | 'already' | 'missing'> {
  const rows = await withSaidBefore(db, id);
  const row = rows.at(-1);
  if (row === undefined) return 'missing';
  if (row.handled) return 'already';
  try {
    for (const event of rows) await handleOne(db, event, process);
  } catch (err) {
    const failed = { error: errorText(err), ...(last ? { failedAt: new Date() } : {}) };
    await db.update(slackEvents).set(failed).where(eq(slackEvents.eventId, id));
    throw err;
  }
  return 'handled';
}

interface Stored {
  eventId: string;
  body: Fields;
  received: string;
  handled: boolean;
  mine: boolean;
}

async function handleOne(db: Db, event: Stored, process: (body: Fields) => Promise<void>): Promise<void> {
  await process({ ...event.body, received_at: new Date(event.received).toISOString() });
  const handled = { handledAt: new Date(), failedAt: null, error: null };
  await db.update(slackEvents).set(handled).where(eq(slackEvents.eventId, event.eventId));
}

/** The thread an event belongs to, or the message reacted to: what must be heard in the order in which it was said. */
const THREAD = (body: SQLWrapper) =>
  sql`coalesce(${body}#>>'{event,item,ts}', ${body}#>>'{event,thread_ts}', ${body}#>>'{event,message,thread_ts}', ${body}#>>'{event,previous_message,thread_ts}')`;

/**
 * An event, last, and before it those of the same thread that Slack dates earlier and that nobody has handled yet, in order: jobs run side by
 * side, and :eyes: comes before the LGTM that needs it. Handling one twice does nothing, for actions have causes. One that failed before holds
 * nothing up. Empty when there is no such event.
 */
async function withSaidBefore(db: Db, id: string): Promise<Stored[]> {
  const { rows } = await db.execute<Stored & Record<string, unknown>>(sql`
    with mine as (select event_id, body, received_at, handled_at is not null as handled from slack_events where event_id = ${id})
    select event_id as "eventId", body, received_at as received, handled, true as mine from mine
    union all
    select e.event_id, e.body, e.received_at, false, false from mine join slack_events e on ${THREAD(sql`e.body`)} = ${THREAD(sql`mine.body`)}
      and e.body#>>'{event,event_ts}' < mine.body#>>'{event,event_ts}'
    where not mine.handled and e.handled_at is null and e.error is null
      and e.event_id = any (array(select j.payload->>'id' from graphile_worker._private_jobs j
        join graphile_worker._private_tasks t on t.id = j.task_id where t.identifier = 'event'))`);
  const at = ({ body }: { body: Fields }) => (isFields(body.event) ? String(body.event.event_ts) : '');
  return rows.sort((a, b) => Number(a.mine) - Number(b.mine) || (at(a) < at(b) ? -1 : 1));
}

/**
 * How many stored events failed for good, or lie unhandled for over an hour (their last attempt was killed); /readyz is degraded while there
 * are any.
 */
export function deadEvents(db: Db): Promise<number> {
  const forgotten = sql`${slackEvents.handledAt} is null and ${slackEvents.receivedAt} < now() - interval '1 hour'`;
  return db.$count(slackEvents, or(isNotNull(slackEvents.failedAt), forgotten));
}
