// A short day of `npm run chaos`: a bot is killed, deliveries and answers are lost, and every promise is kept.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { runSeed } from '../../chaos/run.ts';
import type { Cluster } from '../../chaos/world.ts';
import { asAdmin, urlOf } from '../support/db.ts';

// Of the posts whose answers are lost on this day none is a first card: without those the few seconds would be over before anybody did much.
const SEED = Number(process.env.SEED ?? 5);

it(`keeps every promise through a short day of faults (SEED=${SEED})`, { timeout: 90_000 }, async () => {
  const dir = await mkdtemp(join(tmpdir(), 'shipshape-chaos-'));
  let made = '';
  const cluster: Cluster = {
    fresh: async (name) => {
      made = name;
      await asAdmin((admin) => admin.query(`create database ${name} template shipshape`));
      return urlOf(name);
    },
    stop: async () => {},
  };
  try {
    const { violations, facts } = await runSeed(
      SEED,
      { releases: 3, requests: 2, dayMs: 2_500, blows: 1 },
      cluster,
      dir,
      () => {},
    );
    const deeds = await readFile(join(dir, 'deeds.log'), 'utf8');
    expect(violations, deeds).toEqual([]);
    // Nothing would be violated either where nothing happened.
    expect(facts.taken, deeds).toBeGreaterThan(20);
  } finally {
    await asAdmin((admin) => admin.query(`drop database if exists ${made} with (force)`));
    await rm(dir, { recursive: true });
  }
});
