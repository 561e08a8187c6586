import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  date,
  escapeText,
  inParts,
  isUrl,
  link,
  mention,
  mrkdwn,
  plain,
  truncate,
  withLinks,
} from '../../src/base/mrkdwn.ts';

test('what people type stays text: no mention, link or entity survives escaping', () => {
  expect(escapeText('<!channel> <@U1> a&b')).toBe('&lt;!channel&gt; &lt;@U1&gt; a&amp;b');
  expect(escapeText('&lt;!here&gt;')).toBe('&amp;lt;!here&amp;gt;');
});

test('what people type calls nobody: Slack is not to look for mentions in plain words', () => {
  expect(mrkdwn('@here')).toEqual({ type: 'mrkdwn', text: '@here', verbatim: true });
});

test.each([
  ['see https://x.dev/a?b=1&c=2.', 'see <https://x.dev/a?b=1&amp;c=2>.'],
  ['(https://x.dev/a), `http://y.dev`', '(<https://x.dev/a>), `<http://y.dev>`'],
  ['<https://evil.dev|bank>', '&lt;<https://evil.dev>|bank&gt;'],
  ['https://a:b@x.dev and https://', 'https://a:b@x.dev and https://'],
  ['<!channel> @here', '&lt;!channel&gt; @here'],
])('addresses people type are links under their own name: %s', (typed, shown) => {
  expect(withLinks(typed)).toBe(shown);
});

test('escaping loses nothing and leaves no angle bracket, whatever is typed', () => {
  const nasty = fc.array(fc.constantFrom('<', '>', '&', '&amp;', '&lt;', '!channel', '|', '\u{1F389}', '\n', 'x'));
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ unit: 'binary' }),
        nasty.map((parts) => parts.join('')),
      ),
      (text) => {
        const safe = escapeText(text);
        expect(safe).not.toMatch(/[<>]/);
        expect(safe.replace(/&(amp|lt|gt);/g, '')).not.toContain('&');
        expect(plain(safe)).toBe(text);
      },
    ),
  );
});

test.each([
  ['a &lt;b&gt; &amp;amp; c', 'a <b> &amp; c'],
  ['<https://x.dev/a?b=1&amp;c=2>', 'https://x.dev/a?b=1&c=2'],
  ['see <https://x.dev|the page>', 'see the page'],
  ['<@U1ABC> and <@U1ABC|ann>', '@U1ABC and @ann'],
  ['<#C1ABC|releases> <#C1ABC>', '#releases #C1ABC'],
  ['<!here> <!channel|channel> <!subteam^S1|@ops> <!subteam^S1>', '@here channel @ops @S1'],
  ['<!date^1700000000^{date}|14 Nov>', '14 Nov'],
])('plain reads %s as people do', (coded, text) => expect(plain(coded)).toBe(text));

test('truncate keeps short texts, and says when something is missing', () => {
  expect(truncate('hello', 5)).toBe('hello');
  expect(truncate('hello!', 5)).toBe('hell…');
  expect(truncate('hello', 1)).toBe('…');
  expect(truncate('hello', 0)).toBe('');
  expect(truncate('', 0)).toBe('');
});

test.each([
  ['ab&amp;cd', 5, 'ab…'],
  ['ab&amp;cd', 8, 'ab&amp;…'],
  ['ab<https://x.dev|label>cd', 10, 'ab…'],
  ['ab\u{1F389}cd', 4, 'ab…'],
  ['ab\u{1F389}cd', 5, 'ab\u{1F389}…'],
])('truncate never halves an entity, a link or an emoji: %s to %i', (text, max, kept) =>
  expect(truncate(text, max)).toBe(kept),
);

test('truncate holds its limit and cuts only between whole pieces, whatever the text', () => {
  const piece = fc.constantFrom(
    'a',
    ' ',
    '\n',
    '&amp;',
    '&lt;',
    '<@U1ABC>',
    '<https://x.dev|a &amp; b>',
    '\u{1F389}',
    'é',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), fc.integer({ min: 0, max: 120 }), (pieces, max) => {
      const text = pieces.join('');
      const short = truncate(text, max);
      expect(short.length).toBeLessThanOrEqual(max);
      if (text.length <= max) expect(short).toBe(text);
      else if (max > 0) {
        const whole = pieces.map((_, i) => `${pieces.slice(0, i).join('')}…`);
        expect(whole).toContain(short);
        const longest = whole.filter((each) => each.length <= max).at(-1);
        expect(short).toBe(longest);
      }
    }),
  );
});

test('truncate copes with any string and is fast on a hostile one', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.nat(50), (text, max) => {
      expect(truncate(text, max).length).toBeLessThanOrEqual(max);
    }),
  );
  const started = performance.now();
  truncate('<'.repeat(50_000), 3000);
  truncate(`<${'a'.repeat(50_000)}`, 3000);
  expect(performance.now() - started).toBeLessThan(500);
});

test('a mention is made of a user id only', () => {
  expect(mention('U0ABC')).toBe('<@U0ABC>');
  expect(mention('!channel')).toBe('!channel');
  expect(mention('U0><!here')).toBe('U0&gt;&lt;!here');
});

test('a link shows its label, and can be neither broken out of nor pointed elsewhere', () => {
  expect(link('https://x.dev/a?b=1&c=2', 'A & B')).toBe('<https://x.dev/a?b=1&amp;c=2|A &amp; B>');
  expect(link('https://x.dev', '')).toBe('<https://x.dev>');
  expect(link('https://x.dev/a|b', 'x|y\nz')).toBe('<https://x.dev/a%7Cb|x¦y z>');
  expect(link('javascript:alert(1)', 'click')).toBe('click');
  expect(link('https://x.dev/>', '<!channel>')).toBe('&lt;!channel&gt;');
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (tail, label) => {
      expect(link(`https://x.dev/${tail}`, label)).toMatch(/^(?:<https:[^<>|]*(?:\|[^<>|]*)?>|[^<>]*)$/);
    }),
  );
});

test('a date is Slack’s token, with the local time for clients that cannot read it', () => {
  expect(date(new Date('2026-11-21T09:05:30.900Z'), 'Europe/Berlin')).toBe(
    '<!date^1795251930^{date_short_pretty} {time}|21 Nov 2026, 10:05 (Europe/Berlin)>',
  );
});

test.each(['https://x.dev', 'http://127.0.0.1:3000/a?b=c|d#e', 'HTTPS://X.DEV/ä'])('%s is an address', (text) =>
  expect(isUrl(text)).toBe(true),
);

test.each([
  '',
  'x.dev',
  'ftp://x.dev',
  'https://',
  'https://a b',
  ' https://x.dev',
  'https://u:p@x.dev',
  'https://u@x.dev',
  'javascript:1',
  'https://x.dev/<b>',
  `https://x.dev/${'a'.repeat(3000)}`,
])('"%.30s" is no address we link to', (text) => expect(isUrl(text)).toBe(false));

test.each([
  ['', 3, ['']],
  ['abcdef', 3, ['abc', 'def']],
  ['ab&amp;c', 5, ['ab', '&amp;', 'c']],
  ['ab🚀', 3, ['ab', '🚀']],
  ['<@U12345>', 4, ['…']],
])('%j in parts of %i', (text, max, parts) => {
  expect(inParts(text, max)).toEqual(parts);
});
