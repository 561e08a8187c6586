// /release open and /release emergency.
import { openForm } from '../areas/releases/forms.ts';
import { noProduct, type OpeningForm, readOpening, readVersion } from '../areas/releases/opening.ts';
import { forbidden } from '../areas/releases/rules.ts';
import type { Kind } from '../areas/releases/types.ts';
import type { Actor } from '../base/actor.ts';
import { tellRefusal } from '../base/answer.ts';
import { readCommit } from '../base/commit.ts';
import { escapeText } from '../base/mrkdwn.ts';
import type { Cause } from '../db/act.ts';
import { no, notUnderstood, type Reply, replyOf, replyTo, said } from './answer.ts';
import type { BotDeps } from './deps.ts';
import { openRelease } from './release-act.ts';
import { formOf } from './release-words.ts';

interface Call {
  deps: BotDeps;
  actor: Actor;
  cause: Cause;
  triggerId: string;
  words: string[];
}

type Sub = 'open' | 'emergency';

/** How many words it takes to open one without a form. */
const NEEDED: Record<Sub, number> = { open: 3, emergency: 5 };

/** Opens a release of what the words say, or a form where they say too little. The product may be left out when there is one. */
export async function openWords(call: Call, sub: Sub): Promise<Reply> {
  const { deps, actor } = call;
  const may = forbidden('open', actor, null);
  if (may) return replyOf(tellRefusal(may));
  const keys = deps.policy.products.map((p) => p.key);
  const [only] = keys;
  const named = keys.includes(call.words[0]?.toLowerCase() ?? '');
  // One word alone is left to the form: it may be meant for a product.
  const short = !named && keys.length === 1 && only !== undefined && call.words.length !== 1;
  const mistaken = short && call.words.length ? mistook(call.words, only, sub) : undefined;
  if (mistaken) return mistaken;
  const words = short ? [only, ...call.words] : call.words;
  if (words.length < NEEDED[sub]) return asking(call, sub, words);
  if (sub === 'open' && words.length > NEEDED[sub]) return notUnderstood(words.slice(NEEDED[sub]), formOf(sub));
  const read = readOpening(formFrom(call, sub, words), deps.policy);
  if ('faults' in read) {
    const reasons = Object.values(read.faults).map((f) => escapeText(f));
    return no('form', reasons.join('; '), `The form is ${formOf(sub)}.`);
  }
  return replyTo(await openRelease(deps, call.cause, actor, read.opening));
}

const kindOf = (sub: Sub): Kind => (sub === 'open' ? 'scheduled' : 'emergency');

/** Opens the form, with what the words said in it. */
async function asking({ deps, actor, triggerId }: Call, sub: Sub, words: readonly string[]): Promise<Reply> {
  const [product, version, commit, prodIssue, ...reason] = words;
  const prefill = {
    kind: kindOf(sub),
    manager: actor.id,
    product: product?.toLowerCase(),
    version,
    commit,
    prodIssue,
    reason: reason.join(' '),
  };
  await deps.slack.openView(triggerId, openForm(deps.policy, prefill));
  return said('Fill in the form to open the release.');
}

/** The words as the form has them. @param words the product first */
function formFrom({ deps, actor }: Call, sub: Sub, words: readonly string[]): OpeningForm {
  const [product = '', version = '', commit = '', prodIssue, ...reason] = words;
  const environmentUrl = deps.policy.products.find((p) => p.key === product.toLowerCase())?.environments.candidate;
  const emergency = sub === 'emergency' ? { prodIssue, reason: reason.join(' ') } : {};
  return { product, version, commit, kind: kindOf(sub), manager: actor.id, authors: [], environmentUrl, ...emergency };
}

/** How most versions begin; others need a digit somewhere to be taken for one where no product is named before them. */
const VERSION = /^v?\d/i;
const isCommit = (word: string) => readCommit(word) !== undefined;

/**
 * Without a product the first word is the version, and it may as well be the slip of a pen for the product (`wbe 1.0.1 1282ce5`), or no version at all:
 * then nothing is opened, for a release of that name would have a thread and a card, and be there to be cancelled.
 * @returns which word is wrong, or undefined where the first word may be the version
 */
function mistook(words: readonly string[], only: string, sub: Sub): Reply | undefined {
  const [first = '', second = '', third = ''] = words;
  const digit = /\d/.test(first);
  // What is no version in any form is told so with the other faults.
  if (isCommit(second) && !isCommit(third))
    return digit || !readVersion(first) ? undefined : noVersion(first, only, sub);
  const tooMany = sub === 'open' && words.length >= NEEDED.open;
  if (VERSION.test(first) || (digit && !tooMany && !VERSION.test(second))) return undefined;
  return no('product', escapeText(noProduct(first, [only])), `The form is ${formOf(sub)}.`);
}

function noVersion(word: string, only: string, sub: Sub): Reply {
  const shown = escapeText(word);
  return no(
    'version',
    `\`${shown}\` does not look like a version: it has no digit`,
    `If it is one, name the product before it: \`/release ${sub} ${only} ${shown} …\`. If it is meant for a product, there is only \`${only}\`.`,
  );
}
