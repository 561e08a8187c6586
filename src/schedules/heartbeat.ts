import cron from 'node-cron';
import type { Logger } from '../base/log.ts';
import { type BeatDeps, beatOnce, setBack } from './beat.ts';

/** Every ten seconds: instances' clocks differ from the database's, and who asks a second early must not be a minute late. */
const EVERY = '*/10 * * * * *';
/** Whether the clock went back is looked at by every sixth beat: once a minute. */
const LOOK = 6;

/** What a heart needs besides what a beat needs. */
type HeartDeps = BeatDeps & {
  /** For the demo: done before each beat, to take over the clock that it moves. */
  before?: () => Promise<void>;
};

/**
 * The beat: asks the database what is due, and does it (see `beatOnce`). A beat that still runs is not started again; one that fails
 * is logged, and the next one does what it left.
 * @returns `beat`, which beats at once, and `stop`, which waits for what runs.
 */
export function startHeartbeat(deps: HeartDeps): { beat(): Promise<void>; stop(): Promise<void> } {
  let running: Promise<void> | undefined;
  let beats = 0;
  const beat = (): Promise<void> => {
    running ??= Promise.resolve(deps.before?.())
      .then(() => (beats++ % LOOK === 0 ? setBack(deps) : undefined))
      .then(() => beatOnce(deps))
      .catch((err) => deps.log.error({ err }, 'the beat failed'))
      .finally(() => {
        running = undefined;
      });
    return running;
  };
  const task = cron.schedule(EVERY, beat, {
    timezone: 'Etc/UTC',
    suppressMissedWarning: true,
    logger: quiet(deps.log),
  });
  return {
    beat,
    stop: async () => {
      await task.destroy();
      await running;
    },
  };
}

function quiet(log: Logger) {
  const text = (said: unknown) => (said instanceof Error ? said.message : String(said));
  return {
    info: (said: string) => log.debug(said),
    debug: (said: string | Error) => log.debug(text(said)),
    warn: (said: string) => log.warn(said),
    error: (said: string | Error) => log.error(text(said)),
  };
}
