// Once per test run: one PostgreSQL with a migrated template database, for every test file.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { TestProject } from 'vitest/node';
import { bundlePrograms } from './program.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** URL of the template database. */
    templateUrl: string;
  }
}

/** @returns the teardown, which waits until the server is gone. @throws Error when the server does not start. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const script = fileURLToPath(new URL('./cluster.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', script], {
    stdio: ['pipe', 'pipe', 'inherit'],
    // Out of the terminal's process group: Ctrl-C is for us, and our end is the sign for it.
    detached: true,
  });
  const exited = once(child, 'exit');
  const removeBundles = await bundlePrograms();
  const line = once(createInterface(child.stdout), 'line');
  const url = await Promise.race([line, exited.then(() => undefined)]);
  if (!url) throw new Error('the test database did not start');
  project.provide('templateUrl', url[0] as string);
  return async () => {
    await removeBundles();
    child.stdin.end();
    await exited;
  };
}
