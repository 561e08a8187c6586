// What is done to a request for funds, for the tests of its rules.
import { decideRequest } from '../../../src/areas/funds/rules.ts';
import type { RequestAct, RequestActKind, RequestFacts } from '../../../src/areas/funds/types.ts';
import { minutes } from '../../support/facts.ts';
import { aHash, FUNDS, TREA } from '../../support/funds.ts';

export const NOW = minutes(60);

export const ACTS: Record<RequestActKind, RequestAct> = {
  approve: { kind: 'approve' },
  deny: { kind: 'deny', reason: 'No' },
  sent: { kind: 'sent', hash: aHash() },
  agree: { kind: 'agree', tx: 41 },
  return: { kind: 'return', hash: aHash() },
  settle: { kind: 'settle', reason: 'Lost' },
  withdraw: { kind: 'withdraw' },
  edit: { kind: 'edit' },
};
export const decide = (f: RequestFacts, who = TREA, act: RequestAct = ACTS.approve, funds = FUNDS) =>
  decideRequest(f, who, act, funds, NOW);
