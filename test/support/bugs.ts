import type { Act, Bug, BugFacts, Candidate, OpenRelease } from '../../src/areas/triage/types.ts';
import { minutes, T0 } from './facts.ts';

export const FOUND: Candidate = {
  id: 101,
  releaseId: 12,
  release: 'wallet v1.2.3',
  kind: 'scheduled',
  state: 'testing',
  commit: 'abc1234',
  namedAt: T0,
};
export const LATER: Candidate = { ...FOUND, id: 102, commit: 'def5678', namedAt: minutes(30) };
export const LATEST: Candidate = { ...FOUND, id: 103, commit: '9999999', namedAt: minutes(60) };

export const OPEN: OpenRelease = {
  id: 12,
  name: 'wallet v1.2.3',
  kind: 'scheduled',
  state: 'testing',
  manager: 'UMAX',
  url: 'https://slack.example/p12',
};
/** A candidate of an emergency that was opened meanwhile. */
export const HOTFIX: Candidate = {
  ...LATEST,
  id: 104,
  releaseId: 13,
  release: 'wallet v1.2.2.1',
  kind: 'emergency',
  commit: 'eeeeeee',
};

export function aBug(over: Partial<Bug> = {}): Bug {
  return {
    id: 7,
    product: 'wallet',
    releaseId: 12,
    candidateId: FOUND.id,
    foundIn: 'candidate',
    title: 'The balance is wrong',
    steps: 'Open the wallet',
    answers: {},
    reporter: 'UCAS',
    reportedAt: minutes(10),
    link: null,
    blocking: true,
    blockingSeq: 1,
    state: 'suspected',
    owner: 'UMAX',
    recreatedBy: null,
    recreatedAt: null,
    inProduction: 'not_yet',
    triedBy: null,
    triedAt: null,
    fixCandidateId: null,
    fixNamedBy: null,
    failedCandidateId: null,
    askedFor: null,
    askedBy: null,
    askedReason: null,
    askedAt: null,
    agreedBy: null,
    downgradedAt: null,
    priority: 'P2',
    priorityReason: null,
    ticket: null,
    duplicateOf: null,
    endedAt: null,
    endedBy: null,
    endReason: null,
    threadId: 3,
    ...over,
  };
}

/** A blocking bug found on the first of three candidates; `bug` and the rest override. */
export function bugFacts(over: Partial<Omit<BugFacts, 'bug'>> & { bug?: Partial<Bug> } = {}): BugFacts {
  return {
    found: FOUND,
    release: OPEN,
    fix: null,
    failed: null,
    candidates: [FOUND, LATER, LATEST],
    open: [OPEN],
    original: null,
    prodIssueId: null,
    thread: { channel: 'CREL', url: 'https://slack.example/p7' },
    ...over,
    bug: aBug(over.bug),
  };
}

/** What the database would hold after a decision's patch. */
export function patched(f: BugFacts, patch: Partial<Bug>): BugFacts {
  const bug = { ...f.bug, ...patch };
  const by = (id: number | null) => f.candidates.find((c) => c.id === id) ?? null;
  return { ...f, bug, fix: by(bug.fixCandidateId), failed: by(bug.failedCandidateId) };
}

/** An act of each kind, with nothing in it that could be refused for its own sake. */
export const BUG_ACTS: Act[] = [
  { kind: 'recreate' },
  { kind: 'tried', happens: false },
  { kind: 'fix', candidateId: LATER.id },
  { kind: 'retest', fixed: true },
  { kind: 'ask', what: 'downgrade', reason: 'only in a test build' },
  { kind: 'agree' },
  { kind: 'decline' },
  { kind: 'block', reason: 'it eats money' },
  { kind: 'ticket', link: 'https://tickets.example/1' },
  { kind: 'resolve', note: null },
  { kind: 'wontfix', reason: 'by design' },
  { kind: 'duplicate', of: 3 },
  { kind: 'assign', person: 'UENG' },
  { kind: 'priority', priority: 'P0', reason: 'many calls' },
];
