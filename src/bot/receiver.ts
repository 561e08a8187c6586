import { randomUUID } from 'node:crypto';
import type { App, Receiver, ReceiverEvent } from '@slack/bolt';
import { type Logger, withRequest } from '../base/log.ts';
import type { Metrics } from '../base/metrics.ts';
import { timed } from '../base/steps.ts';
import { storableJson } from '../base/storable.ts';

export interface DurableDeps {
  /** Keeps the event for later; throws when it could not, and the event then stays unacknowledged. */
  store(body: Record<string, unknown>): Promise<'stored' | 'duplicate' | 'ignored'>;
  metrics: Pick<Metrics, 'slackEvents'>;
  log: Logger;
}

/** An event that could not be stored. Receivers must leave it unacknowledged: Slack then sends it again. */
export class NotStored extends Error {
  constructor(cause: unknown) {
    super('event not stored', { cause });
    this.name = 'NotStored';
  }
}

/**
 * Wraps a receiver so that no event is lost. Bolt acknowledges events before its listeners run, and a crash in between
 * loses them; so the receiver gets a stand-in for the app that stores an event, acknowledges it, and leaves the rest to
 * the queue. Commands, actions, views and shortcuts go straight to the app: their sender is waiting and sees a failure.
 * Works with every receiver of Bolt.
 */
export function durable(receiver: Receiver, deps: DurableDeps): Receiver {
  return {
    init(app) {
      const standIn = {
        processEvent: (event: ReceiverEvent): Promise<void> =>
          event.body.type === 'event_callback'
            ? withRequest(String(event.body.event_id), () => receive(event, deps))
            : // What people typed may hold what no column of ours can; it is taken out before anybody looks.
              withRequest(randomUUID(), () => app.processEvent({ ...event, body: storableJson(event.body) })),
      };
      receiver.init(standIn as unknown as App);
    },
    start: (...args) => receiver.start(...args),
    stop: (...args) => receiver.stop(...args),
  };
}

async function receive(event: ReceiverEvent, deps: DurableDeps): Promise<void> {
  const type = String(event.body.event?.type);
  let result: 'stored' | 'duplicate' | 'ignored';
  try {
    result = await timed('store', undefined, () => deps.store(event.body));
  } catch (err) {
    deps.metrics.slackEvents.inc({ type, result: 'not_stored' });
    deps.log.error({ err, type }, 'event not stored: left unacknowledged, Slack sends it again');
    throw new NotStored(err);
  }
  deps.metrics.slackEvents.inc({ type, result });
  try {
    await event.ack();
  } catch (err) {
    // The event is safe; Slack sends it again and it will be a duplicate.
    deps.log.warn({ err, type }, 'acknowledgement not sent');
  }
}
