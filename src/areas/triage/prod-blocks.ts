import { ago } from '../../base/duration.ts';
import { actions, button, context, fields, header, overflow, section } from '../../base/elements.ts';
import { showId } from '../../base/ids.ts';
import { date, escapeText, mention, truncate } from '../../base/mrkdwn.ts';
import type { Policy } from '../../base/policy.ts';
import type { Block } from '../../base/slack.ts';
import type { Drawing } from './blocks.ts';
import { canRollBack, PROD_STATE_SAYS } from './prod-rules.ts';
import {
  type Listed,
  type LiveRelease,
  type ProdFacts,
  type ProdIssue,
  type ProdRole,
  type ProdState,
  QUESTIONS,
  type Why,
} from './prod-types.ts';

const FACE: Record<ProdState, string> = {
  declared: ':rotating_light: *Users are hit*',
  mitigated: ':adhesive_bandage: *Mitigated*: users can work again',
  resolved: ':white_check_mark: *Resolved*',
  reviewed: ':memo: *Reviewed*',
};

export const WHY_SAYS: Record<Why, string> = {
  money: "it hits users' money",
  key_feature: 'it hits a key feature',
  escalated: 'escalated',
};

export const ROLE_SAYS: Record<ProdRole, string> = {
  owner: 'Owner',
  engineer: 'Engineer on it',
  communication: 'Communication',
};

const somebody = (id: string | null) => (id ? mention(id) : '_nobody yet_');
const linked = (name: string, url: string | null) => (url ? `<${url}|${escapeText(name)}>` : `*${escapeText(name)}*`);

/** The prod issue, linked to its thread once Slack has said where that is. */
export function prodLink(issue: Pick<ProdIssue, 'id'>, url: string | null): string {
  return linked(showId('PI', issue.id), url);
}

/** What it waits for, as one phrase of mrkdwn (no full stop). */
export function prodWaits(i: ProdIssue): string {
  switch (i.state) {
    case 'declared':
      return i.engineer ? `${mention(i.engineer)} is on it` : 'waits for an engineer';
    case 'mitigated':
      return 'waits for its cause to be removed';
    case 'resolved':
      return 'waits for its review';
    case 'reviewed':
      return `by ${mention(i.reviewedBy ?? '')}`;
  }
}

function release(f: ProdFacts): LiveRelease | undefined {
  return f.releases.find((r) => r.id === f.issue.releaseId);
}

function broughtBy(f: ProdFacts): string {
  const r = release(f);
  const said = f.issue.attributedBy
    ? `_says ${mention(f.issue.attributedBy)}_`
    : '_of those watched when users met it, it went live last_';
  if (r) return `${linked(r.name, r.url)}\n${said}`;
  return f.issue.attributedBy
    ? `no release\n${said}`
    : '_no release was being watched, or its report names one that was being pushed_';
}

/** Users could not work for so long; while they cannot, since when. */
function restored(i: ProdIssue, zone: string): string {
  if (i.mitigatedAt) return ago(i.declaredAt, i.mitigatedAt);
  return `running since ${date(i.declaredAt, zone)}`;
}

/** The card of a prod issue, its thread's first message: the whole picture, and the buttons that make sense now. */
export function prodCard(f: ProdFacts, policy: Policy, now: Date): Drawing {
  const { issue: i } = f;
  const id = showId('PI', i.id);
  const zone = policy.team.zone;
  const blocks: Block[] = [
    header(`${id} · ${i.title}`),
    section(`${FACE[i.state]} — ${prodWaits(i)}`),
    fields([
      `*Owner*\n${somebody(i.owner)}`,
      `*Engineer on it*\n${somebody(i.engineer)}`,
      `*Communication*\n${somebody(i.communication)}`,
      `*Time to restore*\n${restored(i, zone)}`,
      `*Most likely brought by*\n${broughtBy(f)}`,
    ]),
  ];
  const answers = i.review ?? {};
  const asked = Object.entries(QUESTIONS).filter(([key]) => answers[key]);
  for (const [key, question] of asked)
    blocks.push(section(`*${question}*\n${truncate(escapeText(answers[key] ?? ''), 2800)}`));
  const answeredBy = f.emergencies.slice(0, 10).map((r) => linked(r.name, r.url));
  if (answeredBy.length) blocks.push(section(`:ambulance: *Emergency release* ${answeredBy.join(', ')}`));
  blocks.push(actions(buttons(f, now)), context(foot(f, zone)));
  return { text: `${id} (${i.state}): ${escapeText(i.title)}`, blocks };
}

function foot(f: ProdFacts, zone: string): string {
  const { issue: i, bug } = f;
  const times: [string, Date | null][] = [
    ['mitigated', i.mitigatedAt],
    ['resolved', i.resolvedAt],
    ['reviewed', i.reviewedAt],
  ];
  const parts = [
    `${escapeText(i.product)}, ${WHY_SAYS[i.why]}`,
    bug && linked(showId('BUG', bug.id), bug.url),
    `declared by ${mention(i.declaredBy)} ${date(i.declaredAt, zone)}`,
    ...times.map(([name, at]) => at && `${name} ${date(at, zone)}`),
  ];
  return parts.filter(Boolean).join(' · ');
}

/** The roll-back is the release's own button: whoever may not press it there may not here. */
export function rollBackButton(r: LiveRelease): object {
  return button('release_rollback', `Roll back ${r.name}`.slice(0, 75), `${r.id}`, { style: 'danger' });
}

function buttons(f: ProdFacts, now: Date): object[] {
  const { issue: i } = f;
  const id = `${i.id}`;
  const r = release(f);
  const another = button('pi_release', 'Another release…', id);
  if (i.state === 'reviewed') return [another];
  const back = r && canRollBack(r, now) ? [rollBackButton(r)] : [];
  const more = overflow('pi_more', [
    [`mine:${id}`, 'I am on it'],
    [`reopen:${id}`, 'It is back…'],
  ]);
  const roles = button('pi_roles', 'Roles…', id);
  switch (i.state) {
    case 'declared':
      return [
        button('pi_mitigate', 'Mitigated', id, { style: 'primary' }),
        button('pi_resolve', 'Resolved', id),
        button('pi_mine', 'I am on it', id),
        roles,
        ...back,
        another,
      ];
    case 'mitigated':
      return [button('pi_resolve', 'Resolved', id, { style: 'primary' }), roles, ...back, another, more];
    case 'resolved':
      return [button('pi_review', 'Review…', id, { style: 'primary' }), roles, another, more];
  }
}

function listLine(i: Listed): string {
  const took = i.mitigatedAt ? `, restored in ${ago(i.declaredAt, i.mitigatedAt)}` : '';
  const owner = i.owner ? `, ${mention(i.owner)}` : '';
  const face = FACE[i.state].split(' ')[0];
  return `${face} ${prodLink(i, i.url)} ${escapeText(truncate(i.title, 100))} — ${PROD_STATE_SAYS[i.state]}${took}${owner}`;
}

/** Prod issues, several lines a block, within Slack's limits. */
export function prodList(issues: readonly Listed[]): Drawing {
  if (!issues.length)
    return { text: 'There is no prod issue. `/bug escalate BUG-7 <reason>` declares one.', blocks: [] };
  const lines = issues.map(listLine);
  const blocks: Block[] = [];
  for (let n = 0; n < lines.length; n += 8) blocks.push(section(lines.slice(n, n + 8).join('\n')));
  const open = issues.filter((i) => i.state !== 'reviewed').length;
  return { text: `${open} prod issues are open`, blocks };
}
