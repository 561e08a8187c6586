import { actions, button as anyButton, context, fields, header, section } from '../../base/elements.ts';
import { showId } from '../../base/ids.ts';
import { date, escapeText, isUrl, link, mention, truncate, withLinks } from '../../base/mrkdwn.ts';
import type { Policy } from '../../base/policy.ts';
import type { Block } from '../../base/slack.ts';
import { slotRules } from '../../base/slots.ts';
import { button, menu, ofPush } from './elements.ts';
import { eyesWait } from './eyes-rules.ts';
import {
  counted,
  current,
  EYES_NEEDED,
  inWatch,
  live,
  openHolds,
  present,
  reviewOwed,
  SIGN_OFFS_NEEDED,
  short,
  stale,
} from './facts.ts';
import { backSays, obstacles } from './gate-rules.ts';
import { quietLines } from './quiet.ts';
import { slotLine, slotWaits } from './slot-lines.ts';
import type { Facts, Stage, State } from './types.ts';

export interface Drawing {
  text: string;
  blocks: Block[];
}

const FACE: Record<State, string> = {
  waiting: ':hourglass_flowing_sand: *Waiting for eyes*',
  testing: ':mag: *Testing*',
  approved: ':white_check_mark: *Approved*',
  shipping: ':rocket: *Shipping*',
  verifying: ':satellite: *Live, being checked*',
  done: ':checkered_flag: *Done*',
  cancelled: ':no_entry_sign: *Cancelled*',
  rolled_back: ':rewind: *Rolled back*',
};

const people = (ids: readonly string[]) => ids.map(mention).join('\n') || '_nobody yet_';

/** The release by name: `webapp v1.2.3`. */
export function nameOf(f: Facts): string {
  return `${f.release.product} ${f.release.version}`;
}

/** The state, and what the release waits for and on whom: one line of mrkdwn, the same on card, App Home and list. */
export function stateLine(f: Facts, policy: Policy, now: Date): string {
  return `${FACE[f.release.state]} — ${waitsFor(f, policy, now)}`;
}

function waitsFor(f: Facts, policy: Policy, now: Date): string {
  const { release } = f;
  switch (release.state) {
    case 'waiting':
      return eyesWait(f, policy.review, now);
    case 'testing':
      return testingWaits(f, policy);
    case 'approved':
      return approvedWaits(f, policy, now);
    case 'shipping':
      return `${mention(release.manager)} pushes it and says when it is live`;
    case 'verifying':
      return `${waitsFirst(waits(f, 'production', policy), '; ')}two operators check production, in the thread`;
    case 'done':
      return inWatch(f, now) ? 'live, and watched for 24 h' : 'live, watch over';
    case 'cancelled':
    case 'rolled_back':
      return release.endReason ? escapeText(truncate(release.endReason, 500)) : 'no reason given';
  }
}

/** R5: what is refused with now, in words. */
function waits(f: Facts, stage: Stage, policy: Policy): string[] {
  return obstacles(f, stage, { ciGates: policy.testing.ciGates }).map((o) => o.waits);
}

const waitsFirst = (list: readonly string[], then: string) =>
  list.length ? `waits for ${list.join(', ')}${then}` : '';

/** R5, R9: what keeps an approved release from shipping now: a case that failed since, automated tests, its slot. */
export function shipWaits(f: Facts, policy: Policy, now: Date): string[] {
  const slot = slotWaits(f, slotRules(policy), now);
  return [...waits(f, 'candidate', policy), ...(slot === null ? [] : [slot])];
}

function approvedWaits(f: Facts, policy: Policy, now: Date): string {
  return `${waitsFirst(shipWaits(f, policy, now), ', then ')}${mention(f.release.manager)} or an admin ships it`;
}

function testingWaits(f: Facts, policy: Policy): string {
  const reasons = waits(f, 'candidate', policy);
  const missing = SIGN_OFFS_NEEDED - counted(f, 'candidate').length;
  if (missing > 0) reasons.push(missing < SIGN_OFFS_NEEDED ? 'one more sign-off' : 'two sign-offs');
  // Both sign-offs may stand while the approval was taken back by a third: nothing re-approves by itself.
  return waitsFirst(reasons, '') || 'waits for one of them to say LGTM once more';
}

/** Whose eyes and sign-offs the card shows: those that count now; once it is live, production's beside the candidate's. */
function peopleFields(f: Facts, policy: Policy, now: Date): string[] {
  const candidate = signOffsField(f, 'candidate');
  switch (f.release.state) {
    case 'verifying':
      return [eyesField(f, 'production', policy, now, 'Eyes on production'), candidate];
    case 'done':
      return [candidate, signOffsField(f, 'production', 'Production sign-offs')];
    case 'cancelled':
    case 'rolled_back':
      return [candidate];
    default:
      return [eyesField(f, 'candidate', policy, now), candidate];
  }
}

function eyesField(f: Facts, stage: Stage, policy: Policy, now: Date, title = 'Eyes'): string {
  const here = present(f, stage, policy.review, now);
  return `*${title}* ${here.length}/${EYES_NEEDED}\n${people(here)}`;
}

function signOffsField(f: Facts, stage: Stage, title = 'Sign-offs'): string {
  const signed = counted(f, stage);
  const names = signed.map((s) => {
    const late = s.lateAt ? ' (took it back after shipping began)' : '';
    return `${mention(s.person)}${f.deactivated.includes(s.person) ? ' (deactivated since)' : ''}${late}`;
  });
  const old = stale(f, stage).map((s) => {
    const why =
      s.why === 'candidate'
        ? `stale: reviewed \`${short(s.reviewed)}\`, now \`${short(current(f).commit)}\``
        : 'from before the interruption: still LGTM?';
    return `${mention(s.signOff.person)} _(${why})_`;
  });
  return `*${title}* ${signed.length}/${SIGN_OFFS_NEEDED}\n${[...names, ...old].join('\n') || '_nobody yet_'}`;
}

function candidateField(f: Facts, policy: Policy): string {
  const at = current(f);
  const repo = policy.products.find((p) => p.key === f.release.product)?.repo;
  const commit = `\`${short(at.commit)}\``;
  const shown = repo ? `<https://github.com/${repo}/commit/${at.commit}|${commit}>` : commit;
  return `*Candidate*${at.seq > 1 ? ` no. ${at.seq}` : ''}\n${shown}`;
}

/** The card: the thread's first message, always the whole picture and the buttons that make sense now. */
export function card(f: Facts, policy: Policy, now: Date): Drawing {
  const { release } = f;
  const emergency = release.kind === 'emergency' ? '🚨 emergency ' : '';
  const title = `${emergency}release ${release.version} · ${release.product}`;
  const blocks: Block[] = [
    header(title),
    section(stateLine(f, policy, now)),
    fields([
      ...peopleFields(f, policy, now),
      candidateField(f, policy),
      `*Release manager*\n${mention(release.manager)}`,
    ]),
    ...alerts(f, policy, now),
  ];
  const quiet = [slotLine(f, policy, now), ...quietLines(f)].filter((line) => line !== null);
  if (quiet.length) blocks.push(context(quiet.join('\n')));
  const elements = buttons(f, policy, now);
  if (elements.length) blocks.push(actions(elements));
  const under = release.environmentUrl ? ` · ${link(release.environmentUrl, 'environment under test')}` : '';
  blocks.push(context(`${showId('REL', release.id)} · opened by ${mention(release.openedBy)}${under}`));
  return { text: `release ${nameOf(f)} (${short(current(f).commit)}): ${release.state.replace('_', ' ')}`, blocks };
}

function alerts(f: Facts, policy: Policy, now: Date): Block[] {
  const { release } = f;
  const blocks: Block[] = [];
  for (const h of live(f, now) ? openHolds(f).slice(0, 8) : []) {
    const by = h.emergencyId === null ? `by ${mention(h.person)}` : 'by the emergency';
    const why = h.reason ? withLinks(truncate(h.reason, 500)) : '_reason asked_';
    const lift = button('unhold', 'Lift this hold', `${release.id}:${h.id}`);
    blocks.push(section(`:octagonal_sign: *On hold* ${by}: ${why}`, { accessory: lift }));
  }
  for (const b of f.blockers.slice(0, 8)) {
    const title = b.url ? link(b.url, b.title) : escapeText(truncate(b.title, 500));
    blocks.push(section(`:no_entry: *Blocking* ${showId('BUG', b.id)}: ${title}${backSays(b)}`));
  }
  if (release.kind === 'emergency') {
    const given = release.prodIssue ?? '';
    const ours = f.prodIssueUrl ? `<${f.prodIssueUrl}|${escapeText(given)}>` : escapeText(given);
    const issue = isUrl(given) ? link(given, 'prod issue') : ours;
    blocks.push(section(`:rotating_light: *Emergency*: ${escapeText(truncate(release.reason ?? '', 500))} — ${issue}`));
  }
  if (reviewOwed(f)) {
    const due = date(release.reviewDueAt as Date, policy.team.zone);
    const give = button('review', 'Give the review', ofPush(f));
    blocks.push(
      section(
        `:warning: *Shipped on one* (${mention(release.onOne as string)}): a second operator owes the review by ${due}`,
        { accessory: give },
      ),
    );
  }
  if (release.reviewedBy)
    blocks.push(context(`:white_check_mark: Shipped on one, reviewed by ${mention(release.reviewedBy)}`));
  return blocks;
}

/** The card's buttons in this state; each carries what it was drawn for. */
function buttons(f: Facts, policy: Policy, now: Date): object[] {
  const { id, version } = f.release;
  const at = current(f);
  const drawn = `${id}:${at.id}`;
  const commit = `\`${short(at.commit)}\``;
  const hold = button('hold', 'Hold', `${id}`);
  const here = button('ready', "👀 I'm here", `${id}`);
  const rollback = button('rollback', 'Roll back', ofPush(f), { style: 'danger' });
  const bug = anyButton('bug_report', 'Report a bug', `${showId('REL', id)}:${at.id}`);
  const test = f.progress ? [anyButton('test_open', 'Test', `${id}`)] : [];
  const pays = policy.funds !== undefined || policy.workspace.channels.testFunds !== undefined;
  const spend = pays ? [anyButton('funds_spend', 'Record a test transaction', showId('REL', id))] : [];
  const signed = f.signOffs.some((s) => !s.retractedAt && !s.lateAt);
  const before = menu(id, [
    signed && ['retract', 'Take back my LGTM'],
    ['away', 'Step away'],
    ['candidate', 'New candidate…'],
    ['flags', 'Flags to test…'],
    ['cancel', 'Cancel the release…'],
  ]);
  switch (f.release.state) {
    case 'waiting':
      return [{ ...here, style: 'primary' }, hold, bug, before];
    case 'testing': {
      // Green only when it would count: in the way of it stands what the card says it waits for.
      const open = waits(f, 'candidate', policy).length === 0;
      const lgtm = button('lgtm', `LGTM ${short(at.commit)}`, drawn, open ? { style: 'primary' } : {});
      const onOne = button('ship_on_one', 'Ship on one', drawn, {
        style: 'danger',
        confirm: `Ship ${version} ${commit} on a single sign-off? A second operator then owes a review within 24 h.`,
      });
      const may =
        f.release.kind === 'emergency' && policy.review.emergencyShipOnOne && counted(f, 'candidate').length === 1;
      return [here, ...test, lgtm, hold, ...(may ? [onOne] : []), bug, ...spend, before];
    }
    case 'approved': {
      const ship = button('ship', 'Ship', drawn, {
        ...(shipWaits(f, policy, now).length === 0 && { style: 'primary' }),
        confirm: `Begin the push of ${version} ${commit} to production?`,
      });
      return [ship, ...test, hold, bug, ...spend, before];
    }
    case 'shipping':
      return [
        button('shipped', "It's live", ofPush(f), { style: 'primary' }),
        button('failed', 'Push failed', ofPush(f)),
        bug,
        rollback,
      ];
    case 'verifying':
      return [...test, bug, ...spend, rollback];
    case 'done':
      return inWatch(f, now) ? [bug, ...spend, rollback] : [];
    default:
      return [];
  }
}

/** R8: the production check, one message in the thread; eyes and sign-offs there count for production only. */
export function checkCard(f: Facts, policy: Policy, now: Date): Drawing {
  const { release } = f;
  const drawn = `${release.id}:${current(f).id}`;
  const product = policy.products.find((p) => p.key === release.product);
  const where = product?.environments.production ? link(product.environments.production, 'production') : 'production';
  const open = release.state === 'verifying';
  const over = release.state === 'done' ? 'production is signed off' : 'the release was rolled back';
  const said = open
    ? `*${release.version}* is live. Two operators check ${where}: say you are here, check, then sign off. Only production counts here.`
    : `The check of *${release.version}* is over: ${over}.`;
  const blocks: Block[] = [
    header(`Production check · ${release.version}`),
    section(said),
    fields([eyesField(f, 'production', policy, now), signOffsField(f, 'production')]),
  ];
  if (open) {
    const first = waits(f, 'production', policy);
    if (first.length) blocks.push(context(`:hourglass_flowing_sand: sign-offs wait for ${first.join(', ')}`));
    blocks.push(
      actions([
        button('ready', "👀 I'm here", drawn),
        button('verify', 'Production LGTM', drawn, { style: 'primary' }),
        button('hold', 'Hold', `${release.id}`),
        button('rollback', 'Roll back', ofPush(f), { style: 'danger' }),
      ]),
    );
  }
  // Where Slack takes no blocks this is all there is: the state, and what to do.
  const here = present(f, 'production', policy.review, now).length;
  const signed = counted(f, 'production').length;
  const state = open
    ? `eyes ${here}/${EYES_NEEDED}, sign-offs ${signed}/${SIGN_OFFS_NEEDED}. Two operators check it, then sign off: \`/release verify\``
    : `over, ${over}`;
  return { text: `Production check of ${nameOf(f)}: ${state}`, blocks };
}
