import { actions, button, section } from '../../base/elements.ts';
import { showId } from '../../base/ids.ts';
import { escapeText, link, mention, truncate } from '../../base/mrkdwn.ts';
import type { Block } from '../../base/slack.ts';
import type { Act, Asked, Bug, BugFacts } from './types.ts';

/** One message of a bug's thread: what an act did. Critical ones also show in the channel. */
export interface Line {
  text: string;
  blocks?: Block[];
  broadcast: boolean;
}

const quote = (text: string | null) => (text ? `: ${escapeText(truncate(text, 1000))}` : '');
const short = (commit: string) => commit.slice(0, 7);

export const ASKED_SAYS: Record<Asked, string> = {
  downgrade: 'downgrade it to non-blocking',
  reject: 'reject it',
  prod_issue: 'make it a prod issue that holds no release up',
};

/** The bug, linked to its thread once Slack has said where that is. */
export function bugLink(f: BugFacts): string {
  const id = showId('BUG', f.bug.id);
  return f.thread.url ? `<${f.thread.url}|${id}>` : `*${id}*`;
}

/** The thread's line for an act that changed the bug. @param before @param after it */
export function lineFor(before: BugFacts, after: BugFacts, act: Act, actor: string): Line {
  const { bug } = after;
  const text = says(before, after, act, mention(actor));
  const ended = before.bug.blocking && (bug.endedAt !== null || !bug.blocking);
  if (!bug.askedFor || act.kind !== 'ask') return { text, broadcast: ended };
  return { text, blocks: [section(text), actions(answerButtons(bug))], broadcast: true };
}

/** R14: what somebody asks, with the buttons that answer this question and no other: for who answers by words. */
export function questionLine(f: BugFacts): Pick<Line, 'text' | 'blocks'> {
  const { bug } = f;
  const what = `${mention(bug.askedBy ?? '')} asks to ${ASKED_SAYS[bug.askedFor ?? 'downgrade']}`;
  const text = `:scales: ${bugLink(f)} (${escapeText(truncate(bug.title, 150))}): ${what}${quote(bug.askedReason)}`;
  return { text, blocks: [section(text), actions(answerButtons(bug))] };
}

/** R14: the buttons for the second operator; they are for this question only. */
export function answerButtons(bug: Bug): object[] {
  const value = `${bug.id}:${bug.askedAt?.getTime() ?? 0}`;
  return [button('bug_agree', 'Agree', value, { style: 'primary' }), button('bug_decline', 'Decline', value)];
}

/** R14: the buttons that say what a retest showed; they are for the fix of now only. */
export function retestButtons(bug: Bug): object[] {
  const value = `${bug.id}:${bug.fixCandidateId ?? 0}`;
  return [
    button('bug_fixed', 'Retest: fixed', value, { style: 'primary' }),
    button('bug_still', 'Still there', value, { style: 'danger' }),
  ];
}

/** R14: the fix that is to be retested, with buttons that speak of it and no other: for who says what came of it without naming the commit. */
export function retestLine(f: BugFacts): Pick<Line, 'text' | 'blocks'> {
  const fix = `\`${short(f.fix?.commit ?? '')}\` (${escapeText(f.fix?.release ?? '')})`;
  const title = escapeText(truncate(f.bug.title, 150));
  const text = `:wrench: ${bugLink(f)} (${title}): its fix is in ${fix}. What did the retest on that candidate show?`;
  return { text, blocks: [section(text), actions(retestButtons(f.bug))] };
}

function says(before: BugFacts, after: BugFacts, act: Act, who: string): string {
  const { bug } = after;
  const confirmed = before.bug.state !== bug.state && bug.state === 'confirmed' ? ' *Confirmed as blocking.*' : '';
  switch (act.kind) {
    case 'recreate':
      return `:white_check_mark: ${who} recreated it.${confirmed}`;
    case 'tried':
      return `:globe_with_meridians: ${who} tried it in production: it ${act.happens ? '*happens* there too' : 'does *not* happen there'}.${confirmed}${lapsed(before, after)}${declared(before, after)}`;
    case 'fix':
      return `:wrench: ${who} says the fix is in \`${short(after.fix?.commit ?? '')}\` (${escapeText(after.fix?.release ?? '')}). An operator retests it there.`;
    case 'retest':
      return act.fixed
        ? `:white_check_mark: *Verified*: ${who} retested it on \`${short(after.fix?.commit ?? '')}\` and it is gone. It blocks no more.`
        : `:x: ${who} retested it on \`${short(before.fix?.commit ?? '')}\`: *still there*. A later candidate has to fix it.`;
    case 'ask':
      return `:scales: ${who} asks to ${ASKED_SAYS[act.what]}${quote(act.reason)}\nA second operator agrees or declines.`;
    case 'agree':
      return agreed(before, after, who);
    case 'decline':
      return before.bug.askedBy && who === mention(before.bug.askedBy)
        ? `:leftwards_arrow_with_hook: ${who} no longer asks to ${ASKED_SAYS[before.bug.askedFor ?? 'downgrade']}.`
        : `:no_entry_sign: ${who} declined to ${ASKED_SAYS[before.bug.askedFor ?? 'downgrade']}. It still blocks.`;
    case 'block':
      return `:no_entry: ${who} says it blocks${quote(act.reason)}`;
    case 'ticket':
      return `:ticket: ${who} ticketed it: ${link(bug.ticket ?? '', bug.ticket ?? '')}`;
    case 'resolve':
      return `:white_check_mark: *Resolved* by ${who}${quote(act.note)}`;
    case 'wontfix':
      return `:no_entry_sign: *Won't be fixed*, says ${who}${quote(act.reason)}`;
    case 'duplicate':
      return `:heavy_multiplication_x: ${who} closed it as a duplicate of *${showId('BUG', act.of)}*.`;
    case 'assign':
      return `:bust_in_silhouette: ${mention(act.person)} owns it${who === mention(act.person) ? '' : `, says ${who}`}.`;
    case 'priority':
      return `:arrow_up_down: ${who} made it *${act.priority}* (was ${before.bug.priority ?? 'none'})${quote(act.reason)}`;
  }
}

function agreed(before: BugFacts, after: BugFacts, who: string): string {
  const { askedBy, askedReason, askedFor } = before.bug;
  const by = `asked by ${mention(askedBy ?? '')}, agreed by ${who}${quote(askedReason)}`;
  if (askedFor === 'reject') return `:wastebasket: *Rejected*: ${by}`;
  const pi = askedFor === 'prod_issue' && after.prodIssueId ? isNow(after.prodIssueId) : '';
  return `:arrow_down: *Downgraded* to non-blocking: ${by}.${pi}`;
}

/** R12: the question that rested on production's having it too. */
function lapsed(before: BugFacts, after: BugFacts): string {
  const { askedFor, askedBy } = before.bug;
  return askedFor && !after.bug.askedFor
    ? ` So ${mention(askedBy ?? '')} no longer asks to ${ASKED_SAYS[askedFor]}.`
    : '';
}

const isNow = (prodId: number) => ` It is *${showId('PI', prodId)}* now.`;

/** The prod issue that an act made of it. */
function declared(before: BugFacts, after: BugFacts): string {
  const made = after.prodIssueId;
  return made !== null && made !== before.prodIssueId ? isNow(made) : '';
}

/** R12: what the bot proposes in the thread of a blocker that happens in production too. An operator's tap asks; a second one agrees (R14). */
export function proposalLine(bug: Bug, what: 'downgrade' | 'prod_issue'): Line {
  const text =
    what === 'downgrade'
      ? ':bulb: It happens in production too, so it is no regression of this release. I propose to make it *non-blocking*.'
      : ":bulb: It happens in production too and touches users' money or a key feature. I propose a *prod issue* in place of holding the release up.";
  const label = what === 'downgrade' ? 'Ask: non-blocking' : 'Ask: prod issue';
  const ask = button(`bug_propose_${what}`, label, `${bug.id}`);
  return { text, blocks: [section(text), actions([ask])], broadcast: false };
}
