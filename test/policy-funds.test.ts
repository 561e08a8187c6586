import { describe, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { DEFAULT_FUNDS, fundsOf } from '../src/base/policy.ts';
import { loadPolicy, PolicyError, parsePolicy } from '../src/policy.ts';

const small = `
workspace:
  team_id: T0123ABC
  channels: { releases: C0RELEASES, admins: G0ADMINS }
team: { zone: Europe/Berlin, hours: { start: 09:00, end: 17:30 } }
roles:
  operators: { users: [U0AAAA, W0BBBB] }
  admins: { usergroup: S0ADMINS }
products: [{ key: web, name: Web app }]
`;
const withFunds = (funds: unknown) => stringify({ ...parse(small), funds });
const faults = (funds: unknown) => {
  try {
    parsePolicy(withFunds(funds), 'p.yml');
  } catch (err) {
    if (err instanceof PolicyError) return err.faults.map((f) => `${f.path}: ${f.text}`);
    throw err;
  }
  return [];
};
const HUB = { key: 'hub', name: 'Hub', kind: 'cosmos', fee_asset: 'ATOM', prefix: 'cosmos' };

describe('the section funds', () => {
  test('may be left out, or be empty: the defaults hold', () => {
    expect(fundsOf(parsePolicy(small, 'p.yml'))).toBe(DEFAULT_FUNDS);
    expect(parsePolicy(withFunds({}), 'p.yml').funds).toEqual(DEFAULT_FUNDS);
  });

  test('of the example has the defaults, with explorers and limits', () => {
    const { funds } = loadPolicy('shipshape.yml');
    expect(funds?.assets).toEqual(DEFAULT_FUNDS.assets);
    expect(funds?.chains.map(({ explorer, ...chain }) => chain)).toEqual(DEFAULT_FUNDS.chains);
    expect(funds?.accounts).toEqual(DEFAULT_FUNDS.accounts);
    expect(funds?.limits.perRequest).toEqual(
      new Map([
        ['ETH', 5n * 10n ** 17n],
        ['USDC', 1_000_000_000n],
      ]),
    );
  });

  test('is read: chains carry their fee asset, and default chains only what there is', () => {
    const assets = [
      { key: 'ETH', decimals: 18 },
      { key: 'ATOM', decimals: 6 },
    ];
    const read = parsePolicy(
      withFunds({ assets, chains: [{ ...HUB, assets: ['ETH'] }], accounts: [{ key: 'a', name: 'A', chain: 'hub' }] }),
      'p.yml',
    );
    expect(read.funds).toMatchObject({
      chains: [{ key: 'hub', feeAsset: 'ATOM', assets: ['ATOM', 'ETH'], prefix: 'cosmos' }],
      accounts: [{ key: 'a', name: 'A', chain: 'hub' }],
    });
    const chains = parsePolicy(withFunds({ assets }), 'p.yml').funds?.chains;
    expect(chains).toEqual([{ key: 'ethereum', name: 'Ethereum', kind: 'evm', feeAsset: 'ETH', assets: ['ETH'] }]);
  });

  test.each([
    [{ asset: [] }, 'funds.asset: is not a known key: did you mean assets?'],
    [{ assets: [] }, 'funds.assets: needs at least one asset, with key and decimals'],
    [
      { assets: [{ key: 'eth', decimals: 18 }] },
      'funds.assets[0].key: must be 1 to 12 of A-Z and 0-9, such as USDC, not "eth"',
    ],
    [{ assets: [{ key: 'ETH', decimals: 31 }] }, 'funds.assets[0].decimals: must be a whole number from 0 to 30'],
    [
      { assets: [{ key: 'ETH', decimals: 1.5 }] },
      'funds.assets[0].decimals: must be a whole number from 0 to 30, not 1.5',
    ],
    // What refers to an asset or a chain that is wrong itself is not found fault with.
    [
      { assets: [], chains: [], limits: { per_request: { ETH: '0.5' } } },
      'funds.assets: needs at least one asset, with key and decimals',
    ],
    [
      {
        assets: [{ key: 'ETH', decimals: 99 }],
        limits: { per_request: { ETH: '0.5' }, per_person_month: { ETH: '1' } },
      },
      'funds.assets[0].decimals: must be a whole number from 0 to 30',
    ],
    [
      { assets: [{ key: 'Eth', decimals: 18 }], chains: [], limits: { per_request: { ETH: '0.5' } } },
      'funds.assets[0].key: must be 1 to 12 of A-Z and 0-9, such as USDC, not "Eth"',
    ],
    [
      {
        chains: [{ ...HUB, fee_asset: 'ETH', key: 'My hub' }],
        accounts: [{ key: 'a', name: 'A', chain: 'my-hub' }],
      },
      'funds.chains[0].key: must be 1 to 30 of a-z, 0-9 and -, such as main, not "My hub"',
    ],
    [
      {
        assets: [
          { key: 'ETH', decimals: 18 },
          { key: 'ETH', decimals: 8 },
        ],
      },
      'funds.assets[1].key: "ETH" is there twice: keep one',
    ],
    [{ accounts: [] }, 'funds.accounts: needs at least one custody wallet, with key and name'],
    [{ accounts: [{ key: 'a', name: 'A', chain: 'x' }] }, 'funds.accounts[0].chain: "x" is not among the chains'],
    [{ chains: [HUB] }, 'funds.chains[0].fee_asset: "ATOM" is not among the assets: ETH, USDC, BTC, FOX, USD'],
    [
      { chains: [{ ...HUB, fee_asset: 'ETH', assets: ['X'] }] },
      'funds.chains[0].assets[0]: "X" is not among the assets: ETH, USDC, BTC, FOX, USD',
    ],
    [
      { chains: [{ ...HUB, fee_asset: 'ETH', prefix: undefined }] },
      'funds.chains[0]: needs the prefix of its addresses, such as prefix: cosmos',
    ],
    [
      { chains: [{ ...HUB, fee_asset: 'BTC', kind: 'bitcoin' }] },
      'funds.chains[0].prefix: must be bc (the main network), tb or bcrt, not "cosmos"',
    ],
    [
      { chains: [{ ...HUB, fee_asset: 'ETH', kind: 'evm' }] },
      'funds.chains[0].prefix: is not for EVM chains: their addresses begin with 0x',
    ],
    [
      { chains: [{ ...HUB, fee_asset: 'ETH', kind: 'x' }] },
      'funds.chains[0].kind: must be one of evm, bitcoin, cosmos, not "x"',
    ],
    [
      { chains: [{ ...HUB, fee_asset: 'ETH', explorer: 'https://x' }] },
      'funds.chains[0].explorer: must be an https address with {hash} in it, such as https://etherscan.io/tx/{hash}, not "https://x"',
    ],
    [
      { limits: { per_request: { DOGE: '1' } } },
      'funds.limits.per_request.DOGE: "DOGE" is not among the assets: ETH, USDC, BTC, FOX, USD',
    ],
    [
      { limits: { per_request: { ETH: 0.5 } } },
      'funds.limits.per_request.ETH: must be an amount in quotes, such as "0.5", not 0.5',
    ],
    [
      { limits: { per_person_month: { USD: '0.001' } } },
      'funds.limits.per_person_month.USD: is no amount: USD has 2 decimals at most, and this has 3.',
    ],
    [
      { limits: { per_request: 5 } },
      'funds.limits.per_request: must be a section of assets, each with an amount in quotes, not 5',
    ],
  ])('%j is told by its path', (funds, fault) => {
    expect(faults(funds)).toEqual([fault]);
  });
});
