import { actOnProd, escalate } from '../areas/triage/prod-actions.ts';
import { prodCard, prodLink, prodList } from '../areas/triage/prod-blocks.ts';
import { type ProdAsk, prodForm } from '../areas/triage/prod-forms.ts';
import { forbiddenProd, outOfPlace, PROD_TABLE } from '../areas/triage/prod-rules.ts';
import { listProd, loadProd } from '../areas/triage/prod-store.ts';
import type { ProdAct, ProdFacts, ProdRole } from '../areas/triage/prod-types.ts';
import { type Actor, forbiddenToRead } from '../base/actor.ts';
import { type Answer, tellRefusal } from '../base/answer.ts';
import { parseId, showId } from '../base/ids.ts';
import { clean, escapeText, mentioned } from '../base/mrkdwn.ts';
import { causeOfCommand, FILL_IN, no, type Reply, replyOf, replyTo, said } from './answer.ts';
import { type BotDeps, who } from './deps.ts';
import { isProdWord, type ProdWord, prodFormOf, prodHelp, readProdId } from './prod-words.ts';

interface Call {
  command: { user_id: string; trigger_id: string };
  /** The words after `/bug prod` or `/bug escalate`, and the same as Slack sent them (mentions and links coded). */
  rest: readonly string[];
  raw: readonly string[];
}

/** `/bug escalate BUG-7 <reason>`. @param bugId when the words name one */
export async function escalateCommand(deps: BotDeps, call: Call, bugId: number | undefined): Promise<Reply> {
  if (bugId === undefined) return no('words', 'that names no bug', 'The form is `/bug escalate BUG-7 <reason>`.');
  const actor = await who(deps, call.command.user_id);
  const reason = clean(call.rest.slice(1).join(' '));
  return replyTo(await escalate(deps, causeOfCommand(deps, call.command), actor, bugId, reason));
}

/** `/bug prod …`: acts and answers privately, or opens the form that asks for what is missing. */
export async function prodCommand(deps: BotDeps, call: Call): Promise<Reply> {
  const word = (call.rest[0] ?? 'list').toLowerCase();
  if (!isProdWord(word)) {
    const typed = escapeText(word.slice(0, 40));
    const next =
      '`/bug prod help` lists what there is; a bug whose title begins with "prod" is reported by `/bug` alone.';
    return no('words', `there is no \`/bug prod ${typed}\``, next);
  }
  if (word === 'help') return said(prodHelp());
  const notUnderstood = () => no('words', 'I do not understand that', `The form is ${prodFormOf(word)}.`);
  const stranger = (word === 'list' || word === 'show') && forbiddenToRead(await who(deps, call.command.user_id));
  if (stranger) return replyOf(tellRefusal(stranger));
  if (word === 'list')
    return call.rest.length > 1 ? notUnderstood() : { outcome: 'accepted', ...prodList(await listProd(deps.db)) };
  const id = readProdId(call.rest[1]);
  if (id === undefined) return no('words', 'that names no prod issue', `The form is ${prodFormOf(word)}.`);
  const f = await loadProd(deps.db, id);
  if (!f) return no('no_prod_issue', `there is no ${showId('PI', id)}`, 'See `/bug prod list`.');
  if (word === 'show')
    return call.rest.length > 2 ? notUnderstood() : { outcome: 'accepted', ...prodCard(f, deps.policy, deps.clock()) };
  const act = readProdAct(word, call.rest.slice(2), call.raw.slice(2));
  if (act === null) return notUnderstood();
  const actor = await who(deps, call.command.user_id);
  if (typeof act === 'string') {
    const answer = await openProdForm(deps, call.command.trigger_id, act, f, actor);
    return answer ? replyOf(answer) : FILL_IN;
  }
  return replyTo(await actOnProd(deps, causeOfCommand(deps, call.command), actor, id, act));
}

const ACT_OF = { roles: 'assign', release: 'attribute', review: 'review', reopen: 'reopen' } as const;

/** Opens a form about a prod issue. @returns why not: not theirs to ask, not now, or so already */
export async function openProdForm(
  deps: BotDeps,
  triggerId: string,
  what: ProdAsk,
  f: ProdFacts,
  actor: Actor,
): Promise<Answer | null> {
  const kind = ACT_OF[what];
  const may = forbiddenProd(kind, actor, f.issue);
  const name = prodLink(f.issue, f.thread.url);
  if (may) return tellRefusal(may, name);
  if (!PROD_TABLE[kind].includes(f.issue.state)) {
    const no = outOfPlace(f.issue, kind);
    return 'already' in no ? { outcome: 'already', text: `${name}: ${no.already}.` } : tellRefusal(no.refusal, name);
  }
  await deps.slack.openView(triggerId, prodForm(what, f));
  return null;
}

const ROLE_WORDS: Record<string, ProdRole> = {
  owner: 'owner',
  engineer: 'engineer',
  communication: 'communication',
  comms: 'communication',
};

/** The act the words mean; the name of the form that asks for what is missing; null when they mean nothing. */
export function readProdAct(
  word: Exclude<ProdWord, 'list' | 'show' | 'help'>,
  rest: readonly string[],
  raw: readonly string[],
): ProdAct | ProdAsk | null {
  const [first, ...more] = rest;
  const text = clean(rest.join(' '));
  switch (word) {
    case 'mitigated':
      return { kind: 'mitigate', note: text };
    case 'resolved':
      return { kind: 'resolve', note: text };
    case 'reopen':
      return text ? { kind: 'reopen', reason: text } : 'reopen';
    case 'review':
      return first === undefined ? 'review' : null;
    case 'assign': {
      if (first === undefined) return 'roles';
      const name = first.toLowerCase();
      const role = Object.hasOwn(ROLE_WORDS, name) ? ROLE_WORDS[name] : undefined;
      const person = mentioned(raw[1] ?? '');
      return role && person && more.length === 1 ? { kind: 'assign', roles: { [role]: person } } : null;
    }
    case 'release': {
      if (first === undefined) return 'release';
      const id = parseId(first);
      if (more.length) return null;
      if (first.toLowerCase() === 'none') return { kind: 'attribute', releaseId: null };
      return id?.prefix === 'REL' ? { kind: 'attribute', releaseId: id.id } : null;
    }
  }
}
