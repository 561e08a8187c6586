import { Command } from 'commander';
import { vi } from 'vitest';

/** Runs a command of the command line in this process. @returns what it printed @throws what it throws: `main.ts` would print it and exit */
export async function runCli(register: (program: Command) => void, ...words: string[]): Promise<string> {
  const printed: string[] = [];
  const log = vi.spyOn(console, 'log').mockImplementation((line: string) => void printed.push(line));
  try {
    const program = new Command().exitOverride();
    register(program);
    await program.parseAsync(words, { from: 'user' });
    return printed.join('\n');
  } finally {
    log.mockRestore();
  }
}
