import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { findUnit, formatAmount, parseAmount, showMoney } from '../../src/base/money.ts';

const ETH = { key: 'ETH', decimals: 18 };
const USDC = { key: 'USDC', decimals: 6 };
const USD = { key: 'USD', decimals: 2 };
const WHOLE = { key: 'PT', decimals: 0 };
const ONE = { key: 'DEC', decimals: 1 };

const amountOf = (text: string, unit = ETH, opts = {}) => {
  const parsed = parseAmount(text, unit, opts);
  return 'amount' in parsed ? parsed.amount : parsed.fault;
};

describe('a typed amount', () => {
  test.each([
    ['0.1', ETH, 10n ** 17n],
    ['1,000.5', ETH, 10005n * 10n ** 17n],
    ['1,000,000', USDC, 10n ** 12n],
    ['12,345,678.90', USD, 1234567890n],
    ['0.000000000000000001', ETH, 1n],
    ['1000000000', ETH, 10n ** 27n],
    ['  25 ', USDC, 25_000_000n],
    ['007', USDC, 7_000_000n],
    ['1.50000000000000000000000', USD, 150n],
    ['25', WHOLE, 25n],
    ['25.000', WHOLE, 25n],
  ])('%s is read exactly', (text, unit, amount) => {
    expect(amountOf(text, unit)).toBe(amount);
  });

  test.each([
    ['', /missing/],
    ['   ', /missing/],
    ['-1', /cannot be negative/],
    ['−1', /cannot be negative/],
    ['(5)', /cannot be negative/],
    ['0', /Zero is no amount/],
    ['0.000', /Zero is no amount/],
    ['1e18', /exponent/],
    ['1E5', /exponent/],
    ['1.5e-3', /exponent/],
    ['0.1234567890123456789', /ETH has 18 decimals at most, and this has 19/],
    ['1,000', /thousands or decimals: write 1000 or 1\.000/],
    ['1,5', /point: 1\.5/],
    ['1.000,5', /not clear/],
    ['1,00,000', /not clear/],
    ['1,0000.5', /not clear/],
    ['1.2.3', /not clear/],
    ['5.', /not clear/],
    [',5', /not clear/],
    ['.5', /0\.5/],
    ['1 000', /no digits/],
    ['1_000', /no digits/],
    ['+5', /no digits/],
    ['0x10', /no digits/],
    ['NaN', /no digits/],
    ['Infinity', /no digits/],
    ['٣', /no digits/],
    ['５', /no digits/],
    ['½', /no digits/],
    ['10💸', /no digits/],
    ['=IMPORTXML("http://x")', /no digits/],
    ["1'000", /no digits/],
    ['\u202e1', /invisible/],
    ['1\u200b0', /invisible/],
    ['1\u00000', /invisible/],
    ['9'.repeat(3000), /more ETH than there can be/],
    [`0.${'1'.repeat(3000)}`, /18 decimals at most, and this has 3000/],
  ])('%j is refused with a sentence', (text, fault) => {
    const said = amountOf(text);
    expect(said).toMatch(fault);
    expect(said).toMatch(/^[A-Z].*\.$/s);
    expect(String(said).length).toBeLessThan(200);
  });

  test('zero is an amount where it may be: a fee', () => {
    expect(amountOf('0', ETH, { zero: true })).toBe(0n);
    expect(amountOf('-0', ETH, { zero: true })).toMatch(/negative/);
  });

  test('an asset without decimals, and one with a single one, are named right', () => {
    expect(amountOf('1.5', WHOLE)).toBe('PT has no decimals: type a whole number.');
    expect(amountOf('1.55', ONE)).toBe('DEC has 1 decimal at most, and this has 2.');
    expect(amountOf('x', WHOLE)).toMatch(/such as 25\./);
  });

  test('what is formatted is read back as the same, to the last base unit', () => {
    const amounts = fc.oneof(fc.constantFrom(1n, 10n ** 27n, 10n ** 18n - 1n), fc.bigInt({ min: 1n, max: 10n ** 58n }));
    fc.assert(
      fc.property(amounts, fc.integer({ min: 0, max: 30 }), (amount, decimals) => {
        const text = formatAmount(amount, decimals);
        expect(text).toMatch(/^\d+(\.\d*[1-9])?$/);
        expect(amountOf(text, { key: 'X', decimals })).toBe(amount);
      }),
      { numRuns: 500 },
    );
  });

  test('whatever is typed is read or refused, and never thrown', () => {
    const texts = fc.oneof(fc.string({ unit: 'binary' }), fc.stringMatching(/^[-+.,\de ]{0,12}$/));
    fc.assert(
      fc.property(texts, (text) => {
        const parsed = parseAmount(text, ETH);
        if ('amount' in parsed) {
          expect(parsed.amount).toBeGreaterThan(0n);
          expect(text.trim()).toMatch(/^\d[\d,]*(\.\d+)?$/);
        }
      }),
      { numRuns: 1000 },
    );
  });
});

describe('money', () => {
  test('is shown with all its digits and no more', () => {
    expect(formatAmount(-15n * 10n ** 17n, 18)).toBe('-1.5');
    expect(formatAmount(0n, 18)).toBe('0');
    expect(formatAmount(7n, 0)).toBe('7');
    expect(showMoney(1n, 'ETH', [ETH])).toBe('0.000000000000000001 ETH');
    expect(showMoney(5n, 'OLD', [ETH])).toBe('5 base units of OLD');
    expect(findUnit(' usdc ', [ETH, USDC])).toBe(USDC);
    expect(findUnit('x', [ETH])).toBeUndefined();
  });
});
