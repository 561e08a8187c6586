import type { AllMiddlewareArgs, SlackEventMiddlewareArgs } from '@slack/bolt';
import { addJob } from '../db/outbox.ts';
import { homes } from '../db/schema/people.ts';
import type { BotDeps } from './deps.ts';

/** Somebody opened the App Home: it is drawn for them now, and kept up to date from here on. */
export function homeOpened(deps: BotDeps) {
  return async ({ event }: SlackEventMiddlewareArgs<'app_home_opened'> & AllMiddlewareArgs): Promise<void> => {
    if (event.tab !== 'home') return;
    const openedAt = deps.clock();
    await deps.db.transaction(async (tx) => {
      await tx
        .insert(homes)
        .values({ person: event.user, openedAt })
        .onConflictDoUpdate({ target: homes.person, set: { openedAt } });
      await addJob(tx, 'homes', { person: event.user }, { key: `home:${event.user}` });
    });
  };
}
