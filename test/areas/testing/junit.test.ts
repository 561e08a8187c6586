import { createReadStream } from 'node:fs';
import { expect, test } from 'vitest';
import { readJUnit } from '../../../src/areas/testing/junit.ts';

const fixture = (name: string) => createReadStream(new URL(`../../fixtures/junit/${name}.xml`, import.meta.url));
async function* bytes(...texts: string[]) {
  for (const text of texts) yield new TextEncoder().encode(text);
}
const head = '<?xml version="1.0"?><testsuites><testsuite name="s">';
const tail = '</testsuite></testsuites>';

test.each([
  ['vitest', { passed: 2, failed: 1, skipped: 1, failures: ['test/money.test.ts › money > shows dust'] }],
  [
    'pytest',
    { passed: 2, failed: 2, skipped: 2, failures: ['tests.test_send › test_fee', 'tests.test_db › test_rows'] },
  ],
  [
    'surefire',
    {
      passed: 2,
      failed: 2,
      skipped: 1,
      failures: ['com.example.SendTest › rejectsDust', 'com.example.SendTest › talksToNode'],
    },
  ],
  [
    'go-junit-report',
    {
      passed: 1,
      failed: 2,
      skipped: 1,
      failures: ['example.com/pay/ledger › TestPost/unbalanced', 'example.com/pay/broken › [build failed]'],
    },
  ],
  ['playwright', { passed: 2, failed: 1, skipped: 1, failures: ['send.spec.ts › sending › shows the fee'] }],
])('a report of %s is read', async (name, totals) => {
  expect(await readJUnit(fixture(name))).toEqual(totals);
});

test('a suite that could not be set up is one failure', async () => {
  const read = await readJUnit(bytes(head, '<testcase name="a"/><error message="no database"/>', tail));
  expect(read).toEqual({ passed: 1, failed: 1, skipped: 0, failures: ['s'] });
});

test('a letter cut in two by the end of a piece is one letter', async () => {
  const whole = new TextEncoder().encode(`${head}<testcase name="é"><failure/></testcase>${tail}`);
  const at = whole.indexOf(0xc3) + 1;
  async function* cut() {
    yield whole.slice(0, at);
    yield whole.slice(at);
  }
  expect((await readJUnit(cut())).failures).toEqual(['é']);
});

test.each([
  ['cut off', [head, '<testcase name="a"/>'], /not well-formed/],
  ['not XML', ['PASS ok 12 tests'], /not well-formed XML: .*text data outside of root node\.$/],
  ['empty', [''], /not well-formed/],
  ['another format', ['<html><body/></html>'], /begins with <html>/],
  ['without a test', [head, tail], /no test in the file/],
  ['an undefined entity', [head, '<testcase name="&xxe;"/>', tail], /not well-formed/],
  [
    'entities that multiply',
    ['<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]>', head, '<testcase name="&b;"/>', tail],
    /document type/,
  ],
  ['a file from elsewhere', ['<!DOCTYPE x SYSTEM "file:///etc/passwd">', head, tail], /document type/],
  ['nested without end', ['<testsuites>', ...Array(1000).fill('<testsuite name="s">')], /nested too deeply/],
])('%s is refused with a clear error', async (_what, texts, message) => {
  await expect(readJUnit(bytes(...texts))).rejects.toThrow(message);
});

test('bytes that are no UTF-8 are refused', async () => {
  async function* broken() {
    yield new Uint8Array([0x3c, 0xff, 0xfe]);
  }
  await expect(readJUnit(broken())).rejects.toThrow('not UTF-8');
});

test('50 MB are refused before they are read, and 10 MB are read in bounded memory', async () => {
  const one = `<testcase classname="c" name="n"><system-out>${'x'.repeat(900)}</system-out></testcase>`;
  let given = 0;
  async function* large(n: number) {
    yield* bytes(head);
    const chunk = new TextEncoder().encode(one.repeat(100));
    for (let i = 0; i < n; i += chunk.length, given += chunk.length) yield chunk;
    yield* bytes(tail);
  }
  await expect(readJUnit(large(50_000_000))).rejects.toThrow('over 20 MB');
  expect(given).toBeLessThan(20_200_000);
  expect((await readJUnit(large(10_000_000))).passed).toBeGreaterThan(9_000);
});
