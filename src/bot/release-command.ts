import type { AllMiddlewareArgs, SlackCommandMiddlewareArgs } from '@slack/bolt';
import { type Address, heldAnyway, pick, readAddress } from '../areas/releases/address.ts';
import { refused } from '../areas/releases/answers.ts';
import { card, nameOf } from '../areas/releases/blocks.ts';
import { askForm } from '../areas/releases/forms.ts';
import { list } from '../areas/releases/home.ts';
import { COMMIT_FORM } from '../areas/releases/opening.ts';
import { forbidden } from '../areas/releases/rules.ts';
import { byVersion, endedReleases, liveReleases, loadFacts, openReleases } from '../areas/releases/store.ts';
import type { Act, Facts } from '../areas/releases/types.ts';
import { waiveCi } from '../areas/testing/ci.ts';
import { type Actor, forbiddenToRead } from '../base/actor.ts';
import { readCommit } from '../base/commit.ts';
import type { Refusal } from '../base/errors.ts';
import { clean, escapeText, plain } from '../base/mrkdwn.ts';
import { nearest } from '../base/nearest.ts';
import type { Cause } from '../db/act.ts';
import { answerInTime, causeOfCommand, notUnderstood, type Reply, replyOf, replyTo, said } from './answer.ts';
import { cadenceSays, freezeWords, thawWords } from './cadence-command.ts';
import { afterwards, type BotDeps, who } from './deps.ts';
import { flagWords } from './flag-forms.ts';
import { openWords } from './open-command.ts';
import { actOn } from './release-act.ts';
import { ACTS, formOf, help, isSubcommand, SUBCOMMANDS, type Subcommand } from './release-words.ts';
import { reportWords, testWords } from './test-command.ts';

interface Call {
  deps: BotDeps;
  actor: Actor;
  cause: Cause;
  triggerId: string;
  sub: Subcommand;
  words: string[];
}

/** /release: acts, then answers privately. When it takes long it says so first and answers later. */
export function releaseCommand(deps: BotDeps) {
  return async ({ command, ack, respond }: SlackCommandMiddlewareArgs & AllMiddlewareArgs): Promise<void> => {
    const words = plain(command.text).split(/\s+/).filter(Boolean);
    const outcome = await answerInTime(deps, { ack, respond }, run(deps, command, words));
    const word = (words[0] ?? 'help').toLowerCase();
    const subcommand = isSubcommand(word) ? word : 'other';
    deps.metrics.commands.inc({ command: '/release', subcommand, outcome });
  };
}

/** Subcommands that show something; of a test what comes of it is an operator's anyway. */
const READS: readonly Subcommand[] = ['list', 'status', 'test'];

async function run(deps: BotDeps, command: { user_id: string; trigger_id: string }, words: string[]): Promise<Reply> {
  const [first = 'help', ...rest] = words;
  const sub = first.toLowerCase();
  if (!isSubcommand(sub)) {
    const guess = nearest(sub, Object.keys(SUBCOMMANDS));
    const hint = guess ? ` Did you mean \`/release ${guess}\`?` : '';
    return {
      outcome: 'refused',
      text: `:x: There is no \`/release ${escapeText(sub.slice(0, 40))}\`.${hint} \`/release help\` lists what there is.`,
    };
  }
  if (sub === 'help') return said(help());
  const now = deps.clock();
  const actor = await who(deps, command.user_id);
  const cause = causeOfCommand(deps, command);
  const call: Call = { deps, actor, cause, triggerId: command.trigger_id, sub, words: rest };
  const stranger = READS.includes(sub) && forbiddenToRead(actor);
  if (stranger) return no(stranger);
  if (sub === 'list') {
    if (rest.length) return tooMuch(sub, rest);
    return {
      outcome: 'accepted',
      ...list(await openReleases(deps.db), await endedReleases(deps.db, 10), deps.policy, now, await cadenceSays(deps)),
    };
  }
  if (sub === 'freeze') return freezeWords(call, rest, formOf(sub));
  if (sub === 'thaw') return thawWords(call, rest, formOf(sub));
  if (sub === 'open' || sub === 'emergency') return openWords(call, sub);
  if (sub === 'status') return status(call);
  if (sub === 'candidate') return candidate(call);
  if (sub === 'test' || sub === 'report') return testing(call, sub);
  if (sub === 'flag' || sub === 'unflag') return flagging(call, sub);
  if (sub === 'waive') return waiving(call);
  // The compiler objects when a word is neither above nor in ACTS.
  return anAct(call, sub);
}

const no = (r: Refusal, f?: Facts): Reply => replyOf(refused(r, f));

const tooMuch = (sub: Subcommand, extra: readonly string[]): Reply => notUnderstood(extra, formOf(sub));

/** The release the words mean, and the words left over. */
async function addressed(call: Call, kind: Act['kind'] | 'status'): Promise<{ f: Facts; rest: string[] } | Refusal> {
  const { deps } = call;
  const live = await liveReleases(deps.db, deps.clock());
  const products = deps.policy.products.map((p) => p.key);
  const address = readAddress(
    call.words,
    products,
    live.map((f) => f.release.version),
  );
  const found = pick(address, live, kind, call.sub);
  if (!('code' in found)) return { f: found, rest: address.rest };
  if (kind === 'hold' && found.code === 'no_release' && address.version && address.rest.length) {
    const meant = heldAnyway(address, call.words, products, live);
    if (!('code' in meant) || meant.code === 'ambiguous') return meant;
  }
  const ended = found.code === 'no_release' ? await endedOne(deps, address) : undefined;
  return ended ? { f: ended, rest: address.rest } : found;
}

/** A release long over is found by its full name, so that the answer can say what became of it. */
async function endedOne(deps: BotDeps, { id, product, version }: Address): Promise<Facts | undefined> {
  if (id !== undefined) return loadFacts(deps.db, id);
  const [row] = version ? await byVersion(deps.db, version, product) : [];
  return row && loadFacts(deps.db, row.id);
}

async function anAct(call: Call, sub: keyof typeof ACTS): Promise<Reply> {
  const { deps } = call;
  const how = ACTS[sub];
  // "ship on one" is said with words around the address or behind it.
  const asked = call.words.join(' ');
  const onOne = sub === 'ship' && /(^|\s)on one($|\s)/i.test(asked);
  const words = onOne
    ? asked
        .replace(/(^|\s)on one($|\s)/i, ' ')
        .split(/\s+/)
        .filter(Boolean)
    : call.words;
  const found = await addressed({ ...call, words }, onOne ? 'ship_on_one' : how.act(null).kind);
  if ('code' in found) return no(found);
  const { f, rest } = found;
  if (rest.length && !how.text) return tooMuch(sub, rest);
  const slip = words.length === 1 && rest.length === 1 && GRAVE.includes(sub) ? slipOf(deps, rest[0] ?? '') : undefined;
  if (slip)
    return no({
      code: 'product',
      reason: `there is no product \`${escapeText((rest[0] ?? '').slice(0, 40))}\` (the nearest is \`${slip}\`)`,
      next: `A reason of one such word comes behind the release: \`/release ${sub} ${nameOf(f)} <reason>\`.`,
    });
  const text = clean(rest.join(' '));
  if (text && text.length > 500)
    return no(
      {
        code: 'too_long',
        reason: `that text has ${text.length} characters`,
        next: 'Please keep it under 500 characters.',
      },
      f,
    );
  const result = await actOn(
    deps,
    call.cause,
    call.actor,
    f.release.id,
    onOne ? { kind: 'ship_on_one' } : how.act(text),
  );
  // The hold is set already; the form only asks why.
  if (result.answer.holdId !== undefined && !result.repeated)
    await afterwards(
      deps,
      () => deps.slack.openView(call.triggerId, askForm('hold', f, result.answer.holdId)),
      undefined,
    );
  return replyTo(result);
}

/** What is not undone by another word. A hold only makes things safer: it is never kept waiting by a question. */
const GRAVE: readonly Subcommand[] = ['cancel', 'rollback', 'failed', 'review'];

/** The product that a single word was probably meant to name, when it is none: it would be taken as the reason for whichever release is open. */
function slipOf(deps: BotDeps, word: string): string | undefined {
  const keys = deps.policy.products.map((p) => p.key);
  return /^[a-z0-9-]{3,30}$/i.test(word) ? nearest(word.toLowerCase(), keys) : undefined;
}

async function candidate(call: Call): Promise<Reply> {
  const found = await addressed(call, 'candidate');
  if ('code' in found) return no(found);
  const { f, rest } = found;
  const [commit, tree, ...extra] = rest;
  if (!commit) {
    const may = forbidden('candidate', call.actor, f.release.manager);
    if (may) return no(may, f);
    await call.deps.slack.openView(call.triggerId, askForm('candidate', f));
    return said('Fill in the form to name the new candidate.');
  }
  if (extra.length) return tooMuch('candidate', extra);
  const hex = readCommit(commit);
  if (!hex)
    return no(
      {
        code: 'commit',
        reason: `\`${escapeText(commit.slice(0, 60))}\` is no commit`,
        next: `${capital(COMMIT_FORM)}: ${formOf('candidate')}.`,
      },
      f,
    );
  const treeHex = tree === undefined ? null : readCommit(tree);
  if (treeHex === undefined)
    return no(
      {
        code: 'tree',
        reason: `\`${escapeText((tree as string).slice(0, 60))}\` is no tree`,
        next: `A tree is written like a commit: ${formOf('candidate')}.`,
      },
      f,
    );
  return replyTo(
    await actOn(call.deps, call.cause, call.actor, f.release.id, { kind: 'candidate', commit: hex, tree: treeHex }),
  );
}

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

async function status(call: Call): Promise<Reply> {
  const found = await addressed(call, 'status');
  if ('code' in found) return no(found);
  if (found.rest.length) return tooMuch('status', found.rest);
  return { outcome: 'accepted', ...card(found.f, call.deps.policy, call.deps.clock()) };
}

async function testing(call: Call, sub: 'test' | 'report'): Promise<Reply> {
  const found = await addressed(call, 'status');
  if ('code' in found) return no(found);
  const words = sub === 'test' ? testWords : reportWords;
  return words(call, found.f.release.id, found.rest);
}

async function flagging(call: Call, sub: 'flag' | 'unflag'): Promise<Reply> {
  const found = await addressed(call, 'status');
  if ('code' in found) return no(found);
  if (sub === 'unflag' && !found.rest.length)
    return no({ code: 'words', reason: 'that names no flag', next: `The form is ${formOf(sub)}.` }, found.f);
  return flagWords(call, sub, found.f.release, found.rest);
}

async function waiving(call: Call): Promise<Reply> {
  const found = await addressed(call, 'status');
  if ('code' in found) return no(found);
  return replyTo(await waiveCi(call.deps, call.cause, call.actor, found.f.release.id, found.rest.join(' ')));
}
