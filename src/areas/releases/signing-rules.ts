import { counted, current, EYES_NEEDED, frozen, present, SIGN_OFFS_NEEDED } from './facts.ts';
import { gate, refuse, staleButton } from './gate-rules.ts';
import type { Act, Case, Change, Stage, Verdict } from './types.ts';

/** R2-R5, R7: one person's word that they tested this candidate, or production. The second that counts approves it, or ends it. */
export function signOff({ f, actor, act, policy, now }: Case<Extract<Act, { kind: 'lgtm' | 'verify' }>>): Verdict {
  const stage: Stage = act.kind === 'verify' ? 'production' : 'candidate';
  const at = current(f);
  const no = staleButton(f, act.candidateId) ?? gate(f, stage, policy);
  if (no) return no;
  const here = present(f, stage, policy, now);
  if (stage === 'production' && here.length < EYES_NEEDED) {
    // Only production waits here: testing with fewer than two went back to waiting, and in approved departures change nothing.
    return refuse(
      'eyes',
      `the production check waits for two sets of eyes (${here.length}/2)`,
      'Two operators say they are here first: the button there, or `/release ready`.',
    );
  }
  if (!here.includes(actor.id))
    return refuse(
      'absent',
      'you have not said that you are here and testing',
      'Use the "I\'m here" button, :eyes:, or `/release ready`, then sign off.',
    );
  const signed = counted(f, stage);
  const mine = signed.some((s) => s.person === actor.id);
  const enough = new Set([...signed.map((s) => s.person), actor.id]).size >= SIGN_OFFS_NEEDED;
  const to = stage === 'production' ? 'done' : 'approved';
  const moves = enough && f.release.state !== to;
  if (mine && !moves) return { already: 'your sign-off already counts' };
  const again = f.signOffs.some(
    (s) => s.candidateId === at.id && s.stage === stage && s.person === actor.id && !s.retractedAt,
  );
  const changes: Change[] = [{ kind: 'signed', stage, person: actor.id, candidateId: at.id, road: act.road, again }];
  // R4: the only place a release becomes approved (or done): an act of a second person who is present, with nothing open.
  if (moves) changes.push({ kind: 'state', from: f.release.state, to });
  return changes;
}

/** R6, R7: takes a person's sign-off back, whichever road gave it. What it shipped on only alerts and is recorded. */
export function retract({ f, actor, act }: Case<Extract<Act, { kind: 'retract' }>>): Verdict {
  const given = (stage: Stage) =>
    f.signOffs.some((s) => s.stage === stage && s.person === actor.id && !s.retractedAt && !s.lateAt);
  const stage = act.stage ?? (given('production') ? 'production' : 'candidate');
  if (!given(stage)) return refuse('no_sign_off', 'you have no sign-off here to take back', 'Nothing was changed.');
  const counts = counted(f, stage).some((s) => s.person === actor.id);
  const changes: Change[] = [{ kind: 'retracted', stage, person: actor.id, late: frozen(f, stage, actor.id) }];
  if (f.release.state === 'approved' && counts) changes.push({ kind: 'state', from: 'approved', to: 'testing' });
  return changes;
}
