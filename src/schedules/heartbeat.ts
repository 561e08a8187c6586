import cron, { type ScheduledTask } from 'node-cron';
import type { Logger } from '../base/log.ts';
import { withRequest } from '../base/log.ts';
import { SCHEDULES, type ScheduleName } from './table.ts';

/** What a schedule does when it comes round. It must see to it itself that one instance does it. */
export type Beats = Record<ScheduleName, (occurrence: Date) => Promise<void>>;

/**
 * Runs each schedule of the table when it is due. One that still runs is not started again; one that fails is logged
 * and comes round again.
 * @param deps.zone the team's IANA zone
 * @returns `stop`, which waits for what runs.
 */
export function startHeartbeat(deps: { zone: string; beats: Beats; log: Logger }): { stop(): Promise<void> } {
  const running = new Set<Promise<void>>();
  const beat = (name: ScheduleName, date: Date): Promise<void> => {
    // Instances wake a few milliseconds apart: the minute is what they agree on.
    const occurrence = new Date(Math.floor(date.getTime() / 60_000) * 60_000);
    const run = withRequest(`${name}-${occurrence.toISOString()}`, () => deps.beats[name](occurrence)).catch((err) => {
      deps.log.error({ err, schedule: name }, 'a schedule failed');
    });
    running.add(run);
    return run.finally(() => running.delete(run));
  };
  const text = (said: unknown) => (said instanceof Error ? said.message : String(said));
  const logger = {
    info: (said: string) => deps.log.debug(said),
    debug: (said: string | Error) => deps.log.debug(text(said)),
    warn: (said: string) => deps.log.warn(said),
    error: (said: string | Error) => deps.log.error(text(said)),
  };
  const tasks: ScheduledTask[] = SCHEDULES.map(({ name, cron: line, zone }) =>
    cron.schedule(line, ({ date }) => beat(name, date), {
      name,
      timezone: zone === 'team' ? deps.zone : 'Etc/UTC',
      noOverlap: true,
      suppressMissedWarning: true,
      logger,
    }),
  );
  return {
    stop: async () => {
      for (const task of tasks) await task.destroy();
      await Promise.all(running);
    },
  };
}
