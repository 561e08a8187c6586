import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/**
 * Runs Node with these arguments, to its end. It is ended, as by a crash (one that hangs hears nothing else), when `timeoutMs` are over, and as soon as
 * `signal` is aborted: what it does must bear that.
 * @throws once it failed or was ended
 */
export async function runElsewhere(
  args: readonly string[],
  { timeoutMs, signal }: { timeoutMs: number; signal: AbortSignal },
): Promise<void> {
  const run = promisify(execFile)(process.execPath, args, { timeout: timeoutMs, killSignal: 'SIGKILL' });
  // Node's own way with a signal ends it by SIGTERM, whatever killSignal says.
  const end = () => void run.child.kill('SIGKILL');
  signal.addEventListener('abort', end);
  if (signal.aborted) end();
  try {
    await run;
  } finally {
    signal.removeEventListener('abort', end);
  }
}
