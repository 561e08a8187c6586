// A hand on the processes: kills, stops, freezes, cuts, at times that the seed draws.
import { setTimeout as wait } from 'node:timers/promises';
import { until } from '../test/support/slack.ts';
import { randomOf } from './random.ts';
import type { Berth, Cluster, World } from './world.ts';

const BLOWS = ['kill', 'term', 'freeze', 'cut', 'postgres', 'clock'] as const;
/** It takes seconds to recover: once a day. */
const OFTEN = BLOWS.filter((what) => what !== 'postgres' && what !== 'clock');
export interface Blow {
  /** Part of the day, 0 to 1. */
  at: number;
  what: (typeof BLOWS)[number];
  /** Which of the two bots. */
  berth: number;
  /** How long it is frozen, or lies dead; how far the clock jumps ahead. */
  ms: number;
}

/** What is done to the processes on the day, in order. @param ours whether PostgreSQL may be ended, and the clock stepped */
export function blowsOf(
  seed: number,
  count: number,
  { postgres, clock }: { postgres: boolean; clock: boolean },
): Blow[] {
  const random = randomOf(seed, 'blows');
  const blows = Array.from({ length: count }, (_, i): Blow => {
    // The worst ones are in every day.
    const what = i === 0 ? 'kill' : i === 1 && postgres ? 'postgres' : random.pick(OFTEN);
    return { at: 0.1 + random.next() * 0.85, what, berth: random.between(0, 1), ms: random.between(100, 3_000) };
  });
  if (clock)
    blows.push({ at: 0.1 + random.next() * 0.8, what: 'clock', berth: 0, ms: random.between(5_000, 1_200_000) });
  return blows.sort((a, b) => a.at - b.at);
}

const AHEAD = 'update moved.ahead set by = by + make_interval(secs => $1) returning by';

const TOLD: Record<Blow['what'], (berth: string, ms: number) => string> = {
  kill: (berth, ms) => `kill -9 bot ${berth}, and start it again ${ms} ms later`,
  term: (berth, ms) => `SIGTERM bot ${berth}, and start it again ${ms} ms later`,
  freeze: (berth, ms) => `SIGSTOP bot ${berth} for ${2 * ms} ms`,
  cut: () => 'cut every connection to Slack',
  postgres: () => 'PostgreSQL ends as in a crash, and recovers',
  clock: (_, ms) => `the clock jumps ahead by ${ms} ms`,
};

/** Does it, and waits until it is over. */
export async function strike(world: World, cluster: Cluster, blow: Blow, say: (text: string) => void): Promise<void> {
  const berth = world.berths[blow.berth] as Berth;
  const { bot } = berth;
  say(TOLD[blow.what](berth.name, blow.ms));
  switch (blow.what) {
    case 'kill':
      await bot?.kill();
      await wait(blow.ms);
      return world.board(berth);
    case 'term': {
      await stop(berth);
      await wait(blow.ms);
      return world.board(berth);
    }
    case 'freeze':
      if (!bot) return;
      process.kill(bot.pid, 'SIGSTOP');
      await wait(blow.ms * 2);
      process.kill(bot.pid, 'SIGCONT');
      return;
    case 'cut':
      world.office.deliveries.cut();
      return;
    case 'postgres':
      return cluster.restart?.();
    case 'clock':
      // The clock of the database, and with it the bots': forward, as after a correction. Back is not possible here.
      await until(() => world.pool.query(AHEAD, [blow.ms / 1000]), 'the clock to be stepped', 30_000);
      return;
  }
}

/** SIGTERM. Notes how it ended. */
export async function stop(berth: Berth): Promise<void> {
  const began = Date.now();
  const code = await berth.bot?.stop();
  const ms = Date.now() - began;
  berth.stops.push({ code: code ?? null, ms });
}
