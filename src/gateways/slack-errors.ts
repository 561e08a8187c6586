import { WebAPIHTTPError, WebAPIPlatformError, WebAPIRateLimitedError } from '@slack/web-api';
import { SlackError, type SlackErrorKind } from '../base/slack.ts';

const GONE = new Set(['message_not_found', 'thread_not_found']);
const CHANNEL = new Set([
  'channel_not_found',
  'is_archived',
  'not_in_channel',
  'is_inactive',
  'channel_is_limited_access',
  'restricted_action',
  'restricted_action_read_only_channel',
  'restricted_action_thread_only_channel',
  'restricted_action_non_threadable_channel',
  'restricted_action_thread_locked',
]);
const AUTH = new Set([
  'invalid_auth',
  'not_authed',
  'account_inactive',
  'token_revoked',
  'token_expired',
  'missing_scope',
  'no_permission',
  'not_allowed_token_type',
  'access_denied',
  'ekm_access_denied',
  'org_login_required',
  'team_access_not_granted',
  'two_factor_setup_required',
]);
/** Slack's words for "not now", of the kind rate_limited. */
export const RATE: ReadonlySet<string> = new Set(['ratelimited', 'rate_limited', 'message_limit_exceeded']);
const DOUBTFUL = new Set([
  'internal_error',
  'fatal_error',
  'service_unavailable',
  'request_timeout',
  'team_added_to_org',
]);

/** Milliseconds to wait when Slack limits us without saying for how long. */
const DEFAULT_RETRY_MS = 30_000;

/**
 * Sorts whatever a Web API call threw into the one error the rest of the bot knows. What is not understood is doubtful:
 * that is the kind after which nothing is repeated before looking.
 */
export function slackError(method: string, err: unknown): SlackError {
  if (err instanceof SlackError) return err;
  if (err instanceof WebAPIRateLimitedError) {
    return new SlackError('rate_limited', { method, code: 'ratelimited', retryAfterMs: err.retryAfter * 1000 }, err);
  }
  if (err instanceof WebAPIPlatformError) return platformError(method, err);
  if (err instanceof WebAPIHTTPError) {
    return new SlackError('doubtful', { method, code: `http_${err.statusCode}` }, err);
  }
  // A 429 without a usable Retry-After has no class of its own in the SDK.
  if (err instanceof Error && err.message.startsWith('Retry header did not contain')) {
    return new SlackError('rate_limited', { method, code: 'ratelimited', retryAfterMs: DEFAULT_RETRY_MS }, err);
  }
  return new SlackError('doubtful', { method, code: 'no_answer' }, err);
}

function platformError(method: string, err: WebAPIPlatformError): SlackError {
  const code = err.data.error;
  // A page of HTML with status 200 (a proxy, a captive portal) ends up here as the "code".
  if (!/^[a-z0-9_.]{1,80}$/.test(code)) return new SlackError('doubtful', { method, code: 'no_json' });
  const meta = err.data.response_metadata;
  const said = typeof meta?.retryAfter === 'number' ? meta.retryAfter * 1000 : DEFAULT_RETRY_MS;
  const detail = Array.isArray(meta?.messages) ? meta.messages.join('; ').slice(0, 300) : undefined;
  return new SlackError(
    kindOf(code),
    {
      method,
      code,
      ...(RATE.has(code) ? { retryAfterMs: said } : {}),
      ...(detail ? { detail } : {}),
    },
    err,
  );
}

function kindOf(code: string): SlackErrorKind {
  if (RATE.has(code)) return 'rate_limited';
  if (GONE.has(code)) return 'gone';
  if (CHANNEL.has(code)) return 'channel';
  if (AUTH.has(code)) return 'auth';
  if (DOUBTFUL.has(code)) return 'doubtful';
  return 'invalid';
}
