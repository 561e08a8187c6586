// The sections of the policy about money: the test funds.
import { z } from 'zod';
import { parseAmount } from './base/money.ts';
import { type Chain, DEFAULT_FUNDS, type Funds, type Policy } from './base/policy.ts';
import { filled, fits } from './base/policy-words.ts';
import { spreadsheetId } from './base/sheets.ts';
import { type Found, get, isObject, items, list, repeated, section, show, word, wrong } from './base/yaml.ts';

const assetKey = word('1 to 12 of A-Z and 0-9, such as USDC', fits(/^[A-Z][A-Z0-9]{0,11}$/));
const key = word('1 to 30 of a-z, 0-9 and -, such as main', fits(/^[a-z0-9-]{1,30}$/));
const DECIMALS = 'a whole number from 0 to 30';
const decimals = z
  .int({ error: (issue) => wrong(issue.input, DECIMALS) })
  .min(0, `must be ${DECIMALS}`)
  .max(30, `must be ${DECIMALS}`);
const KINDS = ['evm', 'bitcoin', 'cosmos'] as const;
const explorer = word(
  'an https address with {hash} in it, such as https://etherscan.io/tx/{hash}',
  (text) => /^https?:\/\/[^\s<>"|]+$/.test(text) && text.includes('{hash}'),
);
const amounts = z
  .record(z.string(), word('an amount in quotes, such as "0.5"', fits(/^\S{1,80}$/)), {
    error: (issue) => wrong(issue.input, 'a section of assets, each with an amount in quotes'),
  })
  .default({});

/** R17-R19. Each part that is left out has its default. */
export const funds = section({
  assets: list(section({ key: assetKey, decimals }), 'a list of assets')
    .min(1, 'needs at least one asset, with key and decimals')
    .optional(),
  chains: list(
    section({
      key,
      name: filled,
      kind: z.enum(KINDS, { error: (issue) => wrong(issue.input, `one of ${KINDS.join(', ')}`) }),
      prefix: word('1 to 20 of a-z, such as cosmos', fits(/^[a-z]{1,20}$/)).optional(),
      fee_asset: assetKey,
      assets: list(assetKey, 'a list of assets').optional(),
      explorer: explorer.optional(),
    }),
    'a list of chains',
  ).optional(),
  accounts: list(section({ key, name: filled, chain: key.optional() }), 'a list of custody wallets')
    .min(1, 'needs at least one custody wallet, with key and name')
    .optional(),
  limits: section({ per_request: amounts, per_person_month: amounts }).optional(),
});

export function toFunds(file: z.output<typeof funds>): Funds {
  const assets = file.assets ?? DEFAULT_FUNDS.assets;
  const limit = (by: Record<string, string> | undefined) =>
    new Map(
      Object.entries(by ?? {}).flatMap(([asset, text]): [string, bigint][] => {
        const unit = assets.find((a) => a.key === asset);
        const parsed = unit && parseAmount(text, unit);
        return parsed && 'amount' in parsed ? [[asset, parsed.amount]] : [];
      }),
    );
  return {
    assets,
    chains: (file.chains ?? defaultChains(assets.map((a) => a.key))).map(toChain),
    accounts: (file.accounts ?? DEFAULT_FUNDS.accounts).map(({ chain, ...rest }) => ({
      ...rest,
      ...(chain && { chain }),
    })),
    limits: { perRequest: limit(file.limits?.per_request), perPersonMonth: limit(file.limits?.per_person_month) },
  };
}

type FileChain = NonNullable<z.output<typeof funds>['chains']>[number];

function toChain({ fee_asset, assets, prefix, explorer: page, ...rest }: FileChain): Chain {
  return {
    ...rest,
    feeAsset: fee_asset,
    assets: [...new Set([fee_asset, ...(assets ?? [])])],
    ...(prefix && { prefix }),
    ...(page && { explorer: page }),
  };
}

/** The default chains as far as a policy with assets of its own has theirs. */
function defaultChains(assets: readonly string[]): FileChain[] {
  return DEFAULT_FUNDS.chains
    .filter((c) => assets.includes(c.feeAsset))
    .map(({ feeAsset, assets: own, ...rest }) => ({
      ...rest,
      fee_asset: feeAsset,
      assets: own.filter((a) => assets.includes(a)),
    }));
}

/** Rules between fields of the section. Takes the raw policy, whatever shape it has. */
export function fundsFaults(raw: unknown): Found[] {
  const given = get(raw, 'funds');
  if (!isObject(given)) return [];
  const at = (...path: PropertyKey[]): PropertyKey[] => ['funds', ...path];
  const assets = given.assets === undefined ? DEFAULT_FUNDS.assets : items(given.assets);
  const known = new Set(assets.map((a) => get(a, 'key')));
  const chains = given.chains === undefined ? DEFAULT_FUNDS.chains : items(given.chains);
  // Where the assets or the chains are wrong themselves, that is the fault, and not what refers to them.
  const sound = (list: readonly unknown[], form: z.ZodType) =>
    list.every((one) => form.safeParse(get(one, 'key')).success);
  const soundAssets = assets.length > 0 && sound(assets, assetKey);
  const unknown = (value: unknown, path: PropertyKey[]): Found[] =>
    value === undefined || known.has(value) || !soundAssets
      ? []
      : [{ at: path, text: `${show(value)} is not among the assets: ${[...known].map(String).join(', ')}` }];
  const found: Found[] = [];
  for (const part of ['assets', 'chains', 'accounts']) {
    const keys = items(given[part]).map((one) => get(one, 'key'));
    found.push(...repeated(keys, (i) => at(part, i, 'key')));
  }
  items(given.chains).forEach((chain, i) => {
    found.push(...unknown(get(chain, 'fee_asset'), at('chains', i, 'fee_asset')));
    items(get(chain, 'assets')).forEach((a, j) => {
      found.push(...unknown(a, at('chains', i, 'assets', j)));
    });
    found.push(...prefixFaults(chain, at('chains', i)));
  });
  items(given.accounts).forEach((account, i) => {
    const chain = get(account, 'chain');
    if (chain !== undefined && sound(chains, key) && !chains.some((c) => get(c, 'key') === chain))
      found.push({ at: at('accounts', i, 'chain'), text: `${show(chain)} is not among the chains` });
  });
  for (const limit of ['per_request', 'per_person_month']) {
    const by = get(given, 'limits', limit);
    for (const [asset, text] of Object.entries(isObject(by) ? by : {})) {
      const path = at('limits', limit, asset);
      const unit = assets.find((a) => get(a, 'key') === asset);
      const places = decimals.safeParse(get(unit, 'decimals'));
      found.push(...unknown(asset, path));
      if (typeof text !== 'string' || !places.success) continue;
      const parsed = parseAmount(text, { key: asset, decimals: places.data });
      if ('fault' in parsed) found.push({ at: path, text: `is no amount: ${parsed.fault}` });
    }
  }
  return found;
}

const BITCOIN = ['bc', 'tb', 'bcrt'];

function prefixFaults(chain: unknown, at: PropertyKey[]): Found[] {
  const [kind, prefix] = [get(chain, 'kind'), get(chain, 'prefix')];
  if (kind === 'cosmos' && prefix === undefined)
    return [{ at, text: 'needs the prefix of its addresses, such as prefix: cosmos' }];
  if (kind === 'bitcoin' && typeof prefix === 'string' && !BITCOIN.includes(prefix))
    return [{ at: [...at, 'prefix'], text: `must be bc (the main network), tb or bcrt, not ${show(prefix)}` }];
  if (kind === 'evm' && prefix !== undefined)
    return [{ at: [...at, 'prefix'], text: 'is not for EVM chains: their addresses begin with 0x' }];
  return [];
}

const spreadsheet = word(
  'the id of a spreadsheet, or its address, such as https://docs.google.com/spreadsheets/d/…',
  (text) => spreadsheetId(text) !== undefined,
);

/** R20. Which tabs have a spreadsheet of their own. */
export const sheets = section({
  releases: spreadsheet.optional(),
  test_funds: spreadsheet.optional(),
  ledger: spreadsheet.optional(),
});

export function toSheets(file: z.output<typeof sheets>): NonNullable<Policy['sheets']> {
  const given = { releases: file.releases, funds: file.test_funds, ledger: file.ledger };
  return Object.fromEntries(
    Object.entries(given).flatMap(([key, text]) => {
      const id = text && spreadsheetId(text);
      return id ? [[key, id]] : [];
    }),
  );
}
