// What every part measures with: percentiles, the machine's quiet, a process's memory.
import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';

export interface Latency {
  p50: number;
  p99: number;
  n: number;
}

/** @param ms latencies in milliseconds, in any order @returns nearest-rank percentiles; NaN when there are none */
export function latency(ms: readonly number[]): Latency {
  const sorted = [...ms].sort((a, b) => a - b);
  const rank = (p: number) => sorted[Math.max(0, Math.ceil(sorted.length * p) - 1)] ?? Number.NaN;
  return { p50: rank(0.5), p99: rank(0.99), n: sorted.length };
}

/** The middle one of several runs' values. */
export function median(values: readonly number[]): number {
  return latency(values).p50;
}

/** @returns how busy all processors are over `ms`, 0 to 1 */
export async function busy(ms: number): Promise<number> {
  const before = ticks();
  await wait(ms);
  const after = ticks();
  return 1 - (after.idle - before.idle) / (after.all - before.all);
}

function ticks(): { idle: number; all: number } {
  const times = cpus().map((cpu) => cpu.times);
  const sum = (of: (t: (typeof times)[number]) => number) => times.reduce((total, t) => total + of(t), 0);
  return { idle: sum((t) => t.idle), all: sum((t) => t.user + t.nice + t.sys + t.irq + t.idle) };
}

const QUIET = 0.12;

/**
 * Waits until nobody else uses the machine, so that what is measured is ours; two minutes at most.
 * @returns how busy it was at the end, 0 to 1: over 0.12 the wait was in vain, and the figures say so
 */
export async function quiet(): Promise<number> {
  const end = Date.now() + 120_000;
  for (;;) {
    const load = await busy(1_000);
    if (load < QUIET || Date.now() > end) return load;
  }
}

/** Resident memory of a process, in megabytes (10^6 bytes). Linux only. */
export function residentMb(pid: number): number {
  const kib = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return (Number(kib) * 1024) / 1e6;
}
