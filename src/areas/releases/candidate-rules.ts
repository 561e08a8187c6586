import { sameCommit } from '../../base/commit.ts';
import { evolve } from './evolve.ts';
import { counted, current, frozen, openHolds, present, short } from './facts.ts';
import { refuse } from './gate-rules.ts';
import type { Act, Case, Change, Facts, Verdict } from './types.ts';

/** R3, R6, R9: a new candidate makes sign-offs stale, takes an approval back, and ends an emergency's hold. */
export function candidate({ f, actor, act }: Case<Extract<Act, { kind: 'candidate' }>>): Verdict {
  const at = current(f);
  if (sameCommit(at.commit, act.commit)) {
    return refuse(
      'same_candidate',
      `\`${short(at.commit)}\` is already its candidate`,
      'Name the new commit: `/release candidate <commit>`.',
    );
  }
  const verifiedTree = act.verifiedTree ?? null;
  const carried = verifiedTree === null ? [] : carryOver(f, verifiedTree);
  const changes: Change[] = [{ kind: 'candidate', commit: act.commit, tree: act.tree, verifiedTree, person: actor.id }];
  for (const h of openHolds(f))
    if (h.emergencyId !== null) changes.push({ kind: 'unheld', holdId: h.id, person: actor.id });
  // R3: what was reviewed is, tree for tree, what is named now: the sign-offs carry over and no state changes.
  const same = verifiedTree !== null && at.verifiedTree === verifiedTree;
  if (f.release.state === 'approved' && !same) changes.push({ kind: 'state', from: 'approved', to: 'testing' });
  return [...changes, ...carried];
}

/** R3: the sign-offs of commits with this verified tree that are not taken back, the newest per person. */
function carryOver(f: Facts, tree: string): Extract<Change, { kind: 'carried' }>[] {
  const same = new Set(f.candidates.filter((x) => x.verifiedTree === tree).map((x) => x.id));
  const newest = new Map<string, Facts['signOffs'][number]>();
  for (const s of f.signOffs) {
    if (s.stage !== 'candidate' || s.retractedAt || !same.has(s.candidateId)) continue;
    const known = newest.get(s.person);
    if (!known || s.act > known.act) newest.set(s.person, s);
  }
  return [...newest.values()].map((s) => ({ kind: 'carried', person: s.person, signOffId: s.id }));
}

/** R3: GitHub's word on a candidate came after it was named: earlier sign-offs of the same tree count for it now. Nothing re-approves by itself. */
export function treeVerified({ f, act, now }: Case<Extract<Act, { kind: 'tree_verified' }>>): Verdict {
  const at = current(f);
  const changes: Change[] = [{ kind: 'tree_verified', candidateId: act.candidateId, tree: act.tree }];
  // Word on an earlier candidate counts where the tree of the current one is known, and the same.
  if (act.candidateId !== at.id && at.verifiedTree !== act.tree) return changes;
  const here = new Set(f.signOffs.filter((s) => s.candidateId === at.id && !s.retractedAt).map((s) => s.person));
  return [...changes, ...carryOver(evolve(f, changes, now), act.tree).filter((c) => !here.has(c.person))];
}

/** R2, R4: authors that became known late: their eyes and sign-offs never counted; an approval that rested on one is taken back. */
export function authorsKnown({ f, act, policy, now }: Case<Extract<Act, { kind: 'authors_known' }>>): Verdict {
  const people = act.authors.filter((a) => !f.release.authors.includes(a));
  if (!people.length) return { already: 'they were known' };
  const changes: Change[] = [{ kind: 'authors', people }];
  if (!policy.separationOfDuties) return changes;
  const counts = new Set(counted(f, 'candidate').map((s) => s.person));
  for (const stage of ['candidate', 'production'] as const) {
    const given = f.signOffs.filter(
      (s) => s.stage === stage && !s.retractedAt && !s.lateAt && people.includes(s.person),
    );
    for (const person of new Set(given.map((s) => s.person)))
      changes.push({ kind: 'disqualified', stage, person, late: frozen(f, stage, person) });
    for (const person of present(f, stage, policy, now))
      if (people.includes(person)) changes.push({ kind: 'left', stage, person, expired: false });
  }
  const rested = people.some((p) => counts.has(p));
  if (f.release.state === 'approved' && rested) changes.push({ kind: 'state', from: 'approved', to: 'testing' });
  return changes;
}
