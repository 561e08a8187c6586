import { ago } from '../../base/duration.ts';
import { actions, section } from '../../base/elements.ts';
import { showId } from '../../base/ids.ts';
import { escapeText, mention, truncate } from '../../base/mrkdwn.ts';
import type { Line } from './lines.ts';
import { ROLE_SAYS, rollBackButton, WHY_SAYS } from './prod-blocks.ts';
import { type LiveRelease, type ProdAct, type ProdFacts, ROLES, type Why } from './prod-types.ts';

const quote = (text: string | null) => (text ? `: ${escapeText(truncate(text, 1000))}` : '');

/** The thread's line for an act that changed a prod issue. What users feel also shows in the channel. */
export function prodLine(before: ProdFacts, after: ProdFacts, act: ProdAct, actor: string): Line {
  const { issue } = after;
  const who = mention(actor);
  const took = issue.mitigatedAt ? ago(issue.declaredAt, issue.mitigatedAt) : '';
  const line = (text: string, broadcast = false): Line => ({ text, broadcast });
  switch (act.kind) {
    case 'mitigate':
      return line(`:adhesive_bandage: *Mitigated*, says ${who}${quote(act.note)}\nUsers were hit for ${took}.`, true);
    case 'resolve': {
      const hit = before.issue.mitigatedAt ? '' : `Users were hit for ${took}. `;
      const next = 'What is left is its review: four questions, by the button on the card.';
      return line(`:white_check_mark: *Resolved*, says ${who}${quote(act.note)}\n${hit}${next}`, true);
    }
    case 'reopen':
      return line(`:rotating_light: *It is back*, says ${who}${quote(act.reason)}\nThe clock runs on.`, true);
    case 'assign': {
      const said = ROLES.filter((role) => before.issue[role] !== issue[role]).map(
        (role) => `${ROLE_SAYS[role]}: ${issue[role] ? mention(issue[role]) : 'nobody'}`,
      );
      const own = ROLES.every((role) => before.issue[role] === issue[role] || issue[role] === actor);
      return line(`:busts_in_silhouette: ${said.join(' · ')}${own ? '' : ` (by ${who})`}`);
    }
    case 'attribute': {
      const r = after.releases.find((x) => x.id === issue.releaseId);
      return line(`:mag: ${who} says ${r ? `*${escapeText(r.name)}* brought it` : 'no release brought it'}.`);
    }
    case 'review':
      return line(`:memo: *Reviewed* by ${who}; the answers are on the card.`, true);
  }
}

/** What the attributed release's thread is told: the default answer to a broken critical function is to roll back (R8). */
export function releaseLine(f: ProdFacts, r: LiveRelease, rollBack: boolean): Line {
  const { issue, thread } = f;
  const name = `*${showId('PI', issue.id)}* (${escapeText(truncate(issue.title, 200))})`;
  const text = `:rotating_light: Prod issue ${name} most likely came with this release. It is in <#${thread.channel}>.`;
  if (!rollBack) return { text, broadcast: false };
  return { text, blocks: [section(text), actions([rollBackButton(r)])], broadcast: false };
}

/** The first line of its thread. @param reason of who escalated it */
export function declaredLine(why: Why, actor: string, reason: string | null): Line {
  const who = mention(actor);
  const text =
    why === 'escalated'
      ? `:rotating_light: ${who} escalated it${quote(reason)}`
      : `:rotating_light: Declared, for ${WHY_SAYS[why]}; reported or agreed by ${who}.`;
  return {
    text: `${text}\nWho drives it, who works on it, who tells users? \`Roles…\` on the card.`,
    broadcast: false,
  };
}
