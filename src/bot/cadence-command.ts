// /release freeze and /release thaw.
import { freeze, thaw } from '../areas/cadence/actions.ts';
import { freezeForm } from '../areas/cadence/forms.ts';
import { cadenceLines } from '../areas/cadence/lines.ts';
import { forbiddenCadence, readSpan } from '../areas/cadence/rules.ts';
import { slotRulesNow } from '../areas/cadence/slot-store.ts';
import { freezesAhead, keptBetween } from '../areas/cadence/store.ts';
import type { ThawAsk } from '../areas/cadence/types.ts';
import type { Actor } from '../base/actor.ts';
import { tellRefusal } from '../base/answer.ts';
import { parseId } from '../base/ids.ts';
import { localDay } from '../base/zone.ts';
import type { Cause } from '../db/act.ts';
import { FILL_IN, no, notUnderstood, type Reply, replyOf, replyTo } from './answer.ts';
import type { BotDeps } from './deps.ts';

const WEEK_MS = 7 * 24 * 3_600_000;

interface Call {
  deps: BotDeps;
  actor: Actor;
  cause: Cause;
  triggerId: string;
}

/** The product that the first word names (null: all of them), and the words after it. Without one all products are meant. */
function addressed(deps: BotDeps, words: readonly string[]): { product: string | null; rest: readonly string[] } {
  const first = words[0]?.toLowerCase();
  if (first === 'all') return { product: null, rest: words.slice(1) };
  const key = deps.policy.products.find((p) => p.key === first)?.key;
  return key === undefined ? { product: null, rest: words } : { product: key, rest: words.slice(1) };
}

/** `/release freeze [product|all] <from> <to> <reason>`: where words are missing a form asks. @param form the right form, as it is typed */
export async function freezeWords(call: Call, words: readonly string[], form: string): Promise<Reply> {
  const { deps, actor } = call;
  const may = forbiddenCadence('freeze', actor);
  if (may) return replyOf(tellRefusal(may));
  const now = deps.clock();
  const { zone } = deps.policy.team;
  const { product, rest } = addressed(deps, words);
  const [from, to, ...more] = rest;
  // A word that is no day is said before a form asks: opened without it, the form would leave out what was meant.
  const span = readSpan(from ?? 'now', to ?? 'today', zone, now, more[0]);
  if ('refusal' in span) return no(span.refusal.code, span.refusal.reason, `The form is ${form}. ${span.refusal.next}`);
  if (from === undefined || to === undefined || !more.length) {
    const today = localDay(zone, now);
    await deps.slack.openView(call.triggerId, freezeForm(deps.policy, { product, today }));
    return FILL_IN;
  }
  const reason = more.join(' ').trim();
  return replyTo(await freeze(deps, call.cause, actor, { ...span, product, reason }));
}

/** `/release thaw [product|all|FRZ-3]`. Without words it means the only one there is. @param form the right form, as it is typed */
export async function thawWords(call: Call, words: readonly string[], form: string): Promise<Reply> {
  const [first, ...more] = words;
  const ask = first === undefined ? undefined : readThaw(call.deps, first);
  if (ask === null || more.length) return notUnderstood(words, form);
  return replyTo(await thaw(call.deps, call.cause, call.actor, ask));
}

/** What a word means to thaw; null when it means nothing. */
function readThaw(deps: BotDeps, word: string): ThawAsk | null {
  const id = parseId(word);
  if (id) return id.prefix === 'FRZ' ? { id: id.id } : null;
  const { product, rest } = addressed(deps, [word]);
  return rest.length ? null : { product };
}

/** What `/release list` says of slots and freezes; empty where there are none. */
export async function cadenceSays({ db, policy, clock }: BotDeps): Promise<string> {
  const now = clock();
  const [only, ...others] = policy.products;
  const product = only && !others.length ? only.key : null;
  const freezes = await freezesAhead(db, now);
  const kept = await keptBetween(db, new Date(now.getTime() - WEEK_MS), now);
  return cadenceLines(await slotRulesNow(db, policy), freezes, product, kept, now).join('\n');
}
