import { actions, section } from '../../base/elements.ts';
import { escapeText, mention, truncate, withLinks } from '../../base/mrkdwn.ts';
import type { Block } from '../../base/slack.ts';
import { nameOf } from './blocks.ts';
import { button, ofPush } from './elements.ts';
import { counted, current, EYES_NEEDED, oneTap, present, SIGN_OFFS_NEEDED, short, stale } from './facts.ts';
import { backSays } from './gate-rules.ts';
import { slotWaits } from './slot-lines.ts';
import type { Change, Facts, ReviewPolicy, Stage } from './types.ts';

/** One message of the thread: what an act did. Critical ones also show in the channel. */
export interface Line {
  text: string;
  blocks?: Block[];
  broadcast: boolean;
}

const quote = (text: string | null | undefined) => (text ? `: ${withLinks(truncate(text, 1000))}` : '');

/**
 * The message an act adds to the thread, or null when it changed nothing worth a line (a renewed presence). Every state change has its line.
 * @param before @param after the facts on both sides of the changes
 */
export function lineFor(
  before: Facts,
  after: Facts,
  changes: readonly Change[],
  policy: ReviewPolicy,
  now: Date,
): Line | null {
  const said = changes.map((c) => says(c, before, after, policy, now)).filter((s) => s !== null);
  if (!said.length) return null;
  // It is sent as one section, and Slack refuses a message with a section over 3000: many long reasons at once would be.
  const text = truncate(said.join('\n'), 3000);
  const alarm = changes.some((c) => 'late' in c && c.late && c.kind !== 'reviewed');
  const ended = changes.some((c) => c.kind === 'state' && c.to === 'rolled_back');
  if (!alarm) return { text, broadcast: ended };
  const offer = actions([button('rollback', 'Roll back', ofPush(after), { style: 'danger' })]);
  return { text, broadcast: true, blocks: [section(text), offer] };
}

function says(c: Change, before: Facts, after: Facts, policy: ReviewPolicy, now: Date): string | null {
  const who = 'person' in c ? mention(c.person) : '';
  switch (c.kind) {
    case 'arrived': {
      const n = Math.min(present(after, c.stage, policy, now).length, EYES_NEEDED);
      return `:eyes: ${who} is here${c.stage === 'production' ? ' for the production check' : ' and testing'} (${n}/${EYES_NEEDED})`;
    }
    case 'renewed':
      return null;
    case 'left':
      if (after.release.authors.includes(c.person) && !before.release.authors.includes(c.person))
        return `:no_entry_sign: ${who} wrote some of the changes, so they do not count as here`;
      return c.expired
        ? `:hourglass: ${who} has not acted for a while and no longer counts as here`
        : `:wave: ${who} stepped away`;
    case 'signed':
      return signedSays(c, after);
    case 'retracted':
      return c.late
        ? `:rotating_light: ${who} takes back their LGTM of ${what(c.stage, before, c.person)} after shipping began. The default answer is to roll back.`
        : `:leftwards_arrow_with_hook: ${who} took back their LGTM of ${what(c.stage, before, c.person)}`;
    case 'held': {
      const by = c.emergencyId === null ? `by ${who}` : 'by an emergency';
      return c.late
        ? `:rotating_light: Hold ${by} after shipping began${quote(c.reason)}. The default answer is to roll back.`
        : `:octagonal_sign: On hold ${by}${quote(c.reason)}`;
    }
    case 'hold_reason':
      return `:octagonal_sign: ${who} on their hold${quote(c.reason)}`;
    case 'unheld': {
      const hold = before.holds.find((h) => h.id === c.holdId);
      // Only the cancelling of the emergency is the bot's own act.
      if (hold && hold.emergencyId !== null && hold.person === c.person)
        return `:arrow_forward: The emergency was cancelled: its hold is lifted`;
      return `:arrow_forward: ${who} lifted ${hold && hold.person === c.person ? 'their hold' : `the hold${quote(hold?.reason)}`}`;
    }
    case 'candidate':
      return candidateSays(c, before, after);
    case 'tree_verified':
      return null;
    case 'carried':
      return `:link: ${who}'s LGTM carries over: GitHub confirms that the tree of \`${short(current(after).commit)}\` is the one they reviewed.`;
    case 'blocked':
      return c.late
        ? `:rotating_light: A blocking bug after shipping began: ${titles(c, after)}. The default answer is to roll back.`
        : `:no_entry: Blocked: ${titles(c, after)}`;
    case 'unblocked':
      // R14: a new candidate may be without what the last one had.
      return ':arrow_forward: A blocking bug has ended, or this candidate is without it.';
    case 'authors':
      return null;
    case 'disqualified':
      return `:no_entry_sign: ${who} wrote some of the changes, so their LGTM of ${what(c.stage, before, c.person)} does not count${c.late ? '. It had shipped already; the default answer is to roll back.' : ''}`;
    case 'on_one':
      return `:warning: ${who} ships on one sign-off, ${mention(c.signer)}'s. A second operator owes a review within 24 h.`;
    case 'push_failed':
      return `:boom: ${who}: the push failed; nothing is live. Earlier sign-offs need a "still LGTM".`;
    case 'reviewed':
      return `:white_check_mark: ${who} reviewed what was shipped on one${c.late ? ' (late)' : ''}${quote(c.note)}`;
    case 'state':
      return stateSays(c, after, policy, now);
  }
}

/** What blocks, by title; of what is fixed in another commit (R14) that too. */
function titles(c: Extract<Change, { kind: 'blocked' }>, after: Facts): string {
  const back = (seq: number | undefined) => backSays(after.blockers.find((b) => b.seq === seq) ?? {});
  return c.titles.map((t, i) => `${escapeText(truncate(t, 300))}${back(c.seqs[i])}`).join('; ');
}

/** What this person's newest sign-off is of: the commit they reviewed, which may be an earlier one (R3). */
function what(stage: Stage, f: Facts, person: string): string {
  if (stage === 'production') return 'production';
  const theirs = f.signOffs.filter((s) => s.stage === stage && s.person === person && !s.retractedAt);
  const newest = theirs.sort((a, b) => a.act - b.act).at(-1);
  const at = f.candidates.find((c) => c.id === newest?.candidateId) ?? current(f);
  return `\`${short(at.commit)}\``;
}

function signedSays(c: Extract<Change, { kind: 'signed' }>, after: Facts): string {
  const n = Math.min(counted(after, c.stage).length, SIGN_OFFS_NEEDED);
  return `:+1: ${mention(c.person)} ${c.again ? 'still says LGTM to' : 'signed off'} ${what(c.stage, after, c.person)} (${n}/${SIGN_OFFS_NEEDED})`;
}

function candidateSays(c: Extract<Change, { kind: 'candidate' }>, before: Facts, after: Facts): string {
  const old = stale(after, 'candidate').map((s) => mention(s.signOff.person));
  const again = old.length ? ` Stale now, please look again: ${old.join(', ')}.` : '';
  return `:package: ${mention(c.person)} named a new candidate \`${short(c.commit)}\` (was \`${short(current(before).commit)}\`).${again}`;
}

function stateSays(c: Extract<Change, { kind: 'state' }>, after: Facts, policy: ReviewPolicy, now: Date): string {
  const { release } = after;
  const signers = (stage: Stage) =>
    counted(after, stage)
      .map((s) => mention(s.person))
      .join(' and ');
  switch (c.to) {
    case 'waiting':
      return '*Waiting for eyes*: fewer than two operators are here. Sign-offs given stay.';
    case 'testing':
      if (c.from === 'waiting') return '*Testing*: two sets of eyes are here.';
      // Only a failed push has a reason of its own.
      return `*Testing*: the approval is taken back.${c.reason ? ` What happened${quote(c.reason)}` : ''}`;
    case 'approved': {
      // R5 let it in, so only R9 can keep it waiting.
      const slot = policy.slots ? slotWaits(after, policy.slots, now) : null;
      return `:white_check_mark: *Approved*: \`${short(current(after).commit)}\` signed off by ${signers('candidate')}. ${mention(release.manager)} or an admin can ship it${slot === null ? '' : `; it waits for ${slot}`}.`;
    }
    case 'shipping':
      return `:rocket: *Shipping* \`${short(current(after).commit)}\` to production.`;
    case 'verifying':
      return `:satellite: *Live*: ${release.version} is in production and being checked.`;
    case 'done':
      return `:checkered_flag: *Done*: production signed off by ${signers('production')}. Watched for 24 h.`;
    case 'cancelled':
      return `:no_entry_sign: *Cancelled*${quote(c.reason)}`;
    case 'rolled_back':
      return `:rewind: *Rolled back* from ${c.from.replace('_', ' ')}${quote(c.reason)}`;
  }
}

/** A private question to one person. */
export interface Ask {
  person: string;
  text: string;
  blocks: Block[];
}

const lgtmButton = (f: Facts, label: string, word: 'lgtm' | 'verify' = 'lgtm') => {
  const at = current(f);
  return actions([button(word, `${label} ${short(at.commit)}`, `${f.release.id}:${at.id}`, { style: 'primary' })]);
};

/**
 * R3, R6: the questions to people whose sign-off no longer counts: "still LGTM?" with one tap where nothing they tested changed, else to look again.
 * @param only which kind of stale sign-off to ask about @param stage what it is a sign-off of
 */
export function staleAsks(f: Facts, only: 'candidate' | 'interrupted', stage: Stage = 'candidate'): Ask[] {
  const at = short(current(f).commit);
  const [of, label, word] =
    stage === 'production'
      ? ([' of production', 'Production: still LGTM', 'verify'] as const)
      : (['', 'Still LGTM', 'lgtm'] as const);
  return stale(f, stage)
    .filter((s) => s.why === only)
    .map((s) => {
      const tap = oneTap(f, s);
      const why =
        only === 'candidate'
          ? `has a new candidate \`${at}\`; your LGTM was for \`${short(s.reviewed)}\`.${tap ? ' The tree is said to be the same.' : ' Please test it and sign off again.'}`
          : `was interrupted after your LGTM${of}; it counts again only if you still stand by it.`;
      const text = `${threadLink(f)} ${why}`;
      const { person } = s.signOff;
      return tap
        ? buttonAsk(f, person, text, lgtmButton(f, label, word), word)
        : { person, text, blocks: [section(text)] };
    });
}

/** R3, R7: asks a person whether they mean a sign-off that could not simply be counted, and says why. */
export function confirmAsk(f: Facts, person: string, why: string): Ask {
  const text = `${threadLink(f)}: ${why} If you mean it, sign off.`;
  return buttonAsk(f, person, text, lgtmButton(f, 'Sign off'), 'lgtm');
}

/** A question that a button answers. Where only its text shows (a notification, or when Slack refuses the blocks), the command that does the same is named. */
export function buttonAsk(f: Facts, person: string, question: string, answer: Block, word: string): Ask {
  const text = `${question} The command is \`/release ${word} ${escapeText(nameOf(f))}\`.`;
  return { person, text, blocks: [section(question), answer] };
}

/** The release, linked to its thread once Slack has said where that is. */
export function threadLink(f: Facts): string {
  const name = escapeText(nameOf(f));
  const commit = `(\`${short(current(f).commit)}\`)`;
  return f.thread.url ? `<${f.thread.url}|${name}> ${commit}` : `*${name}* ${commit}`;
}
