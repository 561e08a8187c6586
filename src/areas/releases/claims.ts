import type { Actor } from '../../base/actor.ts';
import { actions as row, section } from '../../base/elements.ts';
import { type Cause, once } from '../../db/act.ts';
import { type Db, type Tx, together } from '../../db/client.ts';
import { post } from '../../db/outbox.ts';
import { ask, type Deps, perform, rulesOf } from './actions.ts';
import { alreadySo, type ReleaseAnswer, refused } from './answers.ts';
import { shipWaits } from './blocks.ts';
import { type Claim, claimOf, claimsBy, keepClaim } from './claims-store.ts';
import { button, ofPush } from './elements.ts';
import { current, ineligible, isOpen } from './facts.ts';
import { buttonAsk, confirmAsk, threadLink } from './lines.ts';
import { OTHERWISE, readOtherwise } from './meanings.ts';
import { decide } from './rules.ts';
import { doubt, heard, isNews, meaning, type Place, type Sighting, timeOf, undoing } from './sightings.ts';
import { loadFacts, lockRelease } from './store.ts';
import { sinceTakenBack } from './taken-back-rules.ts';
import type { Act, Facts } from './types.ts';

export type Outcome = Claim['outcome'] | 'old';

/** How the reconcile hands on what it found: the claim must still be as it was noted, and may be in doubt. */
export interface Found {
  version: number;
  doubt: string | null;
}

/** A sighting that is news: by what cause and whose, where, and its claim as it was before. */
interface News {
  cause: Cause;
  actor: Actor;
  place: Place;
  s: Sighting;
  known: Claim | undefined;
  /** Set by the reconcile only. */
  found: Found | undefined;
}

/** Whether a reaction that has no meaning now had one when it was given, and stands. */
export async function stands(db: Db, s: Pick<Sighting, 'channel' | 'ts' | 'person' | 'road'>): Promise<boolean> {
  return (await claimOf(db, s))?.present ?? false;
}

/**
 * R7: takes in one reaction or word, or its disappearance. The claim keeps what Slack shows; a sign-off, presence or hold arises only when it goes
 * from absent to present, and what it then gave is taken back when it goes, whatever it means by then. A refusal is answered by DM. Once per cause.
 * @param found set by the reconcile only
 */
export async function sight(
  deps: Deps,
  cause: Cause,
  actor: Actor,
  releaseId: number,
  place: Place,
  s: Sighting,
  found?: Found,
): Promise<Outcome> {
  const given = meaning(s.road, place, deps.policy);
  if (given === null && s.present) return 'old';
  const { result } = await once(deps.db, cause, async (tx) => {
    await lockRelease(tx, releaseId);
    const [known, facts] = await together([claimOf(tx, s), loadFacts(tx, releaseId)]);
    if (!facts) throw new Error(`there is no release ${releaseId}`);
    const stillAsNoted = !found || found.version === (known?.version ?? 0);
    if (!stillAsNoted || !isNews(known, s) || (given === null && !known?.present)) return 'old' as const;
    // Somebody was asked because nothing had been heard of it; here is the event itself, late.
    const heardOf = known?.outcome === 'asked' && s.present && !found;
    const changed = (known?.present ?? null) !== s.present || heardOf;
    const fresh = changed || !known;
    const news = { cause, actor, place, s, known, found };
    const outcome = !fresh
      ? known.outcome
      : s.present && given !== null
        ? await take(tx, deps, facts, news, given)
        : await takeBack(tx, deps, facts, news, given);
    const undone = outcome instanceof Date;
    const came = {
      outcome: undone ? ('withdrawn' as const) : outcome,
      given: !known || (fresh && s.present) ? kindOf(given) : known.given,
      // When it went that was found by a read, nobody knows exactly: what was given since goes by the time then.
      undoneAt: undone && !found ? outcome : known?.undoneAt,
    };
    await keepClaim(tx, releaseId, s, known, { ...came, changedAt: deps.clock() });
    return came.outcome;
  });
  return result;
}

const kindOf = (given: Act | 'rocket' | null) => (given === 'rocket' ? given : given?.kind) as Claim['given'];

/** It is gone: what it gave goes too. @returns when that was, where there was something */
async function takeBack(
  tx: Tx,
  deps: Deps,
  f: Facts,
  { cause, actor, place, s, known }: News,
  given: Act | 'rocket' | null,
): Promise<Date | 'withdrawn'> {
  // Of a claim from before this was kept, whose reaction has no meaning any more: the safe guess, where it had an effect at all.
  const guess = known?.outcome === 'accepted' ? 'lgtm' : null;
  const gave = known?.present ? (known.given ?? kindOf(given) ?? guess) : kindOf(given);
  const undo = gave && gave !== 'rocket' ? undoing({ kind: gave }, place, f, s) : null;
  if (!undo) return 'withdrawn';
  // Exactly what is noted of what was taken back: by that the two are known to belong together.
  const now = deps.clock();
  const { answer } = await perform(tx, { ...deps, clock: () => now }, cause, actor, f.release.id, undo, f);
  return answer.outcome === 'accepted' ? now : 'withdrawn';
}

/** It is there: it counts, is refused, or its owner is asked. */
async function take(
  tx: Tx,
  deps: Deps,
  f: Facts,
  { cause, actor, place, s, found }: News,
  given: Act | 'rocket',
): Promise<Claim['outcome']> {
  const releaseId = f.release.id;
  if (given === 'rocket') {
    await offerShipped(tx, deps, f, actor);
    return 'noted';
  }
  // Whose word does not count here is refused below, whatever they meant, and told so.
  // So is whatever is said of a release that has ended: there is nothing left to confirm.
  const asked = isOpen(f) && ineligible(f, actor, deps.policy.review) === null;
  // Whatever was in doubt about the candidate: only production can be signed now.
  if (asked && place === 'word' && f.release.state === 'verifying') {
    return question(tx, f, actor, { kind: 'verify', road: 'word' }, 'it is production that is checked now.', found);
  }
  // A hold only ever makes things safer, so it is never doubted.
  const why = given.kind === 'hold' ? null : (found?.doubt ?? (await doubtful(tx, deps, f, given, place, s)));
  // Who counts already, by whatever they did since, has nothing to confirm.
  const counts = () => decide(f, actor, given, rulesOf(deps.policy), deps.clock()).already !== undefined;
  if (why && asked && !counts()) return question(tx, f, actor, given, why, found);
  // What was found need not have been meant for anything: there is nothing to refuse. Not where roles could not be read: it may have counted.
  if (why === OTHERWISE && found && actor.rolesUnknown === undefined) return 'refused';
  const { answer } = await perform(tx, deps, cause, actor, releaseId, given, f);
  await answerByDm(tx, f, actor, given, answer);
  return answer.outcome === 'refused' ? 'refused' : 'accepted';
}

/** Why this may not have been meant for what is current now, or null. */
async function doubtful(tx: Tx, deps: Deps, f: Facts, given: Act, place: Place, s: Sighting): Promise<string | null> {
  const theirs = await claimsBy(tx, f.release.id, s.person);
  const said = { ...s, eventTs: heard(s) };
  // Stored before a restart, and heard after it.
  const otherwise = readOtherwise(f, deps.policy, timeOf(said.eventTs)) ? OTHERWISE : null;
  return doubt(f, given, said.eventTs, deps.clock()) ?? sinceTakenBack(f, given, place, s, theirs) ?? otherwise;
}

/** Asks instead of counting: members only. */
async function question(
  tx: Tx,
  f: Facts,
  actor: Actor,
  given: Act,
  why: string,
  found: Found | undefined,
): Promise<Claim['outcome']> {
  const id = f.release.id;
  if (given.kind === 'lgtm') await ask(tx, [confirmAsk(f, actor.id, why)]);
  else {
    const [action, label] = given.kind === 'verify' ? ['verify', 'Production LGTM'] : ['ready', "I'm here"];
    const text = `${threadLink(f)}: ${why} If you mean it, say so.`;
    const production = given.kind === 'verify' || (given.kind === 'ready' && given.stage === 'production');
    const drawn = production ? `${id}:${current(f).id}` : `${id}`;
    await ask(tx, [buttonAsk(f, actor.id, text, row([button(action, label, drawn, { style: 'primary' })]), action)]);
  }
  // Its event, should it come yet, tells no more than the question did.
  return found && why !== OTHERWISE ? 'asked' : 'stale';
}

/** R5: a refused reaction or word is answered by DM; a hold without a reason asks for it. */
async function answerByDm(tx: Tx, f: Facts, actor: Actor, given: Act, answer: ReleaseAnswer): Promise<void> {
  if (actor.standing === 'bot' || actor.standing === 'deactivated') return;
  if (answer.outcome === 'refused') {
    // Onlookers react with :eyes: to say that they look; that needs no answer.
    if (given.kind === 'ready' && (answer.code === 'role' || answer.code === 'standing')) return;
    await post(tx, { role: 'dm', target: actor.id, text: answer.text, blocks: [section(answer.text)] });
  }
  if (answer.holdId !== undefined) {
    const text = `${threadLink(f)} is on hold, by your reaction. Why?`;
    const give = button('reason', 'Give the reason', `${f.release.id}:${answer.holdId}`, { style: 'primary' });
    await ask(tx, [buttonAsk(f, actor.id, text, row([give]), 'hold')]);
  }
}

/** :rocket: offers the button that says it is live (or begins the push, or says what that waits for). */
async function offerShipped(tx: Tx, deps: Deps, f: Facts, actor: Actor): Promise<void> {
  const { state, manager } = f.release;
  if (actor.id !== manager && !actor.roles.has('admin')) return;
  if (state !== 'shipping' && state !== 'approved') return;
  const first = state === 'approved' ? shipWaits(f, deps.policy, deps.clock()) : [];
  if (first.length) {
    const said = `${threadLink(f)} is approved, and waits for ${first.join(', ')} before it ships.`;
    return ask(tx, [{ person: actor.id, text: said, blocks: [section(said)] }]);
  }
  const [action, label, said] =
    state === 'shipping'
      ? ['shipped', "It's live", 'is being pushed. Is it live?']
      : ['ship', 'Ship', 'is approved. Begin the push?'];
  const text = `${threadLink(f)} ${said}`;
  // R3: pressed later it is about the candidate and push it was drawn for, or nothing.
  const next = row([button(action, label, ofPush(f), { style: 'primary' })]);
  await ask(tx, [buttonAsk(f, actor.id, text, next, action)]);
}

/** R7: a message that merely contains LGTM is offered a button, when the sign-off would be accepted now. Nothing is counted. Once per cause. */
export async function offer(deps: Deps, cause: Cause, actor: Actor, releaseId: number): Promise<boolean> {
  const { result } = await once(deps.db, cause, async (tx) => {
    const { f, given, no } = await wouldSign(tx, deps, actor, releaseId);
    if (!f || no) return false;
    await question(
      tx,
      f,
      actor,
      given,
      'you mentioned LGTM in its thread; it was not counted as a sign-off.',
      undefined,
    );
    return true;
  });
  return result;
}

/**
 * R7: an LGTM in the thread of a card that was deleted since. Nobody reads there any more, so it is not counted: its writer is asked, or told why it
 * would not count. Once per cause.
 */
export async function saidInOldThread(deps: Deps, cause: Cause, actor: Actor, releaseId: number): Promise<Outcome> {
  const { result } = await once(deps.db, cause, async (tx) => {
    const { f, given, no } = await wouldSign(tx, deps, actor, releaseId);
    if (!f) return 'old' as const;
    if (no) {
      await answerByDm(tx, f, actor, given, no);
      return 'refused' as const;
    }
    await question(tx, f, actor, given, 'you said LGTM in its old thread, and the new one counts.', undefined);
    return 'asked' as const;
  });
  return result;
}

/** What would come of a sign-off now, of production while that is checked: `no` when it is refused or counts already. */
async function wouldSign(
  tx: Tx,
  deps: Deps,
  actor: Actor,
  releaseId: number,
): Promise<{ f?: Facts; given: Extract<Act, { kind: 'lgtm' | 'verify' }>; no?: ReleaseAnswer }> {
  const f = await loadFacts(tx, releaseId);
  const given = { kind: f?.release.state === 'verifying' ? 'verify' : 'lgtm', road: 'word' } as const;
  if (!f) return { given };
  const now = deps.clock();
  const d = decide(f, actor, given, rulesOf(deps.policy), now);
  if (d.refusal) return { f, given, no: refused(d.refusal, f) };
  return d.already ? { f, given, no: alreadySo(d.already, f, deps.policy.review, now) } : { f, given };
}
