import { GitHubError } from '../base/github.ts';

/** Milliseconds to wait when GitHub limits us without saying for how long; its documentation asks for a minute. */
const DEFAULT_RETRY_MS = 60_000;
const MAX_RETRY_MS = 3_600_000;

type Headers = Record<string, string | number | undefined>;

/** What octokit throws, as far as we read it: HTTP failures, network failures (status 500 without an answer), GraphQL errors. */
interface Thrown {
  status?: number;
  message?: string;
  response?: { status?: number; headers?: Headers };
  headers?: Headers;
  /** GraphQL answers 200 and puts its errors here. */
  errors?: { type?: string; message?: string }[];
}

/** Sorts whatever a call threw into the one error the rest of the bot knows. @param what the thing asked for, in words */
export function githubError(what: string, err: unknown, now: Date): GitHubError {
  if (err instanceof GitHubError) return err;
  const thrown = (typeof err === 'object' && err !== null ? err : {}) as Thrown;
  if (thrown.errors) return graphqlError(what, thrown, now);
  const { response, status } = thrown;
  if (!response || status === undefined) return new GitHubError('doubtful', 'GitHub does not answer', 0, err);
  const headers = response.headers ?? {};
  if (limited(status, headers, thrown.message ?? '')) return rateLimited(headers, now, err);
  if (status === 401) return new GitHubError('auth', 'GitHub does not accept the token', 0, err);
  if (status === 403) return new GitHubError('auth', `the GitHub token may not read ${what}`, 0, err);
  if (status === 404 || status === 410) {
    return new GitHubError('missing', `GitHub has no ${what}, or the token cannot see it`, 0, err);
  }
  if (status === 409 || status === 422) return new GitHubError('invalid', `GitHub does not take ${what}`, 0, err);
  return new GitHubError('doubtful', `GitHub has trouble (${status})`, 0, err);
}

function limited(status: number, headers: Headers, message: string): boolean {
  if (status === 429) return true;
  if (status !== 403) return false;
  const spent = String(headers['x-ratelimit-remaining']) === '0' || headers['retry-after'] !== undefined;
  return spent || /rate limit/i.test(message);
}

function rateLimited(headers: Headers, now: Date, cause: unknown): GitHubError {
  return new GitHubError('rate_limited', 'GitHub limits how often we may ask', retryAfterMs(headers, now), cause);
}

/** Milliseconds to wait: Retry-After (seconds), else until X-RateLimit-Reset (seconds since 1970) when nothing is left. */
function retryAfterMs(headers: Headers, now: Date): number {
  const after = Number(headers['retry-after']);
  const reset = Number(headers['x-ratelimit-reset']);
  const spent = String(headers['x-ratelimit-remaining']) === '0';
  const ms =
    headers['retry-after'] !== undefined && Number.isFinite(after)
      ? after * 1000
      : spent && Number.isFinite(reset)
        ? reset * 1000 - now.getTime()
        : DEFAULT_RETRY_MS;
  return Math.min(Math.max(ms, 1000), MAX_RETRY_MS);
}

function graphqlError(what: string, thrown: Thrown, now: Date): GitHubError {
  const types = thrown.errors?.map((e) => e.type) ?? [];
  if (types.includes('RATE_LIMITED')) return rateLimited(thrown.headers ?? {}, now, thrown);
  if (types.includes('FORBIDDEN') || types.includes('INSUFFICIENT_SCOPES')) {
    return new GitHubError('auth', `the GitHub token may not read ${what}`, 0, thrown);
  }
  if (types.includes('NOT_FOUND')) return new GitHubError('missing', `GitHub has no ${what}`, 0, thrown);
  return new GitHubError('doubtful', 'GitHub has trouble (GraphQL)', 0, thrown);
}
