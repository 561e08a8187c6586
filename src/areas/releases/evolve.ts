import type { Change, Facts, State } from './types.ts';

/** The facts after `changes`, all of one act. Pure: the store writes the same to the database (a test compares the two). */
export function evolve(f: Facts, changes: readonly Change[], now: Date): Facts {
  if (!changes.length) return f;
  const act = f.release.acts + 1;
  return changes.reduce((facts, change) => one(facts, change, act, now), {
    ...f,
    release: { ...f.release, acts: act },
  });
}

function one(f: Facts, c: Change, act: number, now: Date): Facts {
  const release = f.release;
  switch (c.kind) {
    case 'state':
      return { ...f, release: { ...release, ...stateChange(c.to, c.reason ?? null, now) } };
    case 'arrived':
    case 'renewed':
    case 'left':
      return { ...f, presences: present(f, c, now) };
    case 'signed':
      return { ...f, signOffs: signed(f, c, act, now) };
    case 'retracted':
    case 'disqualified':
      return { ...f, signOffs: retracted(f, c, now) };
    case 'held':
      // A hold after shipping began leaves the candidate's sign-offs as they were: they are frozen (R8).
      return {
        ...f,
        release: { ...release, interruptedAct: c.late ? release.interruptedAct : act, gateAct: act, gateAt: now },
        holds: held(f, c, act, now),
      };
    case 'hold_reason':
      return { ...f, holds: f.holds.map((h) => (h.id === c.holdId ? { ...h, reason: c.reason } : h)) };
    case 'unheld':
      return {
        ...f,
        release: { ...release, gateAct: act, gateAt: now },
        holds: f.holds.map((h) => (h.id === c.holdId ? { ...h, liftedAt: now, liftedBy: c.person } : h)),
      };
    case 'candidate':
      return {
        ...f,
        release: { ...release, gateAct: act, gateAt: now },
        candidates: named(f, c, now),
      };
    case 'tree_verified':
      return {
        ...f,
        candidates: f.candidates.map((x) => (x.id === c.candidateId ? { ...x, verifiedTree: c.tree } : x)),
      };
    case 'carried':
      return { ...f, signOffs: carried(f, c.signOffId) };
    case 'blocked':
      return blocked(f, c, act, now);
    case 'unblocked': {
      const knownBlockers = release.knownBlockers.filter((seq) => !c.seqs.includes(seq));
      return { ...f, release: { ...release, knownBlockers, gateAct: act, gateAt: now } };
    }
    case 'authors':
      return { ...f, release: { ...release, authors: [...release.authors, ...c.people] } };
    case 'on_one':
      return { ...f, release: { ...release, onOne: c.signer, reviewDueAt: c.reviewDueAt } };
    case 'push_failed':
      return pushFailed(f, act, now);
    case 'reviewed':
      return { ...f, release: { ...release, reviewedBy: c.person, reviewedAt: now } };
  }
}

/** The columns a move to `to` sets, beside the state itself. */
export function stateChange(to: State, reason: string | null, now: Date) {
  return {
    state: to,
    stateSince: now,
    ...(to === 'approved' && { approvedAt: now }),
    ...(to === 'shipping' && { shippingAt: now }),
    ...(to === 'verifying' && { shippedAt: now }),
    ...(to === 'done' && { doneAt: now }),
    ...((to === 'cancelled' || to === 'rolled_back') && { endedAt: now, endReason: reason }),
  };
}

/** Presences after somebody came, is still here, or left. */
function present(
  f: Facts,
  c: Extract<Change, { kind: 'arrived' | 'renewed' | 'left' }>,
  now: Date,
): Facts['presences'] {
  const isTheirs = (p: Facts['presences'][0]) => p.stage === c.stage && p.person === c.person;
  if (c.kind !== 'arrived')
    return f.presences.map((p) =>
      isTheirs(p) ? { ...p, ...(c.kind === 'left' ? { leftAt: now } : { renewedAt: now }) } : p,
    );
  const here = { stage: c.stage, person: c.person, since: now, renewedAt: now, leftAt: null };
  return [...f.presences.filter((p) => !isTheirs(p)), here];
}

function retracted(f: Facts, c: Extract<Change, { kind: 'retracted' | 'disqualified' }>, now: Date): Facts['signOffs'] {
  return f.signOffs.map((s) =>
    s.stage !== c.stage || s.person !== c.person || s.retractedAt
      ? s
      : c.late
        ? { ...s, lateAt: now }
        : { ...s, retractedAt: now },
  );
}

function held(f: Facts, c: Extract<Change, { kind: 'held' }>, act: number, now: Date): Facts['holds'] {
  const { person, reason, road, emergencyId } = c;
  const own = {
    id: nextId(f.holds),
    person,
    reason,
    road,
    emergencyId,
    setAt: now,
    act,
    liftedAt: null,
    liftedBy: null,
  };
  return [...f.holds, own];
}

function named(f: Facts, c: Extract<Change, { kind: 'candidate' }>, now: Date): Facts['candidates'] {
  const { commit, tree, verifiedTree, person } = c;
  const as = { id: nextId(f.candidates), seq: f.candidates.length + 1, namedBy: person, namedAt: now, shownAt: null };
  return [...f.candidates, { ...as, commit, tree, verifiedTree }];
}

function blocked(f: Facts, c: Extract<Change, { kind: 'blocked' }>, act: number, now: Date): Facts {
  return {
    ...f,
    release: {
      ...f.release,
      knownBlockers: [...f.release.knownBlockers, ...c.seqs],
      gateAct: act,
      gateAt: now,
      ...(!c.late && { interruptedAct: act }),
    },
    // While production is checked only that check is interrupted: the candidate's sign-offs are frozen (R8).
    ...(f.release.state === 'verifying' && {
      signOffs: f.signOffs.map((s) => (s.stage === 'production' ? { ...s, act: 0 } : s)),
    }),
  };
}

/** A sign-off taken back while the push ran was frozen for the record; now that nothing shipped it is simply gone. */
function pushFailed(f: Facts, act: number, now: Date): Facts {
  return {
    ...f,
    release: {
      ...f.release,
      interruptedAct: act,
      gateAct: act,
      gateAt: now,
      onOne: null,
      reviewDueAt: null,
      reviewedBy: null,
      reviewedAt: null,
    },
    signOffs: f.signOffs.map((s) => (s.lateAt && !s.retractedAt ? { ...s, retractedAt: s.lateAt } : s)),
  };
}

function signed(f: Facts, c: Extract<Change, { kind: 'signed' }>, act: number, now: Date): Facts['signOffs'] {
  const mine = f.signOffs.find(
    (s) => s.candidateId === c.candidateId && s.stage === c.stage && s.person === c.person && !s.retractedAt,
  );
  if (mine) return f.signOffs.map((s) => (s === mine ? { ...s, act, road: c.road, givenAt: now, lateAt: null } : s));
  const fresh = {
    id: nextId(f.signOffs),
    candidateId: c.candidateId,
    stage: c.stage,
    person: c.person,
    road: c.road,
    givenAt: now,
    act,
    retractedAt: null,
    lateAt: null,
  };
  return [...f.signOffs, fresh];
}

/** The sign-off again, for the newest candidate; with its own act, so that what interrupted it still does. */
function carried(f: Facts, signOffId: number): Facts['signOffs'] {
  const given = f.signOffs.find((s) => s.id === signOffId);
  const to = f.candidates.at(-1);
  return given && to ? [...f.signOffs, { ...given, id: nextId(f.signOffs), candidateId: to.id }] : f.signOffs;
}

/** A stand-in for the id the database will give; only ever compared within one set of facts. */
function nextId(rows: readonly { id: number }[]): number {
  return Math.max(0, ...rows.map((r) => r.id)) + 1;
}
