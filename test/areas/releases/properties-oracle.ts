import { expect } from 'vitest';
import type { Act, Facts, State } from '../../../src/areas/releases/types.ts';
import type { Actor } from '../../../src/base/actor.ts';
import { EVE, MAX, T0 } from '../../support/facts.ts';

export const MINUTE = 60_000;

/**
 * The rules once more, from their text alone: a diary of what was done, and what follows from it. It reads nothing of the
 * code under test but whether an act was refused, and the ids candidates were given.
 */
export class Oracle {
  now = T0.getTime();
  blockers = 0;
  unfinished = 0;
  holds: { who: string; emergency: boolean; id: number }[] = [];
  candidate = 101;
  /** candidate: until it is live; production: after. */
  stage: 'candidate' | 'production' = 'candidate';
  lastAct = { candidate: new Map<string, number>(), production: new Map<string, number>() };
  /** Every sign-off not taken back, oldest first; `void` once something interrupted it. */
  signed: { stage: 'candidate' | 'production'; who: string; candidate: number; void: boolean }[] = [];
  /** What GitHub said of which candidate. */
  trees = new Map<number, string>();
  authors = [EVE.id];
  readonly separation: boolean;

  constructor(separation: boolean) {
    this.separation = separation;
  }

  /** Operators only; no bots or guests; not the manager, not an author while separation of duties is on. */
  eligible(who: Actor): boolean {
    if (who.standing !== 'member' || !who.roles.has('operator')) return false;
    return !this.separation || (who.id !== MAX.id && !this.authors.includes(who.id));
  }

  /** Said they are here, not away since, and never four hours without an act. */
  here(stage: 'candidate' | 'production'): string[] {
    return [...this.lastAct[stage]].filter(([, at]) => this.now - at < 240 * MINUTE).map(([id]) => id);
  }

  open(): boolean {
    return this.holds.length > 0 || this.blockers > 0 || this.unfinished > 0;
  }

  /** Who has signed what is current, and nothing came since that makes it void. */
  valid(stage: 'candidate' | 'production'): string[] {
    const counts = this.signed.filter((s) => s.stage === stage && s.candidate === this.candidate && !s.void);
    return [...new Set(counts.map((s) => s.who))];
  }

  /** What was signed until now counts only after a new act of its giver. Once live, the candidate's are history. */
  interrupt() {
    for (const s of this.signed) if (s.stage === this.stage) s.void = true;
  }

  /** R3: the newest sign-off each person gave to a commit with this very tree is one of the current commit too, if they have none. */
  carryOver(tree: string) {
    const had = new Set(this.signed.filter((s) => s.candidate === this.candidate).map((s) => s.who));
    for (const s of this.signed
      .filter((x) => x.stage === 'candidate' && this.trees.get(x.candidate) === tree)
      .reverse()) {
      if (had.has(s.who)) continue;
      had.add(s.who);
      this.signed.push({ ...s, candidate: this.candidate });
      count('carried');
    }
  }

  /** R4: what an author signed never counted, nor did their eyes; what was frozen stays as it was. */
  wrote(people: string[], state: State) {
    this.authors.push(...people);
    if (!this.separation) return;
    for (const stage of ['candidate', 'production'] as const) {
      for (const who of people) this.lastAct[stage].delete(who);
      const stays = this.frozen(stage, state);
      this.signed = this.signed.filter((s) => stays || s.stage !== stage || !people.includes(s.who));
    }
  }

  /** Whether this LGTM has to be accepted, in this state. */
  mayLgtm(who: Actor, act: Extract<Act, { kind: 'lgtm' }>, state: State): boolean {
    if (!this.eligible(who) || this.open()) return false;
    if (act.candidateId !== undefined && act.candidateId !== this.candidate) return false;
    return (state === 'testing' || state === 'approved') && this.here('candidate').includes(who.id);
  }

  mayVerify(who: Actor, act: Extract<Act, { kind: 'verify' }>, state: State): boolean {
    // What an emergency holds is what waits to ship: production is checked all the same.
    if (!this.eligible(who) || this.holds.some((h) => !h.emergency) || this.blockers) return false;
    if (act.candidateId !== undefined && act.candidateId !== this.candidate) return false;
    const here = this.here('production');
    return state === 'verifying' && here.length >= 2 && here.includes(who.id);
  }

  /** Writes down an act that was accepted in `state`. */
  accepted(who: Actor, act: Act, state: State, f: Facts) {
    const shipping = state === 'shipping';
    for (const stage of ['candidate', 'production'] as const)
      if (this.here(stage).includes(who.id) && act.kind !== 'tick') this.lastAct[stage].set(who.id, this.now);
    if (act.kind === 'ready') this.lastAct[this.stage].set(who.id, this.now);
    if (act.kind === 'away') this.lastAct[act.stage ?? this.stage].delete(who.id);
    if (act.kind === 'lgtm' || act.kind === 'verify') {
      const stage = act.kind === 'lgtm' ? 'candidate' : 'production';
      this.signed.push({ stage, who: who.id, candidate: this.candidate, void: false });
    }
    if (act.kind === 'retract') this.retracted(who, act, state);
    if (act.kind === 'candidate') {
      this.candidate = f.candidates.at(-1)?.id ?? 0;
      if (act.verifiedTree) this.trees.set(this.candidate, act.verifiedTree);
      if (act.verifiedTree) this.carryOver(act.verifiedTree);
      this.holds = this.holds.filter((h) => !h.emergency);
    }
    if (act.kind === 'hold' || act.kind === 'emergency_opened') {
      const known = new Set(this.holds.map((h) => h.id));
      const set = f.holds.filter((h) => !h.liftedAt && !known.has(h.id));
      for (const h of set) this.holds.push({ who: h.person, emergency: act.kind !== 'hold', id: h.id });
      if (set.length && !shipping) this.interrupt();
    }
    if (act.kind === 'unhold') {
      const may = (h: (typeof this.holds)[number]) =>
        who.roles.has('admin') || (!h.emergency && (h.who === who.id || who.id === MAX.id));
      const own = this.holds.filter((h) => h.who === who.id && !h.emergency);
      const gone = (own.length ? own : this.holds).filter(may);
      expect(gone, 'an unhold lifts something').not.toEqual([]);
      this.holds = this.holds.filter((h) => !gone.includes(h));
    }
    if (act.kind === 'emergency_cancelled') this.holds = this.holds.filter((h) => !h.emergency);
    if (act.kind === 'tree_verified') {
      this.trees.set(act.candidateId, act.tree);
      if (this.trees.get(this.candidate) === act.tree) this.carryOver(act.tree);
    }
    if (act.kind === 'authors_known') this.wrote(act.authors, state);
    if (act.kind === 'shipped') this.stage = 'production';
    if (act.kind === 'failed') this.interrupt();
  }

  retracted(who: Actor, act: Extract<Act, { kind: 'retract' }>, state: State) {
    const live = this.signed.some((s) => s.stage === 'production' && s.who === who.id);
    const stage = act.stage ?? (live ? 'production' : 'candidate');
    if (this.frozen(stage, state)) return;
    this.signed = this.signed.filter((s) => s.stage !== stage || s.who !== who.id);
  }

  /** R8: what led to the push, and to done, is not rewritten afterwards. */
  frozen(stage: 'candidate' | 'production', state: State): boolean {
    return stage === 'candidate' ? ['shipping', 'verifying', 'done'].includes(state) : state === 'done';
  }
}

/** Times each thing happened over all runs: a property that never reaches what it is about proves nothing. */
export const reached: Record<string, number> = {};
export const count = (what: string) => {
  reached[what] = (reached[what] ?? 0) + 1;
};
