import type { Drawing } from '../areas/funds/blocks.ts';
import { balancesTable, LEDGER_PAGE, ledgerList, mineView } from '../areas/funds/book-blocks.ts';
import { spendIds } from '../areas/funds/context-store.ts';
import { feesTable } from '../areas/funds/fees-blocks.ts';
import { loadFees } from '../areas/funds/fees-store.ts';
import { balances, ledgerPage, listRequests, loadTx } from '../areas/funds/store.ts';
import type { LedgerTx } from '../areas/funds/types.ts';
import type { BotDeps } from './deps.ts';

/** How many of one's own test transactions are shown. */
const MINE = 5;

/** `/funds balance`. */
export async function balanceDrawn({ db, policy }: BotDeps): Promise<Drawing> {
  return balancesTable(await balances(db), policy);
}

/** `/funds ledger`. @param before the transactions older than this one */
export async function ledgerDrawn({ db, policy }: BotDeps, before: number | undefined): Promise<Drawing> {
  return ledgerList(await ledgerPage(db, { limit: LEDGER_PAGE, ...(before && { before }) }), before, policy);
}

/** `/funds fees`. */
export async function feesDrawn({ db, policy, clock }: BotDeps): Promise<Drawing> {
  return feesTable(await loadFees(db, policy.team.zone, clock()), policy);
}

/** `/funds mine`. */
export async function mineDrawn({ db, policy }: BotDeps, person: string): Promise<Drawing> {
  const requests = await listRequests(db, { person, open: true });
  const held = await balances(db, { account: `person:${person}` });
  const txs: LedgerTx[] = [];
  for (const id of await spendIds(db, person, MINE)) {
    const tx = await loadTx(db, id);
    if (tx) txs.push(tx);
  }
  return mineView({ requests, balances: held, txs }, policy);
}
