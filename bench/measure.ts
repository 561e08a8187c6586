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
 * Waits until nobody else uses the machine, so that what is measured is ours; half a minute at most.
 * @returns how busy it was at the end, 0 to 1: over 0.12 the wait was in vain, and the figures say so
 */
export async function quiet(): Promise<number> {
  const end = Date.now() + 30_000;
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

/** A straight line through points. */
export interface Fit {
  slope: number;
  /** The value where the line begins and ends. */
  first: number;
  last: number;
  /** How far the points lie from it: their standard deviation. */
  scatter: number;
}

/** @param points x and y, x ascending @returns the line with the least squares; all NaN for fewer than three points */
export function fit(points: readonly (readonly [number, number])[]): Fit {
  const n = points.length;
  const [from, to] = [points[0], points[n - 1]];
  if (n < 3 || !from || !to) return { slope: Number.NaN, first: Number.NaN, last: Number.NaN, scatter: Number.NaN };
  const mean = (of: (p: readonly [number, number]) => number) => points.reduce((sum, p) => sum + of(p), 0) / n;
  const [x, y] = [mean((p) => p[0]), mean((p) => p[1])];
  const slope = mean((p) => (p[0] - x) * (p[1] - y)) / mean((p) => (p[0] - x) ** 2);
  const at = (on: number) => y + slope * (on - x);
  return { slope, first: at(from[0]), last: at(to[0]), scatter: Math.sqrt(mean((p) => (p[1] - at(p[0])) ** 2)) };
}
