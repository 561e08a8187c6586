import { actions, button, context, fields, header, overflow, section } from '../../base/elements.ts';
import { showId } from '../../base/ids.ts';
import { date, escapeText, isUrl, link, mention, truncate } from '../../base/mrkdwn.ts';
import type { Policy } from '../../base/policy.ts';
import type { Block } from '../../base/slack.ts';
import { fixable } from './later.ts';
import { ASKED_SAYS, answerButtons, retestButtons } from './lines.ts';
import { MONEY, USERS, WORKAROUND } from './priority.ts';
import type { Bug, BugFacts, OpenRelease, State } from './types.ts';

export interface Drawing {
  text: string;
  blocks: Block[];
}

const FACE: Record<State, string> = {
  suspected: ':no_entry: *Blocking, suspected*',
  confirmed: ':no_entry: *Blocking, confirmed*',
  fixing: ':wrench: *Blocking, fix to be retested*',
  verified: ':white_check_mark: *Verified as fixed*',
  rejected: ':wastebasket: *Rejected*',
  reported: ':beetle: *Reported*',
  recreated: ':beetle: *Recreated*',
  ticketed: ':ticket: *Ticketed*',
  resolved: ':white_check_mark: *Resolved*',
  wont_fix: ":no_entry_sign: *Won't be fixed*",
  duplicate: ':heavy_multiplication_x: *Duplicate*',
};

const short = (commit: string) => commit.slice(0, 7);
const releaseLink = (r: OpenRelease) => (r.url ? `<${r.url}|${escapeText(r.name)}>` : `*${escapeText(r.name)}*`);

/** What a bug waits for, as one phrase of mrkdwn (no full stop). */
export function waitsFor(f: BugFacts): string {
  const { bug } = f;
  const why = bug.endReason ? escapeText(truncate(bug.endReason, 500)) : '';
  switch (bug.state) {
    case 'suspected': {
      const left = [
        bug.recreatedBy === null && 'somebody to recreate it',
        bug.inProduction === 'not_yet' && 'a try in production',
      ].filter(Boolean);
      return `waits for ${left.join(' and ')}`;
    }
    case 'confirmed':
      return fixable(f).length ? 'waits for its fix to be named' : 'waits for a candidate with its fix';
    case 'fixing':
      return `an operator retests it on \`${short(f.fix?.commit ?? '')}\``;
    case 'reported':
      return 'waits for somebody else to recreate it';
    case 'recreated':
      return 'waits for a ticket';
    case 'ticketed':
      return link(bug.ticket ?? '', 'its ticket');
    case 'duplicate':
      return `of *${showId('BUG', bug.duplicateOf ?? 0)}*`;
    case 'verified':
      return `by ${mention(bug.endedBy ?? '')} on \`${short(f.fix?.commit ?? '')}\``;
    case 'rejected':
      return `asked by ${mention(bug.askedBy ?? '')}, agreed by ${mention(bug.agreedBy ?? '')}: ${why}`;
    case 'resolved':
    case 'wont_fix':
      return [`by ${mention(bug.endedBy ?? '')}`, why].filter(Boolean).join(': ');
  }
}

/** The card of a bug, its thread's first message: the whole picture, and the buttons that make sense now. @param canTicket whether one tap makes a ticket on GitHub */
export function card(f: BugFacts, policy: Policy, canTicket = false): Drawing {
  const { bug } = f;
  const id = showId('BUG', bug.id);
  const blocks: Block[] = [header(`${id} · ${bug.title}`), section(`${FACE[bug.state]} — ${waitsFor(f)}`), facts(f)];
  if (bug.blocking) blocks.push(fields(steps(f)));
  if (bug.steps) blocks.push(section(`*What happened, and steps*\n${truncate(escapeText(bug.steps), 2800)}`));
  if (bug.askedFor && bug.askedBy) {
    const why = escapeText(truncate(bug.askedReason ?? '', 500));
    blocks.push(section(`:scales: ${mention(bug.askedBy)} asks to ${ASKED_SAYS[bug.askedFor]}: ${why}`));
  }
  if (bug.blocking && !bug.endedAt && f.open.length)
    blocks.push(section(`:octagonal_sign: *Holds up* ${f.open.slice(0, 20).map(releaseLink).join(', ')}`));
  const known = answers(bug);
  if (known) blocks.push(context(known));
  const elements = bug.endedAt ? [] : buttons(f, canTicket);
  if (elements.length) blocks.push(actions(elements));
  blocks.push(context(foot(f, policy)));
  return { text: `${id} (${bug.state.replace('_', ' ')}): ${escapeText(bug.title)}`, blocks };
}

function facts(f: BugFacts): Block {
  const { bug } = f;
  const where = f.found ? `candidate \`${short(f.found.commit)}\`` : 'production';
  const on = f.release ? releaseLink(f.release) : escapeText(bug.product);
  const why = bug.priorityReason ? ` (${escapeText(truncate(bug.priorityReason, 200))})` : '';
  return fields([
    `*Found on*\n${on}, ${bug.foundIn === 'production' ? 'in production' : where}`,
    `*Priority*\n${bug.priority ?? 'none'}${why}`,
    `*Reported by*\n${mention(bug.reporter)}`,
    `*Owner*\n${bug.owner ? mention(bug.owner) : '_nobody yet_'}`,
  ]);
}

const box = (done: boolean) => (done ? ':white_check_mark:' : ':white_large_square:');

/** R13: the four steps of a blocker. */
function steps(f: BugFacts): string[] {
  const { bug } = f;
  const tried = bug.inProduction !== 'not_yet';
  const verdict = bug.inProduction === 'yes' ? 'happens' : 'does not happen';
  const named = bug.state === 'fixing' || bug.state === 'verified';
  return [
    `${box(bug.recreatedBy !== null)} *Recreated*\n${bug.recreatedBy ? mention(bug.recreatedBy) : '_not yet_'}`,
    `${box(tried)} *Tried in production*\n${tried ? `${verdict}${bug.triedBy ? `, ${mention(bug.triedBy)}` : ''}` : '_not yet_'}`,
    `${box(named)} *Fix*\n${named && f.fix ? `\`${short(f.fix.commit)}\` (${escapeText(f.fix.release)})` : '_not yet_'}`,
    `${box(bug.state === 'verified')} *Retest*\n${bug.state === 'verified' ? mention(bug.endedBy ?? '') : '_not yet_'}`,
  ];
}

/** The answers of the form in one line. */
function answers(bug: Bug): string {
  const a = bug.answers;
  const label = (of: Record<string, string>, key: string | undefined) => (key ? (of[key] ?? key) : undefined);
  const parts: [string, string | undefined][] = [
    ['wallet', a.wallet],
    ['browser', a.browser],
    ['device', a.device],
    ['who has it', label(USERS, a.users)],
    ['they can move their money', label(MONEY, a.money)],
    ['what helps', label(WORKAROUND, a.workaround)],
    ['key feature', a.feature],
    ['the report names', a.release && `${a.release}, which was not live`],
  ];
  const said = parts.flatMap(([name, text]) => (text ? `${name}: ${truncate(escapeText(text), 200)}` : []));
  return said.join(' · ');
}

function foot(f: BugFacts, policy: Policy): string {
  const { bug } = f;
  const parts = [
    showId('BUG', bug.id),
    `reported ${date(bug.reportedAt, policy.team.zone)}`,
    bug.link && isUrl(bug.link) && link(bug.link, 'from this message'),
    bug.ticket && bug.state !== 'ticketed' && link(bug.ticket, 'ticket'),
    f.prodIssueId !== null && `*${showId('PI', f.prodIssueId)}*`,
    bug.downgradedAt &&
      `downgraded: asked by ${mention(bug.askedBy ?? '')}, agreed by ${mention(bug.agreedBy ?? '')}: ${escapeText(truncate(bug.askedReason ?? '', 300))}`,
  ];
  return parts.filter(Boolean).join(' · ');
}

function buttons(f: BugFacts, canTicket: boolean): object[] {
  const { bug } = f;
  const id = `${bug.id}`;
  const more = (items: [string, string][]) =>
    overflow(
      'bug_more',
      items.map(([act, label]) => [`${act}:${id}`, label]),
    );
  const recreated = button('bug_recreate', 'I recreated it', id);
  const own: [string, string] = ['assign', "It's mine"];
  const priority: [string, string] = ['priority', 'Priority…'];
  if (!bug.blocking) {
    const ticket = [
      ...(canTicket ? [button('bug_github', 'Ticket on GitHub', id)] : []),
      button('bug_ticket', 'Add the ticket…', id),
    ];
    const menu: [string, string][] = [
      own,
      ['block', 'It blocks…'],
      ['wontfix', "Won't fix…"],
      ['duplicate', 'Duplicate…'],
      priority,
    ];
    const forward =
      bug.state === 'reported'
        ? [recreated]
        : [...(bug.state === 'recreated' ? ticket : []), button('bug_resolve', 'Resolved', id)];
    return [...forward, more(menu)];
  }
  return [
    ...(bug.askedFor ? answerButtons(bug) : []),
    ...(bug.recreatedBy ? [] : [recreated]),
    ...(bug.inProduction === 'not_yet'
      ? [button('bug_tried_yes', 'Production: happens', id), button('bug_tried_no', 'Production: does not happen', id)]
      : []),
    ...(bug.state === 'confirmed' ? [button('bug_fix', 'Name the fix…', id)] : []),
    ...(bug.state === 'fixing' ? retestButtons(bug) : []),
    more([own, ['downgrade', 'Downgrade…'], ['reject', 'Reject…'], priority]),
  ];
}
