import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hideSecrets, redact } from '../../src/base/redact.ts';

test.each([
  ['xoxb-12-34-AbCd', 'xoxb'],
  ['xoxp-12-34-AbCd', 'xoxp'],
  ['xoxe.xoxp-1-AbCd', 'AbCd'],
  ['xapp-1-A0-12-abcd', 'xapp'],
  ['ghp_0123456789abcdef', 'ghp_'],
  ['github_pat_11ABCDEFG0_abcdef', 'github_pat'],
  ['postgres://bot:p@ss/w:rd@db:5432/x', 'ss/w'],
  ['postgresql://:hunter2@db/x', 'hunter2'],
  ['https://user:hunter2@example.com/x', 'hunter2'],
  ['Authorization: Bearer abc.def.ghi', 'abc.def'],
  ['{"authorization":"Basic aGVsbG8="}', 'aGVsbG8'],
  ['{\\"authorization\\":\\"abcdef\\"}', 'abcdef'],
  ['authorization=token abcdef', 'abcdef'],
  ['?access_token=abcdef&x=1', 'abcdef'],
  ['wss://slack/link?ticket=abc-def&app_id=1', 'abc-def'],
  ['https://hooks.slack.com/services/T0/B0/abcdef', 'abcdef'],
])('no secret is left of %s', (secret, part) => {
  const clean = redact(`before ${secret} after`);
  expect(clean).not.toContain(part);
  expect(clean).toMatch(/^before .* after$|^before .*$/);
  expect(clean).toContain('[redacted]');
});

test.each([
  'https://example.com:8080/a?b=1@c',
  'release web 1.4.0 of abc1234def5678',
  'the token is missing: set it to xoxb-…',
  'postgres://localhost:5432/shipshape',
  'mail ann@example.com at 10:30',
])('%s stays as it is', (text) => expect(redact(text)).toBe(text));

test('a value with no shape of its own is hidden once it is known, short ones are not', () => {
  expect(redact('0f1e2d3c4b5a')).toBe('0f1e2d3c4b5a');
  hideSecrets(['0f1e2d3c4b5a', undefined, 'short']);
  expect(redact('a0f1e2d3c4b5ab short')).toBe('a[redacted]b short');
});

test('redacting is fast on hostile text', () => {
  const started = performance.now();
  for (const part of [
    'a.',
    'a:',
    '://',
    'postgres://',
    'postgres://a:',
    'authorization ',
    'xox',
    'token=',
    '@',
    '\\nparams: ',
  ])
    redact(part.repeat(4000 / part.length));
  expect(performance.now() - started).toBeLessThan(1000);
});

test('redacting a line of JSON leaves it JSON', () => {
  const piece = fc.constantFrom(
    'xoxb-',
    '1',
    '"',
    '\\',
    '\n',
    'postgres://a:',
    '@',
    ' ',
    'authorization',
    ':',
    '=',
    'token=',
    'Bearer abcdef',
    '{',
    ',',
    'https://',
  );
  fc.assert(
    fc.property(
      fc.array(
        fc.array(piece, { maxLength: 12 }).map((each) => each.join('')),
        { maxLength: 4 },
      ),
      (texts) => {
        const parsed: unknown = JSON.parse(redact(JSON.stringify(texts)));
        expect(parsed).toHaveLength(texts.length);
      },
    ),
    { numRuns: 2000 },
  );
});
