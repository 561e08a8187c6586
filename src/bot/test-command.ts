import { actOnCase, askedSkip, askReport, takeNext } from '../areas/testing/actions.ts';
import { actNamed, caseText } from '../areas/testing/blocks.ts';
import { newestRun } from '../areas/testing/store.ts';
import type { Run } from '../areas/testing/types.ts';
import type { Actor } from '../base/actor.ts';
import type { Answer } from '../base/answer.ts';
import { clean, escapeText } from '../base/mrkdwn.ts';
import { nearest } from '../base/nearest.ts';
import type { Cause } from '../db/act.ts';
import type { Reply } from './answer.ts';
import { afterwards, type BotDeps, BY_COMMAND, BY_FORM } from './deps.ts';
import { bugFormFor } from './test-buttons.ts';
import { areasOf, caseOf } from './test-views.ts';

/** What may follow the name of a case. */
const CASE_WORDS = ['pass', 'fail', 'blocked', 'skip', 'agree', 'refuse', 'take', 'takeover', 'drop'] as const;

const FORM = `\`/release test <case> ${CASE_WORDS.join('|')} [note]\``;
const no = (code: string, text: string): Answer => ({ outcome: 'refused', code, text: `:x: ${text}` });

interface Call {
  deps: BotDeps;
  actor: Actor;
  cause: Cause;
  triggerId: string;
}

/** `/release test …`: opens the tests, takes the next case, shows a case, or says what came of one. `words` follow the release. */
export async function testWords(call: Call, releaseId: number, words: readonly string[]): Promise<Reply> {
  const { deps } = call;
  const run = await newestRun(deps.db, releaseId);
  if (!run)
    return no('no_run', 'It has no test run yet. One begins when testing begins, if its product has a test spec.');
  const [first, second, ...rest] = words.map((w, i) => clean(i < 2 ? w.toLowerCase() : w) ?? '');
  if (first === undefined) return openTests(call, run);
  if (first === 'next' && second === undefined) return next(call, run);
  const c = await caseOf(deps, run.id, first);
  if (!c)
    return no(
      'no_case',
      `There is no case \`${escapeText(first.slice(0, 60))}\` in this run. ${FORM}; \`/release test\` lists them.`,
    );
  if (second === undefined) return { outcome: 'accepted', text: caseText(c, deps.clock()) };
  const note = rest.join(' ').trim() || null;
  const act = actNamed(second, note);
  if (!act) {
    const guess = nearest(second, CASE_WORDS);
    return no(
      'word',
      `I do not understand \`${escapeText(second.slice(0, 60))}\`${guess ? `: did you mean \`${guess}\`?` : '.'} The form is ${FORM}.`,
    );
  }
  if (note !== null && !('note' in act)) return no('words', `\`${second}\` takes no note. The form is ${FORM}.`);
  if (note !== null && note.length > 1000)
    return no('too_long', `That note has ${note.length} characters. Please keep it under 1000.`);
  if (act.kind === 'agree') {
    const asked = await askedSkip(deps, call.actor, run, c);
    return 'question' in asked ? { ...asked.question, outcome: 'asked' } : asked.answer;
  }
  const { answer, repeated } = await actOnCase(deps, call.cause, call.actor, { runId: run.id, caseId: c.caseId }, act);
  if (act.kind !== 'fail' || answer.outcome !== 'accepted' || repeated) return { ...answer, repeated };
  // The failure is on record; the bug form that follows may be closed.
  const open = async () => {
    const form = await bugFormFor(deps, run.id, c.caseId, note);
    if (form) await deps.slack.openView(call.triggerId, form);
    return form ? BY_FORM : BY_COMMAND;
  };
  return { ...answer, text: `${answer.text} ${await afterwards(deps, open, BY_COMMAND)}`, repeated };
}

async function openTests(call: Call, run: Run): Promise<Reply> {
  const view = await areasOf(call.deps, run.id, 0);
  if (view) await call.deps.slack.openView(call.triggerId, view);
  return {
    outcome: 'accepted',
    text: `Choose an area, or say ${FORM}. \`/release test next\` takes the next case for you.`,
  };
}

async function next(call: Call, run: Run): Promise<Reply> {
  const { answer, caseId, repeated } = await takeNext(call.deps, call.cause, call.actor, run.id);
  const c = caseId === null ? undefined : await caseOf(call.deps, run.id, caseId);
  return { ...answer, repeated, text: c ? `${answer.text}\n${caseText(c, call.deps.clock())}` : answer.text };
}

/** `/release report`: has the report of the newest run posted in the thread. */
export async function reportWords(call: Call, releaseId: number, words: readonly string[]): Promise<Reply> {
  if (words.length)
    return no(
      'words',
      `I do not understand \`${escapeText(words.join(' ').slice(0, 100))}\`. The form is \`/release report [product] [version]\`.`,
    );
  const run = await newestRun(call.deps.db, releaseId);
  if (!run) return no('no_run', 'It has no test run, so there is nothing to report.');
  return askReport(call.deps, call.cause, call.actor, run);
}
