import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Cell, columnLetters, fromComma, readCell, readWhen } from '../../../src/areas/funds/import-cells.ts';
import { checkRows } from '../../../src/areas/funds/import-check.ts';
import { type ImportMap, parseMap } from '../../../src/areas/funds/import-map.ts';
import { balancesOf } from '../../../src/areas/funds/ledger.ts';
import { ADDRESS, aHash, ETHER, FUNDS } from '../../support/funds.ts';

const NOW = new Date('2026-11-20T12:00:00Z');
const FACTS = { funds: FUNDS, zone: 'Europe/Berlin', now: NOW, releases: new Map([['wallet v1.2.3', 7]]) };
const HEAD = ['Ref', 'When', 'Type', 'Who', 'Coin', 'Amount', 'Tx', 'Fee', 'To', 'Notes', 'Release'];
const MAP = `
name: tracker
columns: { id: Ref, date: When, kind: Type, person: Who, asset: Coin, amount: Amount, hash: Tx, fee: Fee, address: To, what: Notes, release: Release }
values:
  kind: { Sent: send, Back: return, Test: spend, Top-up: deposit, Out: withdrawal, Total: skip }
  person: { "Ola Ö.": UOLA }
  asset: { Ether: ETH }
`;

function mapOf(yaml = MAP): ImportMap {
  const read = parseMap(yaml);
  if ('faults' in read) throw new Error(JSON.stringify(read.faults));
  return read.map;
}
const faultsOf = (yaml: string) => {
  const read = parseMap(yaml);
  return 'faults' in read ? read.faults.map((f) => `${f.line} ${f.path} ${f.text}`) : [];
};

/** A row that is right: 0.1 ETH sent to Ola; `over` by the header's names. */
function aRow(over: Partial<Record<string, Cell>> = {}): Cell[] {
  const row: Record<string, Cell> = {
    Ref: `R-${++refs}`,
    When: '2026-11-02 14:30',
    Type: 'Sent',
    Who: 'Ola Ö.',
    Coin: 'Ether',
    Amount: '0.1',
    Tx: aHash(),
    Fee: '0.001',
    To: ADDRESS,
    Notes: 'Swaps 🚀',
    Release: null,
  };
  return HEAD.map((name) => (name in over ? (over[name] ?? null) : (row[name] ?? null)));
}
let refs = 0;
const check = (rows: Cell[][], map = mapOf(), head: Cell[] = HEAD) => checkRows([head, ...rows], map, FACTS);
const said = (...rows: Cell[][]) => check(rows).faults.map((f) => `${f.cell}: ${f.text}`);

describe('R17: a row of a tracking sheet', () => {
  it('is booked as its kind says, at its local time, exactly', () => {
    const kinds = ['Sent', 'Back', 'Test', 'Top-up', 'Out'];
    const { ready, faults } = check(kinds.map((Type) => aRow({ Type })));
    expect(faults).toEqual([]);
    expect(ready.map((r) => r.entry.kind)).toEqual(['send', 'return', 'spend', 'transfer', 'transfer']);
    expect(ready[0]?.entry).toMatchObject({ actor: 'shipshape', note: `Swaps 🚀\nTo ${ADDRESS}`, chain: 'ethereum' });
    expect(ready[0]?.entry.eventTime.toISOString()).toBe('2026-11-02T13:30:00.000Z');
    expect(ready[2]?.spend).toMatchObject({
      tester: 'UOLA',
      what: 'Swaps 🚀',
      amount: ETHER / 10n,
      fee: ETHER / 1000n,
    });
    const moved = (at: number) =>
      Object.fromEntries(balancesOf(ready[at]?.entry.postings ?? []).map((p) => [p.account, p.amount]));
    const [tenth, fee] = [ETHER / 10n, ETHER / 1000n];
    expect(moved(0)).toEqual({ 'custody:main': -tenth - fee, 'person:UOLA': tenth, 'fees:ethereum': fee });
    expect(moved(1)).toEqual({ 'person:UOLA': -tenth - fee, 'custody:main': tenth, 'fees:ethereum': fee });
    expect(moved(2)).toEqual({ 'person:UOLA': -tenth - fee, outside: tenth, 'fees:ethereum': fee });
    expect(moved(3)).toEqual({ outside: -tenth - fee, 'custody:main': tenth, 'fees:ethereum': fee });
    expect(moved(4)).toEqual({ 'custody:main': -tenth - fee, outside: tenth, 'fees:ethereum': fee });
  });

  it('names its release, goes between wallets, is left out, and may be empty', () => {
    const done = check([aRow({ Release: 'Wallet v1.2.3', Type: 'Test' }), [], [null, ' '], aRow({ Type: 'total' })]);
    expect(done).toMatchObject({ faults: [], rows: 2, leftOut: 1 });
    expect(done.ready[0]).toMatchObject({ row: 2, spend: { releaseId: 7 }, entry: { releaseId: 7 } });
    const map = mapOf(`
name: wallets
columns: { date: When, asset: Coin, amount: Amount, wallet: From, to_wallet: To, hash: Tx }
defaults: { kind: transfer, wallet: main }
`);
    const head = ['When', 'Coin', 'Amount', 'From', 'To', 'Tx'];
    const row = (from: string, to: string, coin = 'BTC') => ['2026-11-02', coin, '1', from, to, aHash()];
    const { ready, faults } = check(
      [row('', 'btc'), row('btc', 'btc'), row('x', 'btc'), row('', ''), row('', 'btc', 'ETH')],
      map,
      head,
    );
    expect(ready.map((r) => r.entry.postings.map((p) => p.account))).toEqual([
      ['custody:main', 'custody:btc'],
      ['custody:main', 'custody:btc'],
    ]);
    expect(
      ready.map((r) => r.faultsIfNew),
      'of another chain',
    ).toEqual([[], [{ cell: 'E6', text: 'The wallet btc is for bitcoin: for ethereum the policy has main, spare.' }]]);
    expect(faults.map((f) => `${f.cell}: ${f.text}`)).toEqual([
      'E3: It went from one wallet to the same one.',
      'D4: There is no such custody wallet: known are main, btc, spare.',
      'E5: The wallet it went to is missing.',
    ]);
  });

  it('is the same with its wallet filled in, whatever the policy’s usual wallet is by now', () => {
    const map = mapOf(`
name: wallets
columns: { date: When, kind: Type, asset: Coin, amount: Amount, wallet: From }
`);
    const keyOf = (from: string | null, accounts: (typeof FUNDS)['accounts']) => {
      const row = ['2026-11-02', 'deposit', 'USD', '5', from];
      const facts = { ...FACTS, funds: { ...FUNDS, accounts } };
      return checkRows([['When', 'Type', 'Coin', 'Amount', 'From'], row], map, facts).ready[0]?.key;
    };
    const then = keyOf(null, FUNDS.accounts);
    const other = [...FUNDS.accounts].reverse();
    expect(keyOf(null, other), 'taken for a new one').not.toBe(then);
    expect([keyOf('main', FUNDS.accounts), keyOf('main', other)]).toEqual([then, then]);
  });

  it.each<[string, Partial<Record<string, Cell>>, string]>([
    ['a formula that failed', { Amount: '#REF!' }, 'F2: The formula in this cell failed (#REF!): put the value there.'],
    [
      'a failed formula that was all it cost',
      { Amount: '#REF!', Fee: null, Type: 'Test' },
      'F2: The formula in this cell failed',
    ],
    ['a formula', { Amount: '=1+1' }, 'F2: The amount has characters that are no digits.'],
    ['19 decimals', { Amount: '0.1234567890123456789' }, 'F2: ETH has 18 decimals at most, and this has 19.'],
    ['a doubtful comma', { Amount: '1,000' }, 'F2: The comma could mean thousands or decimals'],
    ['an exponent', { Amount: '1e18' }, 'F2: Numbers with an exponent are not read'],
    ['a negative amount', { Amount: { number: '-1' } }, 'F2: An amount cannot be negative.'],
    ['zero', { Amount: { number: '0' } }, 'F2: Zero is no amount'],
    ['no amount', { Amount: null }, 'F2: The amount is missing.'],
    [
      'no amount of a spend',
      { Amount: null, Type: 'Test' },
      'F2: The amount is missing: where only the fee was paid it is 0.',
    ],
    ['an amount taken for a date', { Amount: new Date(0) }, 'F2: There is a date in this cell'],
    ['a calculated double', { Amount: { number: '0.30000000000000004' } }, 'F2: The spreadsheet keeps this number as'],
    ['an emoji as amount', { Amount: '💯' }, 'F2: The amount has characters that are no digits.'],
    ['a wrong fee', { Fee: '-1' }, 'H2: The fee, in ETH: An amount cannot be negative.'],
    ['an unknown asset', { Coin: 'DOGE' }, 'E2: There is no such asset: known are'],
    ['an asset on several chains', { Coin: 'USDC' }, 'row 2: On which chain? USDC is on ethereum, base.'],
    ['a wrong hash', { Tx: '0x12' }, 'G2: That is no transaction hash of Ethereum'],
    ['no hash', { Tx: null }, "G2: The transaction's hash is missing"],
    ['a wrong checksum', { To: ADDRESS.replace('5a', '5A') }, 'I2: The checksum of that address is wrong'],
    ['a day that is none', { When: '2026-02-30' }, 'B2: That is no date'],
    ['a day to come', { When: '2027-02-01' }, 'B2: That time is not over yet'],
    ['a number as date', { When: { number: '46000' } }, 'B2: This is a number, not a date: format the cell as a date.'],
    ['no date', { When: null }, 'B2: The date is missing'],
    ['a kind nobody knows', { Type: 'Lunch 🍜' }, 'C2: "lunch 🍜" is no kind: one of send,'],
    ['nobody', { Who: null }, 'D2: The person is missing'],
    ['a name', { Who: 'Bob' }, 'D2: "Bob" is no Slack id'],
    ['no id', { Ref: null }, 'A2: The id is missing'],
    ['a long id', { Ref: 'x'.repeat(101) }, 'A2: The id has 101 characters'],
    ['a long text', { Notes: 'x'.repeat(1001) }, 'J2: What it was for has'],
    ['no words for a spend', { Notes: null, Type: 'Test' }, 'J2: What was tested is missing'],
    ['a release nobody knows', { Release: 'web 9' }, 'K2: There is no release "web 9"'],
  ])('with %s is told by its cell', (_name, over, text) => {
    const found = said(aRow(over));
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(text);
  });

  it('tells all that is wrong with it at once', () => {
    expect(
      said(aRow({ When: 'x', Who: 'Bob' }), aRow({ Amount: 'x', Who: 'Bob', Tx: 'x', To: 'x' })).map((f) =>
        f.slice(0, 2),
      ),
    ).toEqual(expect.arrayContaining(['B2', 'F3', 'D3', 'G3', 'I3']));
  });

  it('comes once: ids, and chain transactions', () => {
    const Tx = aHash();
    expect(
      said(aRow({ Ref: 'A-1' }), aRow({ Ref: 'A-1' }), aRow({ Tx }), aRow({ Tx: Tx.toUpperCase().replace('X', 'x') })),
    ).toEqual([
      'A3: Row 2 has the same id: give each row its own.',
      'G5: Row 4 is the same transaction: it is recorded once.',
    ]);
  });

  it('is known again by its id, or by all it says and how often', () => {
    const rows = [aRow({ Ref: { number: '17' } })];
    expect(check(rows).ready[0]).toMatchObject({ id: '17', key: 'import:funds:tracker:id:17' });
    const map = mapOf(`
name: bank
columns: { date: When, amount: USD }
defaults: { kind: send, asset: USD, person: UOLA }
`);
    const bank = (order: string[]) =>
      check(
        order.map((usd) => ['2026-11-02', usd]),
        map,
        ['When', 'USD'],
      ).ready.map((r) => r.key);
    const keys = bank(['5', '5', '7']);
    expect(new Set(keys).size).toBe(3);
    expect(new Set(bank(['7', '5', '5']))).toEqual(new Set(keys));
  });

  it('formulas and marks that turn the text stay text, or are taken out', () => {
    const { ready } = check([aRow({ Notes: '=IMPORTXML("https://x", "//a")\u202e', To: null })]);
    expect(ready[0]?.entry.note).toBe('=IMPORTXML("https://x", "//a")');
  });
});

describe('columns', () => {
  it('that are not there, or twice, are told with what is', () => {
    const head: Cell[] = [
      'Ref',
      'When',
      'Type',
      'Who',
      'Coin',
      'Amout',
      'Tx',
      'Fee',
      'To',
      'Notes',
      'release ',
      'Release',
    ];
    expect(check([aRow()], mapOf(), head).faults.map((f) => `${f.cell}: ${f.text}`)).toEqual([
      'row 1: There is no column "Amount", which the map names for amount: is it "Amout"?',
      'L1: There are two columns "Release": rename the one that is not meant.',
    ]);
    expect(check([], mapOf(), []).faults).toEqual([
      { cell: 'row 1', text: expect.stringContaining('This row is empty: it should have the names of the columns') },
    ]);
  });

  it('are guessed where they are near, and what is there is said once', () => {
    const texts = (head: Cell[]) => check([], mapOf(), head).faults.map(({ text }) => text);
    const wrong = texts(['Completely', 'Different']);
    expect(wrong).toHaveLength(HEAD.length);
    expect(wrong.filter((text) => text.includes('Completely'))).toEqual([
      'There is no column "Release", which the map names for release. Row 1 has "Completely", "Different".',
    ]);
    const but = (name: string, other: string) => texts(HEAD.map((h) => (h === name ? other : h)));
    expect(but('Coin', 'COINS')).toEqual(['There is no column "Coin", which the map names for asset: is it "COINS"?']);
    // Two letters of four, and a column that is something else.
    expect(but('Coin', 'Clown')[0]).toContain('which the map names for asset. Row 1 has "Ref", "When", "Type"');
    expect(texts(HEAD.filter((h) => h !== 'Tx'))[0]).toContain('which the map names for hash. Row 1 has');
  });

  it('in one cell are told as another separator', () => {
    for (const [is, read] of [
      [';', ','],
      ['\t', ','],
      [',', ';'],
    ] as const) {
      const map = { ...mapOf(), separator: read };
      expect(check([], map, [HEAD.join(is)]).faults).toEqual([
        { cell: 'row 1', text: expect.stringContaining(`put separator: ${JSON.stringify(is)} into the map.`) },
      ]);
    }
    expect(check([], mapOf(), ['Our funds; 2026']).faults, 'none of its columns').toHaveLength(HEAD.length);
  });

  it('have letters as spreadsheets give them', () => {
    expect([0, 25, 26, 51, 52, 701, 702].map(columnLetters)).toEqual(['A', 'Z', 'AA', 'AZ', 'BA', 'ZZ', 'AAA']);
  });
});

describe('cells', () => {
  it('numbers are read as the spreadsheet shows them, to the last digit', () => {
    const numbers = [
      '0.1',
      '0.10000000000000001',
      '1E-18',
      '1e+21',
      '1234.5',
      '-0',
      '25',
      '1.5e-3',
      '0.30000000000000004',
      'x',
    ];
    expect(numbers.map((number) => readCell({ number }))).toEqual([
      ...['0.1', '0.1', '0.000000000000000001', `1${'0'.repeat(21)}`, '1234.5', '0', '25', '0.0015'].map((text) => ({
        text,
      })),
      { fault: expect.stringContaining('0.30000000000000004') },
      { fault: expect.stringContaining('keeps this number as x') },
    ]);
    fc.assert(
      fc.property(fc.bigInt({ min: 1n, max: 10n ** 15n - 1n }), fc.integer({ min: -18, max: 6 }), (digits, power) => {
        const read = readCell({ number: String(Number(`${digits}e${power}`)) });
        const [whole = '', decimals = ''] = ('text' in read ? read.text : '').split('.');
        expect(BigInt(`${whole}${decimals.padEnd(18, '0')}`)).toBe(digits * 10n ** BigInt(power + 18));
      }),
    );
    expect([true, false, null].map((cell) => readCell(cell))).toEqual([
      { text: 'TRUE' },
      { text: 'FALSE' },
      { text: '' },
    ]);
  });

  it('decimal commas are read where the map says so', () => {
    expect(['1.000,5', '0,5', '1000', ''].map(fromComma)).toEqual(
      ['1000.5', '0.5', '1000', ''].map((text) => ({ text })),
    );
    for (const text of ['1.5', '1,000.5', '1.00,5', 'x']) expect(fromComma(text)).toHaveProperty('fault');
    const map = { ...mapOf(), decimals: 'comma' } as const;
    const { ready, faults } = check(
      [aRow({ Amount: '0,1' }), aRow({ Amount: { number: '0.1' } }), aRow({ Amount: '0.1' })],
      map,
    );
    expect(ready.map((r) => r.entry.postings[1]?.amount)).toEqual([ETHER / 10n, ETHER / 10n]);
    expect(faults).toEqual([{ cell: 'F4', text: 'That is no amount with a decimal comma, such as 1.000,5.' }]);
  });

  it('dates are read as the map says, and never as the other order', () => {
    const at = (cell: Cell, dates: ImportMap['dates']) => {
      const read = readWhen(cell, { dates }, 'Europe/Berlin');
      return 'at' in read ? read.at.toISOString() : read.fault;
    };
    expect(at('2026-11-02', 'dmy')).toBe('2026-11-01T23:00:00.000Z');
    expect(at('2026-11-02T14:30:05Z', 'iso')).toBe('2026-11-02T14:30:05.000Z');
    expect(at('2026-11-02 14:30:05.250 +02:00', 'iso')).toBe('2026-11-02T12:30:05.000Z');
    expect(at('2.11.2026 9:05', 'dmy')).toBe('2026-11-02T08:05:00.000Z');
    expect(at('11/2/2026, 09:05:01', 'mdy')).toBe('2026-11-02T08:05:01.000Z');
    expect(at(new Date('2026-11-02T14:29:59.9996Z'), 'iso')).toBe('2026-11-02T13:30:00.000Z');
    for (const [text, dates] of [
      ['2/11/2026', 'iso'],
      ['13/31/2026', 'mdy'],
      ['31/2/2026', 'dmy'],
      ['2026-11-02 25:00', 'iso'],
      ['soon', 'dmy'],
    ] as const)
      expect(at(text, dates)).toContain('That is no date: write it as');
    expect(at('#N/A', 'iso')).toContain('The formula in this cell failed');
  });
});

describe('local times', () => {
  const at = (cell: Cell, zone = 'Europe/Berlin') => {
    const read = readWhen(cell, { dates: 'dmy' }, zone);
    if ('fault' in read) throw new Error(read.fault);
    return { ...read, at: read.at.toISOString() };
  };

  it('that the clocks jumped over are told, in text and in a workbook', () => {
    const never = expect.stringMatching(
      /^There was no 02:30 on 2026-03-29 in Europe\/Berlin: the clocks went from 02:00 to 03:00\. Correct the time/,
    );
    for (const cell of ['29.03.2026 02:30', '2026-03-29T02:30', new Date('2026-03-29T02:30:00Z')])
      expect(at(cell)).toEqual({ at: '2026-03-29T01:30:00.000Z', never });
    expect(at('29.03.2026 02:59:59').never).toContain('There was no 02:59:59 on 2026-03-29');
    for (const cell of ['29.03.2026 01:59', '29.03.2026 03:00', '2026-03-29 02:30+01:00', '2026-03-29T02:30Z'])
      expect(at(cell)).not.toHaveProperty('never');
    expect(at('30.12.2011 12:00', 'Pacific/Apia').never).toContain(
      'the clocks went from 2011-12-30 00:00 to 2011-12-31 00:00',
    );
    const { ready, faults } = check([aRow({ When: '2026-03-29 02:30' })]);
    expect({ faults, ifNew: ready[0]?.faultsIfNew }).toEqual({ faults: [], ifNew: [{ cell: 'B2', text: never }] });
  });

  it('that come twice are the first; an offset tells the second', () => {
    expect(at('25.10.2026 02:30')).toEqual({ at: '2026-10-25T00:30:00.000Z' });
    expect(at('2026-10-25 02:30+01:00')).toEqual({ at: '2026-10-25T01:30:00.000Z' });
  });

  it('of a day whose clocks jump at midnight: it begins at one', () => {
    const begins = { at: '2026-09-06T04:00:00.000Z' };
    for (const cell of ['2026-09-06', '6.9.2026', new Date('2026-09-06T00:00:00Z')])
      expect(at(cell, 'America/Santiago')).toEqual(begins);
    expect(at('2026-09-06 00:30', 'America/Santiago').never).toContain('the clocks went from 00:00 to 01:00');
    expect(at('30.12.2011', 'Pacific/Apia').never, 'a day that was left out').toContain('There was no 00:00');
  });
});

describe('the map', () => {
  it('has its defaults', () => {
    expect(mapOf()).toMatchObject({ name: 'tracker', header: 1, separator: ',', decimals: 'point', dates: 'iso' });
    expect(mapOf(`${MAP}\nsheet: Nov\nzone: Asia/Kolkata`)).toMatchObject({ sheet: 'Nov', zone: 'Asia/Kolkata' });
  });

  it('tells what is wrong with it, by line', () => {
    expect(faultsOf('name: x\ncolumns: { amuont: A }')).toEqual(
      expect.arrayContaining([
        '2 columns.amuont is not a known key: did you mean amount?',
        '2 columns needs date: the column that says when it happened',
        '2 columns needs kind; or name one for all under defaults',
        '2 columns needs asset; or name one for all under defaults',
        '2 columns needs amount, fee, or both',
      ]),
    );
    expect(
      faultsOf(`${MAP}\nzone: Mars\nseparator: "|"\ndefaults: { kind: gift }\nheader: 0`).map((f) => f.slice(3, 12)),
    ).toHaveLength(4);
    expect(faultsOf('')).toEqual(expect.arrayContaining([expect.stringContaining('name is missing')]));
    expect(faultsOf(`${MAP.replace('Test: spend', 'Test: 5')}`)[0]).toContain('values.kind.Test');
  });
});
