import { AsyncLocalStorage } from 'node:async_hooks';
import { type DestinationStream, type Logger, pino } from 'pino';
import { isSecretKey, redact, redactMessage } from './redact.ts';

export type { Logger };
export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent';

const requests = new AsyncLocalStorage<string>();

/** Runs `fn` so that every log line inside it, through every await, carries `req: id`. Returns what `fn` returns. */
export function withRequest<T>(id: string, fn: () => T): T {
  return requests.run(id, fn);
}

/** The id of the request being worked on, to be handed on with a queued job; undefined outside of one. */
export function currentRequest(): string | undefined {
  return requests.getStore();
}

/**
 * A logger of JSON lines on stdout: `level` (a word), `time` (ISO 8601), `pid`, `req` (see `withRequest`), `msg`, and
 * the fields given. Secrets are masked wherever they stand; of errors only the fields in `ERROR_FIELDS` are kept, for
 * database errors quote query parameters and row values. `to` is for tests.
 */
export function makeLog(level: LogLevel, to: DestinationStream = pino.destination({ dest: 1, sync: true })): Logger {
  return pino(
    {
      level,
      base: { pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
      mixin: () => {
        const req = currentRequest();
        return req === undefined ? {} : { req };
      },
      formatters: {
        level: (label) => ({ level: label }),
        log: (fields) => clean(fields, 0) as Record<string, unknown>,
        bindings: (fields) => clean(fields, 0) as Record<string, unknown>,
      },
      serializers: { err: (err: unknown) => err },
      // The last gate: whatever road a secret took into the line (message, child logger, toJSON), it ends here.
      hooks: { streamWrite: (line) => redact(line.replace(/\\+nparams: (?:[^"\\]|\\.)*/g, '')) },
    },
    to,
  );
}

const ERROR_FIELDS = ['code', 'kind', 'next', 'status', 'statusCode', 'severity', 'constraint', 'table', 'column'];

function cleanError(err: Error, depth: number): Record<string, unknown> {
  const message = redactMessage(err.message);
  const shown: Record<string, unknown> = { type: err.name, message };
  for (const field of ERROR_FIELDS) {
    const value: unknown = Reflect.get(err, field);
    if (typeof value === 'string' || typeof value === 'number') shown[field] = value;
  }
  // The stack begins with the message: the frames are kept, the message in it is the clean one.
  if (err.stack !== undefined) shown.stack = redactMessage(err.stack.replace(err.message, () => message));
  if (err.cause !== undefined) shown.cause = clean(err.cause, depth + 1);
  if (err instanceof AggregateError) shown.errors = clean(err.errors, depth + 1);
  return shown;
}

function clean(value: unknown, depth: number): unknown {
  if (typeof value === 'bigint') return value.toString();
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  if (depth > 6) return '[deep]';
  if (value instanceof Error) return cleanError(value, depth);
  if (Array.isArray(value)) return value.map((item) => clean(item, depth + 1));
  if ('toJSON' in value && typeof value.toJSON === 'function') return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, isSecretKey(key) && item ? '[redacted]' : clean(item, depth + 1)]),
  );
}
