import { TextDecoder } from 'node:util';
import { SaxesParser } from 'saxes';
import { ShipshapeError } from '../../base/errors.ts';

/** What a JUnit file adds up to. Errors count as failures. */
export interface CiTotals {
  passed: number;
  failed: number;
  skipped: number;
  /** Names of the first failed tests. */
  failures: string[];
}

/** A file this large is no test report; real ones of 20,000 tests have 5 MB. */
export const BYTES_MAX = 20_000_000;
const DEPTH_MAX = 40;
const FAILURES_KEPT = 50;

const wrong = (message: string, next: string) => new ShipshapeError({ code: 'junit', message, next });

/**
 * Reads JUnit XML as test tools write it (vitest, pytest, Maven Surefire, go-junit-report, Playwright), piece by piece: memory does not grow with the
 * file. Document types are refused, so no entity is ever expanded and nothing else is opened.
 * @throws ShipshapeError when it is too large, not well-formed, or no JUnit
 */
export async function readJUnit(chunks: AsyncIterable<Uint8Array>): Promise<CiTotals> {
  const reader = makeReader();
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.length;
    if (bytes > BYTES_MAX)
      throw wrong(`The file has over ${BYTES_MAX / 1_000_000} MB.`, 'Give the report of one suite at a time.');
    reader.write(decode(decoder, chunk));
  }
  reader.write(decode(decoder));
  return reader.end();
}

function decode(decoder: TextDecoder, chunk?: Uint8Array): string {
  try {
    return chunk === undefined ? decoder.decode() : decoder.decode(chunk, { stream: true });
  } catch {
    throw wrong('The file is not UTF-8 text.', 'JUnit XML in UTF-8 is expected.');
  }
}

interface Test {
  name: string;
  outcome: 'passed' | 'failed' | 'skipped';
}

function makeReader() {
  const parser = new SaxesParser();
  const totals: CiTotals = { passed: 0, failed: 0, skipped: 0, failures: [] };
  const open: string[] = [];
  let suite = '';
  let test: Test | null = null;

  const count = (t: Test) => {
    totals[t.outcome] += 1;
    if (t.outcome === 'failed' && totals.failures.length < FAILURES_KEPT) totals.failures.push(t.name.slice(0, 300));
  };
  parser.on('doctype', () => {
    throw wrong('The file declares a document type, which no test tool writes.', 'Give the file as the tool wrote it.');
  });
  parser.on('error', (err) => {
    // Its sentences end with a full stop or without one.
    const what = err.message.replace(/\.+$/, '').slice(0, 200);
    throw wrong(`The file is not well-formed XML: ${what}.`, 'Give the file as the tool wrote it.');
  });
  parser.on('opentag', ({ name, attributes }) => {
    const parent = open.at(-1);
    if (parent === undefined && name !== 'testsuites' && name !== 'testsuite')
      throw wrong(
        `The file is no JUnit report: it begins with <${name.slice(0, 40)}>.`,
        '<testsuites> or <testsuite> is expected.',
      );
    if (open.push(name) > DEPTH_MAX)
      throw wrong('The file is nested too deeply.', 'Give the file as the tool wrote it.');
    if (name === 'testsuite') suite = attributes.name ?? '';
    if (name === 'testcase') test = { name: testName(attributes), outcome: 'passed' };
    const bad = name === 'failure' || name === 'error';
    // A suite that could not be set up has no test to blame: it is one failure itself.
    if (bad && parent === 'testsuite') count({ name: suite, outcome: 'failed' });
    if (test === null || parent !== 'testcase') return;
    if (bad) test.outcome = 'failed';
    if (name === 'skipped' && test.outcome === 'passed') test.outcome = 'skipped';
  });
  parser.on('closetag', ({ name }) => {
    open.pop();
    if (name !== 'testcase' || test === null) return;
    count(test);
    test = null;
  });

  return {
    write: (text: string) => {
      parser.write(text);
    },
    end: (): CiTotals => {
      parser.close();
      if (totals.passed + totals.failed + totals.skipped === 0)
        throw wrong('There is no test in the file.', 'Check that the tests ran, and that it is their report.');
      return totals;
    },
  };
}

function testName(attributes: Record<string, string>): string {
  const { classname, name } = attributes;
  return [classname, name].filter(Boolean).join(' › ') || 'a test without a name';
}
