import { WebClient } from '@slack/web-api';
import type { Logger } from '../base/log.ts';
import type { Metrics } from '../base/metrics.ts';
import { inParts, mrkdwn, truncate } from '../base/mrkdwn.ts';
import type { Block, NewMessage, Reaction, Slack, ThreadMessage, Upload } from '../base/slack.ts';
import { SlackError } from '../base/slack.ts';
import { slackLog } from '../base/slack-log.ts';
import { timed } from '../base/steps.ts';
import { type Answer, list, part, person, text } from './slack-answers.ts';
import { slackError } from './slack-errors.ts';

export interface SlackOptions {
  token: string;
  /** Slack's own is https://slack.com/api/ */
  apiUrl: string;
  metrics: Pick<Metrics, 'slackCallDuration' | 'slackCallErrors' | 'slackRateLimited'>;
  log: Logger;
  /** Milliseconds until a call without an answer is doubtful. */
  timeoutMs?: number;
}

type Call = (method: string, args?: Record<string, unknown>) => Promise<Answer>;

interface WireMessage {
  ts?: string;
  user?: string;
  text?: string;
  bot_id?: string;
  subtype?: string;
  thread_ts?: string;
  edited?: { ts?: string };
  files?: { id?: string }[];
  attachments?: unknown[];
  blocks?: { block_id?: string }[];
  metadata?: { event_type?: string; event_payload?: { outbox_id?: unknown } };
  reactions?: { name?: string; users?: string[]; count?: number }[];
}

const TIMEOUT_MS = 10_000;
/** How much longer a call may take to show in Slack than it is waited for: it began a moment after it was noted, and is cut off on our side only. */
const MARGIN_MS = 2_000;
const METADATA = 'shipshape_outbox';
const PAGE = 200;
/** Slack's clock and the database's may differ by this much, in seconds. */
const CLOCK_SLACK = 60;

/**
 * The Web API, with the SDK's own retries off: it would post twice after a lost answer, and the queue retries anyway.
 * Every call is timed, and whatever it throws is a SlackError.
 */
export function makeSlack(options: SlackOptions): Slack {
  const timeoutMs = options.timeoutMs ?? TIMEOUT_MS;
  const client = new WebClient(options.token, {
    slackApiUrl: options.apiUrl,
    retryConfig: { retries: 0 },
    timeout: timeoutMs,
    rejectRateLimitedCalls: true,
    logger: slackLog(options.log),
  });

  const call: Call = async (method, args = {}) => {
    const done = options.metrics.slackCallDuration.startTimer({ method });
    try {
      return { ...(await timed('call', method, () => client.apiCall(method, args))) };
    } catch (thrown) {
      const err = slackError(method, thrown);
      options.metrics.slackCallErrors.inc({ method, code: err.code });
      if (err.kind === 'rate_limited') options.metrics.slackRateLimited.inc({ method });
      throw err;
    } finally {
      done();
    }
  };

  return {
    // Another process may take over from one that is cut off from the database while its post is under way.
    settleMs: timeoutMs + MARGIN_MS,
    postMessage: async (message) => ({ ts: text(await call('chat.postMessage', posted(message)), 'ts') }),
    update: async (message) => {
      await call('chat.update', { channel: message.channel, ts: message.ts, ...content(message) });
    },
    findPosted: (where) => findPosted(call, where),
    readThread: (where) => readThread(call, where),
    openDm: async (user) => text(part(await call('conversations.open', { users: user }), 'channel'), 'id'),
    userInfo: async (user) => person(part(await call('users.info', { user }), 'user'), user),
    usergroupMembers: async (usergroup) => list<string>(await call('usergroups.users.list', { usergroup }), 'users'),
    emojiNames: async () => Object.keys(part(await call('emoji.list'), 'emoji')),
    authTest: async () => {
      const answer = await call('auth.test');
      const scopes = (answer.response_metadata as { scopes?: string[] } | undefined)?.scopes;
      return {
        userId: text(answer, 'user_id'),
        botId: text(answer, 'bot_id'),
        teamId: text(answer, 'team_id'),
        team: text(answer, 'team'),
        url: text(answer, 'url'),
        scopes,
      };
    },
    channelInfo: async (channel) => {
      const found = part(await call('conversations.info', { channel }), 'channel');
      return {
        id: text(found, 'id'),
        name: text(found, 'name'),
        isMember: found.is_member === true,
        isArchived: found.is_archived === true,
        isPrivate: found.is_private === true,
      };
    },
    publishHome: async (user, view) => {
      await call('views.publish', { user_id: user, view });
    },
    openView: async (triggerId, view) => {
      await call('views.open', { trigger_id: triggerId, view });
    },
    pushView: async (triggerId, view) => {
      await call('views.push', { trigger_id: triggerId, view });
    },
    updateView: async (viewId, view) => {
      await call('views.update', { view_id: viewId, view });
    },
    uploadFiles: async (files) => {
      const ids: string[] = [];
      for (const file of files) ids.push(await uploadFile(call, file, timeoutMs));
      return ids;
    },
    shareFiles: async ({ channel, threadTs, text: initial_comment, files }) => {
      const thread = threadTs === undefined ? {} : { thread_ts: threadTs };
      await call('files.completeUploadExternal', { files, channel_id: channel, ...thread, initial_comment });
    },
    hasFiles: (where) => hasFiles(call, where),
    permalink: async (channel, ts) => text(await call('chat.getPermalink', { channel, message_ts: ts }), 'permalink'),
    message: (channel, ts) => oneMessage(call, channel, ts),
  };
}

/** The bytes go to an address of their own that Slack gives out; whatever fails there is tried again from the start. */
async function uploadFile(call: Call, file: Upload, timeoutMs: number): Promise<string> {
  const bytes = 'bytes' in file ? file.bytes : new TextEncoder().encode(file.text);
  const method = 'files.getUploadURLExternal';
  const alt = file.alt === undefined ? {} : { alt_txt: file.alt };
  const answer = await call(method, { filename: file.name, length: bytes.length, ...alt });
  try {
    const signal = AbortSignal.timeout(timeoutMs);
    const sent = await fetch(text(answer, 'upload_url'), { method: 'POST', body: bytes, signal });
    if (!sent.ok) throw new SlackError('doubtful', { method, code: `upload_http_${sent.status}` });
  } catch (err) {
    if (err instanceof SlackError) throw err;
    throw new SlackError('doubtful', { method, code: 'upload_failed' }, err);
  }
  return text(answer, 'file_id');
}

async function hasFiles(call: Call, where: Search & { files: readonly string[] }): Promise<boolean> {
  for await (const page of search(call, where)) {
    if (page.some((message) => message.files?.some(({ id }) => id !== undefined && where.files.includes(id))))
      return true;
  }
  return false;
}

/** A reply is found by its own ts; `conversations.history` would not show it. */
async function oneMessage(
  call: Call,
  channel: string,
  ts: string,
): Promise<{ text: string; threadTs?: string } | null> {
  const args = { channel, ts, oldest: ts, latest: ts, inclusive: true, limit: 1 };
  try {
    const found = list<WireMessage>(await call('conversations.replies', args), 'messages').find((m) => m.ts === ts);
    if (!found || found.subtype === 'tombstone') return null;
    return { text: found.text ?? '', ...(found.thread_ts && { threadTs: found.thread_ts }) };
  } catch (err) {
    if (err instanceof SlackError && err.kind === 'gone') return null;
    throw err;
  }
}

function posted(message: NewMessage): Record<string, unknown> {
  return {
    channel: message.channel,
    ...(message.threadTs === undefined ? {} : { thread_ts: message.threadTs }),
    ...(message.broadcast && message.threadTs !== undefined ? { reply_broadcast: true } : {}),
    ...content(message),
    unfurl_links: false,
    unfurl_media: false,
  };
}

/** Characters that Slack takes as a message's text, and in one section; with more it refuses the whole message. */
const TEXT_MAX = 4000;
const SECTION_MAX = 3000;

/** Text, blocks and the two marks by which a post is found again: metadata, and the first block's id. A text without blocks is shown whole. */
export function content(message: Pick<NewMessage, 'text' | 'blocks' | 'outboxId'>): Record<string, unknown> {
  const sections = () => inParts(message.text, SECTION_MAX).map((part) => ({ type: 'section', text: mrkdwn(part) }));
  const given: Block[] = message.blocks?.length ? message.blocks : sections();
  const blocks = given.map((block, i) => (i === 0 ? { ...block, block_id: `ob-${message.outboxId}` } : block));
  const metadata = { event_type: METADATA, event_payload: { outbox_id: String(message.outboxId) } };
  return { text: truncate(message.text, TEXT_MAX), blocks, metadata };
}

interface Search {
  channel: string;
  threadTs?: string;
  since: Date;
}

/** What was posted in a channel, or a thread, since then, or a little before. */
function search(call: Call, { channel, threadTs, since }: Search, more = {}): AsyncGenerator<WireMessage[]> {
  const oldest = Math.max(since.getTime() / 1000 - CLOCK_SLACK, 0).toFixed(6);
  const args = { channel, oldest, inclusive: true, ...more };
  if (threadTs === undefined) return pages(call, 'conversations.history', args);
  return pages(call, 'conversations.replies', { ...args, ts: threadTs });
}

async function findPosted(call: Call, where: Search & { outboxId: number }): Promise<string | null> {
  for await (const page of search(call, where, { include_all_metadata: true })) {
    const found = page.find((message) => carries(message, where.outboxId));
    if (found?.ts !== undefined) return found.ts;
  }
  return null;
}

function carries(message: WireMessage, outboxId: number): boolean {
  const { metadata } = message;
  if (metadata?.event_type === METADATA && String(metadata.event_payload?.outbox_id) === String(outboxId)) return true;
  return message.blocks?.[0]?.block_id === `ob-${outboxId}`;
}

async function readThread(call: Call, where: { channel: string; ts: string }) {
  const all = new Map<string, WireMessage>();
  try {
    // Slack repeats the root on every page, hence the map.
    for await (const page of pages(call, 'conversations.replies', where)) {
      for (const message of page) if (message.ts !== undefined) all.set(message.ts, message);
    }
  } catch (err) {
    if (err instanceof SlackError && err.kind === 'gone')
      return { complete: true as const, root: 'deleted' as const, messages: [] };
    throw err;
  }
  const root = all.get(where.ts);
  all.delete(where.ts);
  const messages: ThreadMessage[] = [];
  for (const message of [...all.values()].sort((a, b) => ((a.ts ?? '') < (b.ts ?? '') ? -1 : 1))) {
    if (message.subtype === 'ephemeral' || message.subtype === 'tombstone') continue;
    messages.push(await reply(call, where.channel, message));
  }
  const standing = root !== undefined && root.subtype !== 'tombstone';
  return {
    complete: true as const,
    root: standing ? { reactions: await reactionsOf(call, where.channel, root) } : ('deleted' as const),
    messages,
  };
}

async function reply(call: Call, channel: string, message: WireMessage): Promise<ThreadMessage> {
  return {
    ts: message.ts ?? '',
    user: message.user,
    text: message.text ?? '',
    ...(message.bot_id === undefined
      ? {}
      : { botId: message.bot_id, reactions: await reactionsOf(call, channel, message) }),
    ...(message.subtype === undefined ? {} : { subtype: message.subtype }),
    ...(message.edited?.ts === undefined ? {} : { edited: message.edited.ts }),
    ...(message.files?.length ? { files: message.files.length } : {}),
    ...(message.attachments?.length ? { attachments: message.attachments.length } : {}),
  };
}

/** A reaction's users may be cut short; then all are asked for, and a failure of that is a failure of the read. */
async function reactionsOf(call: Call, channel: string, message: WireMessage): Promise<Reaction[]> {
  let found = message.reactions ?? [];
  if (found.some(isCut)) {
    const answer = await call('reactions.get', { channel, timestamp: message.ts, full: true });
    found = (part(answer, 'message').reactions as WireMessage['reactions']) ?? [];
    if (found.some(isCut)) throw new SlackError('doubtful', { method: 'reactions.get', code: 'users_cut_short' });
  }
  return found.map((reaction) => ({ name: reaction.name ?? '', users: reaction.users ?? [] }));
}

function isCut(reaction: { users?: string[]; count?: number }): boolean {
  return (reaction.users?.length ?? 0) < (reaction.count ?? 0);
}

/** All pages of a history. A page that says there is more but not where throws: a part is never taken for the whole. */
async function* pages(call: Call, method: string, args: Record<string, unknown>): AsyncGenerator<WireMessage[]> {
  let cursor: string | undefined;
  do {
    const answer = await call(method, { ...args, limit: PAGE, ...(cursor ? { cursor } : {}) });
    yield list<WireMessage>(answer, 'messages', method);
    const next = (answer.response_metadata as { next_cursor?: string } | undefined)?.next_cursor;
    if (answer.has_more === true && !next) throw new SlackError('doubtful', { method, code: 'page_without_cursor' });
    cursor = next;
  } while (cursor);
}
