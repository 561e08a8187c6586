/** A commit as GitHub has it: both hashes in full. */
export interface Commit {
  sha: string;
  tree: string;
}

export interface PullRequest {
  number: number;
  title: string;
  url: string;
  login: string | null;
  labels: string[];
  /** The branch it was merged into. */
  base: string;
}

/** One commit between two points, with the merged pull requests it came by. */
export interface CommitChange {
  sha: string;
  /** The first line of its message. */
  subject: string;
  url: string;
  /** The logins of all who wrote it, co-authors included. */
  logins: string[];
  /** It has several parents. */
  merge: boolean;
  pulls: PullRequest[];
}

export interface Comparison {
  /** Oldest first. */
  commits: CommitChange[];
  /** How many commits there are; more than `commits` has only where a release is absurdly long. */
  total: number;
  /** Whether these are all of them, each with all of its pull requests and labels: what is missing here is not there. */
  whole: boolean;
  /** The comparison's page on GitHub. */
  url: string;
}

/** What the bot asks of GitHub. `repo` is owner/name. Every function throws GitHubError and nothing else. */
export interface GitHub {
  /** Looks up a commit by 7-40 hex digits. @param withinMs how long to wait @returns null when the repository has none */
  commit(repo: string, hex: string, withinMs?: number): Promise<Commit | null>;
  /** All that `head` has and `base` has not. */
  compare(repo: string, base: string, head: string): Promise<Comparison>;
  /** How many commits `head` is ahead of `base`; null when there is no such branch. */
  ahead(repo: string, base: string, head: string): Promise<number | null>;
  /** Makes an issue; once, never tried again by itself. A `doubtful` failure may have made it. */
  createIssue(repo: string, issue: { title: string; body: string }): Promise<{ number: number; url: string }>;
  /** Whose token it is (null: an installed app's, which has no account of its own), and the rights it names (classic tokens only). */
  identity(): Promise<{ login: string | null; scopes: string[] | undefined }>;
  /** Whether the repository can be read, and which of these branches it lacks. */
  lacks(repo: string, branches: readonly string[]): Promise<string[]>;
}

/**
 * How a call to GitHub failed:
 * - rate_limited: again after `retryAfterMs`
 * - auth: the token, or what it may do; waits for a person
 * - missing: no such repository, branch or commit, as far as the token sees; waits for a person
 * - invalid: GitHub does not take the call
 * - doubtful: time-out, network, 5xx, an answer that makes no sense
 */
export type GitHubErrorKind = 'rate_limited' | 'auth' | 'missing' | 'invalid' | 'doubtful';

export class GitHubError extends Error {
  readonly kind: GitHubErrorKind;
  /** Milliseconds to wait; 0 unless rate limited. */
  readonly retryAfterMs: number;

  /** @param message a sentence's worth of words for people, without a full stop */
  constructor(kind: GitHubErrorKind, message: string, retryAfterMs = 0, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'GitHubError';
    this.kind = kind;
    this.retryAfterMs = retryAfterMs;
  }
}
