// What the tests of what is drawn of test funds draw.
import type { FundRequest, LedgerTx, Posting, RequestFacts } from '../../../src/areas/funds/types.ts';
import { DEFAULT_FUNDS, type Funds, type Policy } from '../../../src/base/policy.ts';
import { loadPolicy } from '../../../src/policy.ts';
import { minutes } from '../../support/facts.ts';
import { aLedgerTx, factsOf } from '../../support/funds.ts';

export const FUNDS: Funds = {
  ...DEFAULT_FUNDS,
  chains: [
    {
      key: 'ethereum',
      name: 'Ethereum',
      kind: 'evm',
      feeAsset: 'ETH',
      assets: ['ETH', 'USDC'],
      explorer: 'https://scan.example/tx/{hash}',
    },
    { key: 'arbitrum', name: 'Arbitrum', kind: 'evm', feeAsset: 'ETH', assets: ['ETH'] },
    { key: 'bitcoin', name: 'Bitcoin', kind: 'bitcoin', feeAsset: 'BTC', assets: ['BTC'] },
  ],
  accounts: [
    { key: 'main', name: 'Main wallet' },
    { key: 'cold', name: 'Cold <wallet>' },
  ],
};
export const policy: Policy = { ...loadPolicy('src/demo/policy.yml'), funds: FUNDS };
export const HASH = `0x${'ab'.repeat(32)}`;
export const EVIL = '<!channel> <@UEVIL> <https://evil.example|safe> =1+1 \u202e';

/** Ana's request for 25 USDC, and her test transaction. */
export const ASKED = {
  requester: 'UANA',
  asset: 'USDC',
  amount: 25_000_000n,
  address: '0x52908400098527886E0F7030069857D2E4169EE7',
  reason: 'Swap tests',
  releaseId: null,
};

export const facts = (over: Partial<FundRequest> = {}, more: Partial<RequestFacts> = {}) =>
  factsOf({ ...ASKED, ...over }, { outstanding: 0n, ...more });
export function aTx(over: Partial<LedgerTx> = {}): LedgerTx {
  const postings: Posting[] = [
    { account: 'person:UANA', asset: 'USDC', amount: -12_000_000n },
    { account: 'outside', asset: 'USDC', amount: 12_000_000n },
    { account: 'person:UANA', asset: 'ETH', amount: -(10n ** 14n) },
    { account: 'fees:ethereum', asset: 'ETH', amount: 10n ** 14n },
  ];
  return aLedgerTx({
    kind: 'spend',
    releaseId: 1,
    hash: HASH,
    actor: 'UANA',
    recordTime: minutes(5),
    postings,
    ...over,
  });
}
