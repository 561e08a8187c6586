import type { AllMiddlewareArgs, SlackCommandMiddlewareArgs } from '@slack/bolt';
import { forbiddenHere, meant } from '../areas/calendar/act-rules.ts';
import { actOnAssignment, askSwap, away, back, planAMonth } from '../areas/calendar/actions.ts';
import { dayList, mineList, monthList } from '../areas/calendar/blocks.ts';
import { NO_CALENDAR, todayOf } from '../areas/calendar/deps.ts';
import { awayForm, skipForm } from '../areas/calendar/forms.ts';
import { addMonths, monthOf } from '../areas/calendar/month-rules.ts';
import { preview } from '../areas/calendar/planning.ts';
import { assignmentsBetween, loadAssignment, loadMonth, testersNow } from '../areas/calendar/store.ts';
import type { Assignment } from '../areas/calendar/types.ts';
import type { Actor } from '../base/actor.ts';
import { tellRefusal } from '../base/answer.ts';
import { mondayOf } from '../base/days.ts';
import { showId } from '../base/ids.ts';
import { mentioned, plain } from '../base/mrkdwn.ts';
import type { Block, View } from '../base/slack.ts';
import type { Today } from '../base/today.ts';
import { addDays } from '../base/zone.ts';
import { todaysOf } from '../db/people.ts';
import { answerInTime, causeOfCommand, FILL_IN, no, type Reply, replyOf, replyTo, said } from './answer.ts';
import { afterwards, type BotDeps, BY_COMMAND, BY_FORM, who } from './deps.ts';
import { bugFormOfFailed, swapFormFor } from './regression-views.ts';
import {
  isRegressionWord,
  type RegressionWord,
  readAway,
  readMonth,
  readRegressionId,
  regressionFormOf,
  regressionHelp,
} from './regression-words.ts';

interface Call {
  deps: BotDeps;
  command: { user_id: string; trigger_id: string };
  actor: Actor;
  /** The words after the first, and the same as Slack sent them (mentions coded). */
  rest: string[];
  raw: string[];
  /** The team's. */
  today: string;
  /** Where they are (R23). */
  theirs: Today;
}

/** /regression: acts or lists, and answers privately. When it takes long it says so first and answers later. */
export function regressionCommand(deps: BotDeps) {
  return async ({ command, ack, respond }: SlackCommandMiddlewareArgs & AllMiddlewareArgs): Promise<void> => {
    const raw = command.text.trim().split(/\s+/).filter(Boolean);
    const word = raw[0] === undefined ? 'mine' : raw[0].toLowerCase();
    const outcome = await answerInTime(deps, { ack, respond }, run(deps, command, word, raw.slice(1)));
    deps.metrics.commands.inc({
      command: '/regression',
      subcommand: isRegressionWord(word) ? word : 'unknown',
      outcome,
    });
  };
}

const wrongWords = (word: RegressionWord): Reply =>
  no('words', 'I do not understand that', `The form is ${regressionFormOf(word)}.`);

async function run(deps: BotDeps, command: Call['command'], word: string, raw: string[]): Promise<Reply> {
  if (!isRegressionWord(word)) return no('words', 'I do not know that word', 'See `/regression help`.');
  if (word === 'help') return said(regressionHelp());
  if (!deps.policy.regression) return replyOf(NO_CALENDAR);
  const actor = await who(deps, command.user_id);
  const may = forbiddenHere('look', actor);
  if (may) return replyOf(tellRefusal(may));
  const now = deps.clock();
  const theirs = (await todaysOf(deps.db, deps.policy, [actor.id], now))(actor.id);
  return WORDS[word]({ deps, command, actor, raw, rest: raw.map(plain), today: todayOf(deps, now), theirs }, word);
}

type Run = (call: Call, word: RegressionWord) => Promise<Reply>;
const WORDS: Record<Exclude<RegressionWord, 'help'>, Run> = {
  today: listing(async ({ deps, theirs }) =>
    dayList(await assignmentsBetween(deps.db, theirs.first, theirs.last), 'today'),
  ),
  week: listing(async ({ deps, theirs: { day } }) => {
    const monday = mondayOf(day);
    return dayList(await assignmentsBetween(deps.db, monday, addDays(monday, 6)), 'this week');
  }),
  mine: listing(async ({ deps, today, theirs, actor }) => {
    // The team's month, and the one that has begun for them.
    const next = addMonths(monthOf(theirs.last > today ? theirs.last : today), 1);
    return mineList(
      await assignmentsBetween(deps.db, `${monthOf(today)}-01`, addDays(`${next}-01`, -1), actor.id),
      theirs,
    );
  }),
  month,
  plan,
  pass: result,
  fail: result,
  skip: result,
  swap,
  away: absence,
  back: absence,
};

function listing(draw: (call: Call) => Promise<{ text: string; blocks: Block[] }>): Run {
  return async (call, word) => (call.rest.length ? wrongWords(word) : { outcome: 'accepted', ...(await draw(call)) });
}

async function month({ deps, rest, today }: Call, word: RegressionWord): Promise<Reply> {
  const named = readMonth(rest.join(' '), today);
  if (!named) return wrongWords(word);
  const view = await loadMonth(deps.db, named);
  if (view) return { outcome: 'accepted', ...monthList(view, today, true) };
  return no(
    'no_plan',
    `${named} is not planned yet`,
    `\`/regression plan ${named}\` shows what it would be; admins make it with that.`,
  );
}

/** Shows a month, made or as it would be; an admin's makes it. */
async function plan(call: Call, word: RegressionWord): Promise<Reply> {
  const { deps, actor, rest, today } = call;
  const named = readMonth(rest.join(' '), today);
  if (!named) return wrongWords(word);
  const view = await loadMonth(deps.db, named);
  if (view) return { outcome: 'already', ...monthList(view, today, true) };
  if (!forbiddenHere('plan', actor) || named < monthOf(today)) {
    const { answer, repeated } = await planAMonth(deps, causeOfCommand(deps, call.command), actor, named);
    const made = answer.outcome === 'accepted' ? await loadMonth(deps.db, named) : undefined;
    return made ? { ...monthList(made, today, true), outcome: 'accepted', repeated } : replyOf(answer, repeated);
  }
  const testers = await testersNow(deps.db, deps.policy, deps.clock());
  if (!testers)
    return no('roles_unknown', 'the user group of the testers could not be read', 'Try again in a few minutes.');
  return { outcome: 'accepted', ...monthList(await preview(deps.db, deps, named, testers), today, false) };
}

/** pass, fail, skip: of the test that is named, or the only one that is due. */
async function result(call: Call, word: RegressionWord): Promise<Reply> {
  const { deps, actor, rest, today, theirs, command } = call;
  const kind = word as 'pass' | 'fail' | 'skip';
  const given = readRegressionId(rest[0]);
  const note =
    rest
      .slice(given === undefined ? 0 : 1)
      .join(' ')
      .trim() || null;
  if (given === undefined && /^[a-z]*-?\d+$/i.test(rest[0] ?? '')) return wrongWords(word);
  const found =
    given === undefined ? await onlyDue(deps, actor.id, today, theirs) : await loadAssignment(deps.db, given);
  if (Array.isArray(found)) {
    if (!found.length) return no('none', 'you have no test to do today', `Name one: ${regressionFormOf(word)}.`);
    const ids = found.slice(0, 10).map((a) => showId('RA', a.id));
    return no('which', `you have ${found.length} tests to do`, `Say which: ${ids.join(', ')}.`);
  }
  if (!found) return no('none', `there is no ${showId('RA', given as number)}`, 'See `/regression mine`.');
  if (kind === 'skip' && !note) {
    const may = forbiddenHere('skip', actor, found.tester);
    if (may) return replyOf(tellRefusal(may));
    return opened(call, skipForm(found));
  }
  const done = await actOnAssignment(deps, causeOfCommand(deps, command), actor, found.id, { kind, note });
  if (kind !== 'fail' || done.answer.outcome !== 'accepted' || done.repeated) return replyTo(done);
  const open = () => deps.slack.openView(command.trigger_id, bugFormOfFailed(deps, { ...found, note }));
  const bug = await afterwards(deps, () => open().then(() => BY_FORM), BY_COMMAND);
  return replyOf({ ...done.answer, text: `${done.answer.text} ${bug}` });
}

/** The one test that somebody has to do by today of theirs, in the team's month or later; all that they may mean when there are several, or none. */
async function onlyDue(
  deps: BotDeps,
  person: string,
  today: string,
  theirs: Today,
): Promise<Assignment | Assignment[]> {
  const found = meant(await assignmentsBetween(deps.db, `${monthOf(today)}-01`, theirs.last, person), theirs);
  return found.length === 1 && found[0] ? found[0] : found;
}

async function opened({ deps, command }: Call, view: View): Promise<Reply> {
  await deps.slack.openView(command.trigger_id, view);
  return FILL_IN;
}

async function swap(call: Call, word: RegressionWord): Promise<Reply> {
  const { deps, actor, rest } = call;
  if (!rest.length) {
    const form = await swapFormFor(call.deps, actor, call.today);
    return 'refusal' in form ? replyOf(form.refusal) : opened(call, form.view);
  }
  const ids = rest.filter((w) => w.toLowerCase() !== 'for' && w.toLowerCase() !== 'with').map(readRegressionId);
  const [mine, theirs] = ids;
  if (ids.length !== 2 || mine === undefined || theirs === undefined) return wrongWords(word);
  return replyTo(await askSwap(deps, causeOfCommand(deps, call.command), actor, mine, theirs));
}

async function absence(call: Call, word: RegressionWord): Promise<Reply> {
  const { deps, actor, rest, raw, theirs } = call;
  const about = raw.map(mentioned).find(Boolean) ?? actor.id;
  // R23: "today" is that of whom it is about, as `away` takes it.
  const { day } = about === actor.id ? theirs : (await todaysOf(deps.db, deps.policy, [about], deps.clock()))(about);
  const read = readAway(rest, raw, day);
  if (!read || (word === 'back' && read.days.length)) return wrongWords(word);
  const [from, to = from] = read.days;
  const person = read.person ?? actor.id;
  if (word === 'back') {
    return replyTo(await back(deps, causeOfCommand(deps, call.command), actor, person));
  }
  if (from === undefined || to === undefined)
    return read.person ? wrongWords(word) : opened(call, awayForm(theirs.day));
  return replyTo(await away(deps, causeOfCommand(deps, call.command), actor, person, from, to));
}
