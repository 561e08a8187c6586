// Prod issues and acts on them, for the tests of their rules.
import { decideProd } from '../../../src/areas/triage/prod-rules.ts';
import {
  type LiveRelease,
  type ProdAct,
  type ProdFacts,
  type ProdIssue,
  type ProdState,
  QUESTIONS,
} from '../../../src/areas/triage/prod-types.ts';
import type { Actor } from '../../../src/base/actor.ts';
import { ADA, minutes, T0 } from '../../support/facts.ts';

export const NOW = minutes(90);

export const ANSWERS = Object.fromEntries(Object.keys(QUESTIONS).map((key) => [key, `answer to ${key}`]));

export function live(over: Partial<LiveRelease> = {}): LiveRelease {
  return {
    id: 12,
    name: 'wallet v1.2.3',
    state: 'done',
    manager: 'UMAX',
    shippedAt: minutes(-60),
    doneAt: minutes(-30),
    endedAt: null,
    url: 'https://slack.example/p12',
    ...over,
  };
}

export function issue(over: Partial<ProdIssue> = {}): ProdIssue {
  return {
    id: 3,
    bugId: 7,
    product: 'wallet',
    title: 'Nobody can send <!here>',
    state: 'declared',
    why: 'money',
    releaseId: 12,
    attributedBy: null,
    declaredBy: 'UDEC',
    declaredAt: T0,
    mitigatedAt: null,
    resolvedAt: null,
    reviewedAt: null,
    owner: 'UMAX',
    engineer: null,
    communication: null,
    review: null,
    reviewedBy: null,
    threadId: 9,
    ...over,
  };
}

export const facts = (over: Partial<ProdIssue> = {}, more: Partial<ProdFacts> = {}): ProdFacts => ({
  issue: issue(over),
  bug: { id: 7, title: 'Nobody can send', url: 'https://slack.example/b7' },
  releases: [live({ id: 13, name: 'wallet v1.2.4', shippedAt: minutes(30), doneAt: null, state: 'verifying' }), live()],
  emergencies: [],
  thread: { channel: 'CPROD', url: null },
  ...more,
});
export const AT: Record<ProdState, Partial<ProdIssue>> = {
  declared: {},
  mitigated: { state: 'mitigated', mitigatedAt: minutes(20) },
  resolved: { state: 'resolved', mitigatedAt: minutes(20), resolvedAt: minutes(40) },
  reviewed: {
    state: 'reviewed',
    mitigatedAt: minutes(20),
    resolvedAt: minutes(40),
    reviewedAt: minutes(60),
    reviewedBy: 'UREV',
    review: ANSWERS,
  },
};

export const decide = (f: ProdFacts, act: ProdAct, who: Actor = ADA) => decideProd(f, who, act, NOW);
export function code(f: ProdFacts, act: ProdAct, who: Actor = ADA): string {
  const d = decide(f, act, who);
  return 'refusal' in d ? d.refusal.code : 'already' in d ? 'already' : 'done';
}
