import { CommanderError } from 'commander';
import { expect, it } from 'vitest';
import { demoCommand } from '../../src/demo/options.ts';

/** What was said of these words, and the exit code. */
function refused(...words: string[]): { said: string; code: number | undefined } {
  let said = '';
  const write = (text: string) => {
    said += text;
  };
  try {
    demoCommand().exitOverride().configureOutput({ writeOut: write, writeErr: write }).parse(words, { from: 'user' });
  } catch (err) {
    return { said, code: err instanceof CommanderError ? err.exitCode : undefined };
  }
  return { said, code: undefined };
}

it('the demo takes its options', () => {
  const given = (...words: string[]) => demoCommand().parse(words, { from: 'user' }).opts();
  expect(given()).toEqual({});
  expect(given('--once', '--month')).toEqual({ once: true, month: true });
});

it('what it does not know is refused, with what was probably meant and all there is', () => {
  expect(refused('--onec')).toEqual({
    said: expect.stringMatching(/unknown option '--onec'[\s\S]*Did you mean --once\?[\s\S]*--month/),
    code: 1,
  });
  expect(refused('once')).toEqual({ said: expect.stringMatching(/too many arguments[\s\S]*--once/), code: 1 });
});

it('--help shows what there is', () => {
  const { said, code } = refused('--help');
  expect(said).toMatch(/^Usage: npm run demo -- \[options\]\n[\s\S]*--once[\s\S]*--month/);
  expect(code).toBe(0);
});
