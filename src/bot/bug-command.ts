import type { AllMiddlewareArgs, SlackCommandMiddlewareArgs } from '@slack/bolt';
import { actOnBug } from '../areas/triage/actions.ts';
import { type BugAnswer, refused } from '../areas/triage/answers.ts';
import { card } from '../areas/triage/blocks.ts';
import { askForm, type BugAsk, bugForm } from '../areas/triage/forms.ts';
import { fixable } from '../areas/triage/later.ts';
import { questionLine, retestLine } from '../areas/triage/lines.ts';
import { list } from '../areas/triage/list.ts';
import { decide, forbidden } from '../areas/triage/rules.ts';
import { loadStats, statsText } from '../areas/triage/stats.ts';
import { loadBug, openBugs } from '../areas/triage/store.ts';
import { type Act, type BugFacts, PRIORITIES, type Priority } from '../areas/triage/types.ts';
import type { Actor } from '../base/actor.ts';
import { forbiddenToRead } from '../base/actor.ts';
import { readCommit } from '../base/commit.ts';
import { showId } from '../base/ids.ts';
import { clean, escapeText, mentioned, plain } from '../base/mrkdwn.ts';
import { answerInTime, causeOfCommand, FILL_IN, no, type Reply, replyOf, replyTo, said } from './answer.ts';
import { type BugWord, bugFormOf, bugHelp, isBugWord, readBugId } from './bug-words.ts';
import { type BotDeps, who } from './deps.ts';
import { escalateCommand, prodCommand } from './prod-command.ts';

interface Call {
  deps: BotDeps;
  command: { user_id: string; trigger_id: string };
  word: BugWord;
  /** The words after the bug, and the same as Slack sent them (mentions and links coded). */
  rest: string[];
  raw: string[];
}

/** How far `/bug stats` looks back, in ms: half a year and a bit. */
const STATS_MS = 190 * 86_400_000;

/** /bug: opens the form, or acts and answers privately. When it takes long it says so first and answers later. */
export function bugCommand(deps: BotDeps) {
  return async ({ command, ack, respond }: SlackCommandMiddlewareArgs & AllMiddlewareArgs): Promise<void> => {
    const outcome = await answerInTime(deps, { ack, respond }, run(deps, command));
    const [word = ''] = command.text.trim().toLowerCase().split(/\s+/);
    deps.metrics.commands.inc({ command: '/bug', subcommand: isBugWord(word) ? word : 'other', outcome });
  };
}

/** Words that only show something. */
const READS: readonly BugWord[] = ['list', 'stats', 'show'];

async function run(deps: BotDeps, command: Call['command'] & { text: string }): Promise<Reply> {
  const raw = command.text.trim().split(/\s+/).filter(Boolean);
  const [first = '', ...rest] = raw;
  const word = first.toLowerCase();
  if (!isBugWord(word)) {
    const title = clean(plain(command.text)) ?? undefined;
    await deps.slack.openView(command.trigger_id, bugForm(deps.policy, { title }));
    return said('Fill in the form to report the bug.');
  }
  const call: Call = { deps, command, word, raw: rest, rest: rest.map(plain) };
  const stranger = READS.includes(word) && forbiddenToRead(await who(deps, command.user_id));
  if (stranger) return replyOf(refused(stranger));
  switch (word) {
    case 'help':
      return said(bugHelp());
    case 'list':
      return listed(call);
    case 'stats': {
      if (call.rest.length) return no('words', 'I do not understand that', `The form is ${bugFormOf('stats')}.`);
      const { bugs, releases } = await loadStats(deps.db, new Date(deps.clock().getTime() - STATS_MS));
      return said(statsText(bugs, releases, deps.policy.team.zone));
    }
    case 'escalate':
      return escalateCommand(deps, call, readBugId(call.rest[0]));
    case 'prod':
      return prodCommand(deps, call);
    default:
      return onBug(call);
  }
}

async function listed({ deps, rest }: Call): Promise<Reply> {
  const [product] = rest;
  const keys = deps.policy.products.map((p) => p.key);
  if (rest.length > 1 || (product && !keys.includes(product.toLowerCase())))
    return no(
      'words',
      `there is no product \`${escapeText(rest.join(' ').slice(0, 100))}\``,
      `The form is ${bugFormOf('list')}.`,
    );
  return { outcome: 'accepted', ...list(await openBugs(deps.db, product?.toLowerCase())) };
}

async function onBug(call: Call): Promise<Reply> {
  const { deps, command, word } = call;
  const id = readBugId(call.rest[0]);
  if (id === undefined) {
    const hint = 'To report a bug whose title begins with that word, type `/bug` and fill in the form.';
    return no('words', 'that names no bug', `The form is ${bugFormOf(word)}. ${hint}`);
  }
  const f = await loadBug(deps.db, id);
  if (!f) return no('no_bug', `there is no ${showId('BUG', id)}`, 'See `/bug list`.');
  if (word === 'show' && call.rest.length === 1) {
    const repo = deps.policy.products.find((p) => p.key === f.bug.product)?.repo;
    return { ...card(f, deps.policy, deps.github !== undefined && repo !== undefined), outcome: 'accepted' };
  }
  const act = readAct({ ...call, rest: call.rest.slice(1), raw: call.raw.slice(1) });
  if (act === null) return no('words', 'I do not understand that', `The form is ${bugFormOf(word)}.`);
  const actor = await who(deps, command.user_id);
  if (typeof act === 'string') {
    const reply = await openAsk(deps, command.trigger_id, act, f, actor);
    return reply ? replyOf(reply) : FILL_IN;
  }
  const bound = act.kind === 'agree' || (act.kind === 'retest' && act.commit === undefined);
  if (bound) return questioned(deps, f, actor, act);
  return replyTo(await actOnBug(deps, causeOfCommand(deps, command), actor, id, act));
}

/**
 * R14: words agree to nothing by themselves, and say nothing of a fix they do not name: what is asked, or the fix, may have changed since they were
 * read. They are answered with what it is now, and its buttons.
 */
function questioned(deps: BotDeps, f: BugFacts, actor: Actor, act: Act): Reply {
  const may = decide(f, actor, act, deps.clock());
  if ('refusal' in may) return replyOf(refused(may.refusal, f));
  return { ...(act.kind === 'retest' ? retestLine(f) : questionLine(f)), outcome: 'asked' };
}

/** Opens a form with one question. @returns why not: not theirs to ask, or nothing to choose from */
export async function openAsk(
  deps: BotDeps,
  triggerId: string,
  what: BugAsk,
  f: BugFacts,
  actor: Actor,
): Promise<BugAnswer | null> {
  const permission = what === 'downgrade' || what === 'reject' ? 'ask' : what;
  const managers = f.open.map((r) => r.manager);
  const may = forbidden(permission, actor, managers);
  if (may) return refused(may, f);
  if (what === 'fix' && !fixable(f).length) {
    const next = 'Name it first: `/release candidate <commit>`.';
    const none = { code: 'no_candidate', reason: 'no candidate is there to have its fix', next };
    // Why not the newest says why none.
    const newest = f.candidates.at(-1);
    const no = newest ? decide(f, actor, { kind: 'fix', candidateId: newest.id }, deps.clock()) : { refusal: none };
    return refused('refusal' in no ? no.refusal : none, f);
  }
  await deps.slack.openView(triggerId, askForm(what, f));
  return null;
}

/** The act the words mean; the name of the form that asks for what is missing; null when they mean nothing. */
export function readAct({ word, rest, raw, command }: Omit<Call, 'deps'>): Act | BugAsk | null {
  const [first, ...more] = rest;
  const text = clean(rest.join(' '));
  const bare = <T extends Act>(act: T): T | null => (first === undefined ? act : null);
  switch (word) {
    case 'recreate':
      return bare({ kind: 'recreate' });
    case 'agree':
      return bare({ kind: 'agree' });
    case 'decline':
      return bare({ kind: 'decline' });
    case 'tried':
      return more.length || !/^(yes|no)$/i.test(first ?? '')
        ? null
        : { kind: 'tried', happens: /yes/i.test(first ?? '') };
    case 'retest': {
      const [named, ...extra] = more;
      const commit = named === undefined ? null : readCommit(named);
      if (extra.length || commit === undefined || !/^(fixed|still)$/i.test(first ?? '')) return null;
      return { kind: 'retest', fixed: /fixed/i.test(first ?? ''), ...(commit && { commit }) };
    }
    case 'fix': {
      if (first === undefined) return 'fix';
      const commit = readCommit(first);
      return more.length || commit === undefined ? null : { kind: 'fix', commit };
    }
    case 'downgrade':
    case 'reject':
      return text ? { kind: 'ask', what: word, reason: text } : word;
    case 'block':
    case 'wontfix':
      return text ? { kind: word, reason: text } : word;
    case 'ticket': {
      // A link arrives coded, with or without a label; its address is what counts.
      const coded = /^<(https?:[^|>]+)/.exec(raw[0] ?? '')?.[1];
      if (first === undefined) return 'ticket';
      return more.length ? null : { kind: 'ticket', link: coded ? plain(coded) : first };
    }
    case 'resolve':
      return { kind: 'resolve', note: text };
    case 'duplicate': {
      if (first === undefined) return 'duplicate';
      const of = readBugId(first);
      return of === undefined || more.length ? null : { kind: 'duplicate', of };
    }
    case 'assign': {
      if (first === undefined || first.toLowerCase() === 'me') return { kind: 'assign', person: command.user_id };
      const person = mentioned(raw[0] ?? '');
      return person && !more.length ? { kind: 'assign', person } : null;
    }
    case 'priority': {
      if (first === undefined) return 'priority';
      const priority = first.toUpperCase() as Priority;
      return PRIORITIES.includes(priority) ? { kind: 'priority', priority, reason: clean(more.join(' ')) } : null;
    }
    default:
      return null;
  }
}
