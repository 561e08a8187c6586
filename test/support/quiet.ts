import { type Logger, makeLog } from '../../src/base/log.ts';

/** A logger that keeps its lines for the test to read, instead of printing them. */
export function keptLog(): { log: Logger; lines: Record<string, unknown>[] } {
  const lines: Record<string, unknown>[] = [];
  return { log: makeLog('debug', { write: (line) => lines.push(JSON.parse(line)) }), lines };
}
