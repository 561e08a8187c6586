// Handles one stored Slack event.
import { errorText } from '../base/errors.ts';
import type { Logger } from '../base/log.ts';
import type { Metrics } from '../base/metrics.ts';
import { escapeText } from '../base/mrkdwn.ts';
import type { Db } from '../db/client.ts';
import { post } from '../db/outbox.ts';

type Body = Record<string, unknown>;

/**
 * Hands a stored event to the bot. One that fails for good is told to the admins, in the place where they look.
 * @param deps.handle reads the event, gives it to `process` and marks it handled, once; marks it failed on the last attempt
 * @throws what `process` throws: the queue tries again, unless `last`.
 */
export async function handleEvent(
  deps: {
    db: Db;
    admins: string;
    log: Logger;
    metrics: Pick<Metrics, 'eventsHandled'>;
    handle(
      id: string,
      process: (body: Body) => Promise<void>,
      last: boolean,
    ): Promise<'handled' | 'already' | 'missing'>;
    process(body: Body): Promise<void>;
  },
  id: string,
  last: boolean,
): Promise<void> {
  let type = 'unknown';
  const process = async (body: Body) => {
    type = typeOf(body);
    await deps.process(body);
  };
  try {
    const result = await deps.handle(id, process, last);
    deps.metrics.eventsHandled.inc({ type, result });
    if (result === 'missing') deps.log.warn({ event: id }, 'an event to be handled is not stored');
  } catch (err) {
    deps.metrics.eventsHandled.inc({ type, result: last ? 'failed' : 'retried' });
    if (last) {
      const text = `I could not handle a Slack event (\`${type}\`, \`${id}\`), and gave up: ${escapeText(errorText(err))}. What somebody did there may be missing; doing it again helps.`;
      await deps.db.transaction((tx) => post(tx, { role: 'line', target: deps.admins, text }));
    }
    throw err;
  }
}

function typeOf(body: Body): string {
  const { event } = body;
  const type = typeof event === 'object' && event !== null && 'type' in event ? event.type : undefined;
  return typeof type === 'string' ? type : 'unknown';
}
