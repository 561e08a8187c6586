/** One Block Kit block, as it goes over the wire. */
export type Block = { type: string; block_id?: string } & Record<string, unknown>;

/** A modal or Home view, as it goes over the wire. */
export type View = { type: 'modal' | 'home'; blocks: Block[] } & Record<string, unknown>;

export interface Reaction {
  name: string;
  /** Everyone who reacted: a list Slack cut short has been completed. */
  users: string[];
}

export interface ThreadMessage {
  ts: string;
  user: string | undefined;
  text: string;
  botId?: string;
  subtype?: string;
  /** When it was last edited, as a Slack ts. */
  edited?: string;
  /** How many files hang on it. */
  files?: number;
  /** How many attachments: a message that was forwarded with it is one. */
  attachments?: number;
  /** Only on messages of bots: nobody's reaction to a person's message counts for anything. */
  reactions?: Reaction[];
}

/** All pages of a thread; a failed or partly read one is an exception, never a shorter list. */
export interface ThreadRead {
  complete: true;
  root: { reactions: Reaction[] } | 'deleted';
  /** The replies, oldest first, without the root and without ephemerals. */
  messages: ThreadMessage[];
}

export interface Person {
  id: string;
  name: string;
  /** IANA zone, or UTC when Slack has none. */
  tz: string;
  isBot: boolean;
  deleted: boolean;
  guest: boolean;
  teamId: string;
  /** From another workspace, through a shared channel. */
  stranger: boolean;
}

export interface ChannelInfo {
  id: string;
  name: string;
  isMember: boolean;
  isArchived: boolean;
  isPrivate: boolean;
}

export interface Identity {
  userId: string;
  botId: string;
  teamId: string;
  team: string;
  url: string;
  /** The token's scopes, when Slack names them in the answer's header. */
  scopes: string[] | undefined;
}

export interface NewMessage {
  channel: string;
  threadTs?: string;
  text: string;
  blocks?: Block[];
  /** Also show a thread's line in the channel. */
  broadcast?: boolean;
  /** Written into the message, so that `findPosted` can tell whether a doubtful post arrived. */
  outboxId: number;
}

/** A file to be uploaded: a text, or bytes; `alt` says what a picture shows to who cannot see it. */
export type Upload = { name: string; alt?: string } & ({ text: string } | { bytes: Uint8Array });

export interface MessageUpdate {
  channel: string;
  ts: string;
  text: string;
  blocks?: Block[];
  outboxId: number;
}

/** What the bot does in Slack. Every function throws SlackError and nothing else. */
export interface Slack {
  /** Milliseconds after which a post that nobody heard the answer of is in Slack or never will be. */
  settleMs: number;
  postMessage(message: NewMessage): Promise<{ ts: string }>;
  update(message: MessageUpdate): Promise<void>;
  /** Looks for a post that may have arrived. @returns its ts, or null when all pages since `since` lack it. */
  findPosted(where: { channel: string; threadTs?: string; outboxId: number; since: Date }): Promise<string | null>;
  readThread(where: { channel: string; ts: string }): Promise<ThreadRead>;
  /** @returns the id of the bot's conversation with this person. */
  openDm(user: string): Promise<string>;
  userInfo(user: string): Promise<Person>;
  usergroupMembers(usergroup: string): Promise<string[]>;
  /** @returns the names of the workspace's own emoji, aliases included, without colons. */
  emojiNames(): Promise<string[]>;
  authTest(): Promise<Identity>;
  channelInfo(channel: string): Promise<ChannelInfo>;
  publishHome(user: string, view: View): Promise<void>;
  openView(triggerId: string, view: View): Promise<void>;
  /** Puts a view on top of the one whose press gave the trigger. */
  pushView(triggerId: string, view: View): Promise<void>;
  updateView(viewId: string, view: View): Promise<void>;
  /** Brings files to Slack; nobody sees them until `shareFiles`. @returns their ids */
  uploadFiles(files: Upload[]): Promise<string[]>;
  /** Posts uploaded files as one message, of a thread or of the channel. */
  shareFiles(where: {
    channel: string;
    threadTs?: string;
    text: string;
    files: { id: string; title: string }[];
  }): Promise<void>;
  /** Whether a message of the thread, or of the channel, posted since then has one of these files. */
  hasFiles(where: { channel: string; threadTs?: string; files: string[]; since: Date }): Promise<boolean>;
  permalink(channel: string, ts: string): Promise<string>;
  /** One message, in a thread or not; null when it is not there. `text` is coded as Slack sends it. */
  message(channel: string, ts: string): Promise<{ text: string; threadTs?: string } | null>;
}

/**
 * How a call to Slack failed, which decides what may be done next:
 * - rate_limited: not applied; again after `retryAfterMs`
 * - gone: the message or thread is not there any more
 * - channel: the channel is archived, unknown, or the bot is not in it; waits for a person
 * - auth: the token or its scopes; waits for a person
 * - invalid: the call itself is wrong; never again
 * - doubtful: time-out, network, 5xx; it may have been applied, so look before doing it again
 */
export type SlackErrorKind = 'rate_limited' | 'gone' | 'channel' | 'auth' | 'invalid' | 'doubtful';

export class SlackError extends Error {
  readonly kind: SlackErrorKind;
  /** Slack's own word for it, e.g. `channel_not_found`. */
  readonly code: string;
  readonly method: string;
  /** Milliseconds to wait; 0 unless rate limited. */
  readonly retryAfterMs: number;

  constructor(
    kind: SlackErrorKind,
    failure: { method: string; code: string; retryAfterMs?: number; detail?: string },
    cause?: unknown,
  ) {
    const detail = failure.detail ? ` (${failure.detail})` : '';
    super(`Slack ${failure.method}: ${failure.code}${detail}`, cause === undefined ? undefined : { cause });
    this.name = 'SlackError';
    this.kind = kind;
    this.code = failure.code;
    this.method = failure.method;
    this.retryAfterMs = failure.retryAfterMs ?? 0;
  }
}
