import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readWord } from '../../../src/areas/releases/words.ts';

const LGTM = [
  'LGTM',
  'lgtm',
  'Lgtm',
  'LgTm',
  '  LGTM\n',
  'lgtm!',
  'LGTM!!!',
  'LGTM.',
  'LGTM,',
  '(LGTM)',
  '*LGTM*',
  '_LGTM_',
  '*_lgtm_*',
  '• LGTM',
  '- LGTM',
  'LGTM :tada:',
  ':white_check_mark: LGTM :rocket:',
  ':lgtm: LGTM',
  'LGTM :+1:',
  'LGTM :+1::skin-tone-3:',
  'LGTM :man-raising-hand:',
  'LGTM ✅',
  'LGTM ✔️',
  'LGTM 👍🏽',
  '🎉LGTM🎉',
  'LGTM &amp;',
  'LGTM :)',
  '\u200fLGTM\u200f',
  '\u200eLGTM',
  '\u2068LGTM\u2069',
  '\ufeffLGTM\u200b',
  '\u00a0LGTM\u3000',
  'LGTM\u200d',
  'ＬＧＴＭ',
  'ｌｇｔｍ！',
  'LGTM ;)',
  'LGTM ;-)',
  'LGTM :-)',
  'LGTM: :tada:',
  '(LGTM) :tada:',
];

const MENTIONS: Record<string, string[]> = {
  'a question': [
    'LGTM?',
    'LGTM ?!',
    'LGTM？',
    '¿LGTM',
    'LGTM؟',
    'LGTM :question:',
    'LGTM ❓',
    'LGTM‽',
    'LGTM⁉️',
    'LGTM\u037e',
    'LGTM;',
    'LGTM ;',
    'ＬＧＴＭ？',
    'ＬＧＴＭ；',
  ],
  'a quote': [
    '&gt; LGTM',
    '&gt;LGTM',
    '> LGTM',
    '&gt;&gt;&gt; LGTM',
    '  &gt; LGTM',
    '&gt; ok to ship\nLGTM',
    'LGTM\n&gt; the fee is right',
    '"LGTM"',
    '“LGTM”',
    "'LGTM'",
    '«LGTM»',
    '「LGTM」',
    '`LGTM`',
    '```LGTM```',
  ],
  'struck through': ['~LGTM~', '~lgtm~ :tada:', 'LGTM\u0336', '～LGTM～'],
  'a no or a doubt': [
    'not LGTM yet',
    'LGTM not',
    'no LGTM',
    '!LGTM',
    '! LGTM',
    '¬LGTM',
    '≠ LGTM',
    '[ ] LGTM',
    '☐ LGTM',
    'LGTM but…',
    'LGTM but',
    'LGTM, except the fee',
    'almost LGTM',
    'LGTM 👎',
    'LGTM 👎🏿',
    'LGTM :-1:',
    'LGTM :-1::skin-tone-2:',
    'LGTM :thumbsdown:',
    'LGTM :x:',
    'LGTM :X:',
    'LGTM :no_entry:',
    'LGTM :nope:',
    ':not: LGTM',
    'LGTM :thinking_face:',
    'LGTM 🤔',
    'LGTM :warning:',
    'LGTM ⚠️',
    'LGTM 🚫',
    'LGTM :octagonal_sign:',
    'LGTM :hourglass_flowing_sand:',
    'LGTM ⏳',
    'LGTM :woman-gesturing-no:',
    'LGTM 🙅‍♀️',
    'LGTM :shrug:',
    'LGTM 🤷🏻‍♂️',
    'LGTM :face_palm: later',
    'LGTM :upside_down_face:',
    'LGTM :grey_question:',
    'LGTM :bug:',
    'LGTM 🐛',
    '✗ LGTM',
    'LGTM ☒',
    '☓ LGTM',
    'LGTM :(',
    'LGTM :-(',
    'LGTM :/',
    'LGTM :|',
    'LGTM ):',
    'LGTM :disappointed:',
    'LGTM :disappointed_relieved:',
    'LGTM 😞',
    'LGTM :slightly_frowning_face:',
    'LGTM :worried:',
    'LGTM :sob:',
    'LGTM :roll_eyes:',
    'LGTM :face_with_rolling_eyes:',
    'LGTM 🙄',
    'LGTM :grimacing:',
    'LGTM :rewind:',
    'LGTM ⏪',
    'LGTM :red_circle:',
    'LGTM :negative_squared_cross_mark:',
    'ＬＧＴＭ 不',
    'not ＬＧＴＭ',
  ],
  'more than the word': [
    'LGTM LGTM',
    'LGTM\nLGTM',
    'LGTM from me',
    'it is LGTM',
    '<@U1> LGTM',
    'LGTM <@U1>',
    '<!here> LGTM',
    '<#C1|lgtm>',
    '<https://example.com|LGTM>',
    'LGTM https://example.com',
    'LGTM 1',
    'LGTM -1',
    'LGTM +1',
    '1/2 LGTM',
    'LGTM2',
    'LGTMs',
    "LGTM'd",
    'notLGTM',
    'LGTM_not',
    'LGTM &lt;3',
    'LGTM /s',
    'LGTM Ⓝⓞⓣ',
    'LGTM 不',
    'не LGTM',
    'لا LGTM',
  ],
  'the emoji alone': [':lgtm:', ':lgtm::lgtm:', ':LGTM: :tada:', ':shipit-lgtm:'],
  'shown the other way round': ['\u202eLGTM', '\u202dLGTM\u202c'],
};

const NOTHING = [
  '',
  ' ',
  ':tada:',
  'looks good to me',
  'LG TM',
  'L.G.T.M.',
  'MTGL',
  'L\u200bGTM',
  'L\u0336G\u0336T\u0336M\u0336',
  'LGТМ',
  '𝐋𝐆𝐓𝐌',
  'ⓁⒼⓉⓂ',
  '&gt; ship it',
];

describe('R7: a message that says LGTM and nothing else signs off', () => {
  test.each(LGTM)('%j', (text) => expect(readWord(text)).toBe('lgtm'));
});

describe('R7: a message that merely contains it does not, and is offered the button', () => {
  const cases = Object.entries(MENTIONS).flatMap(([why, texts]) => texts.map((text) => ({ why, text })));
  test.each(cases)('$why: $text', ({ text }) => expect(readWord(text)).toBe('mentions'));
});

describe('R7: a message without the word, or with letters that only look like it, is nothing', () => {
  test.each(NOTHING)('%j', (text) => expect(readWord(text)).toBe('nothing'));
});

describe('R7: of any length', () => {
  test('3,000 characters around the word', () => {
    expect(readWord(`LGTM${'!'.repeat(2_996)}`)).toBe('lgtm');
    expect(readWord(`${'x'.repeat(2_995)} LGTM`)).toBe('mentions');
    expect(readWord('lgtm '.repeat(600))).toBe('mentions');
  });

  test.each(['\n', ' ', ':', ':a', '>', '&gt;', ':-', '!', '[ '])('4,000 of %j are read in no time', (part) => {
    const started = performance.now();
    readWord(`${part.repeat(4_000 / part.length)}lgtm`);
    readWord(`lgtm${part.repeat(4_000 / part.length)}`);
    expect(performance.now() - started).toBeLessThan(200);
  });

  test('any second word, anywhere, keeps it from counting', () => {
    const word = fc.stringMatching(/^[a-zA-Z0-9\u0400-\u04ff\u4e00-\u4fff]{1,12}$/);
    const sign = fc.constantFrom(' ', '\n', '. ', ', ', ' - ', ' :tada: ', '! ', ' ✅ ');
    fc.assert(
      fc.property(word, sign, sign, fc.boolean(), (w, a, b, first) => {
        expect(readWord(first ? `${w}${a}LGTM${b}` : `LGTM${a}${w}${b}`)).toBe('mentions');
      }),
    );
  });

  test('never throws, and never counts without the four letters', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        const said = readWord(text);
        if (said !== 'nothing') expect(text.normalize('NFKC').toLowerCase()).toContain('lgtm');
      }),
    );
  });
});
