import type { Actor } from '../../base/actor.ts';
import { escapeText, truncate } from '../../base/mrkdwn.ts';
import { prodLink } from './prod-blocks.ts';
import type { Listed, ProdIssue } from './prod-types.ts';

/** What one prod issue needs of one person now, as a phrase, or null: of its owner, the engineer on it, and who does the communication. */
export function prodNeed(i: ProdIssue, person: string): string | null {
  if (i.state === 'reviewed') return null;
  if (i.owner === person) {
    if (i.state === 'resolved') return 'its review is owed';
    return i.state === 'declared' ? 'users are hit, and you drive it' : 'mitigated: its cause is still there';
  }
  if (i.state === 'resolved') return null;
  if (i.engineer === person) return 'you are on its cause';
  return i.communication === person ? 'tell users how it stands' : null;
}

/** What prod issues need of one person, a line of mrkdwn each. */
export function prodNeeds(issues: readonly Listed[], actor: Actor): string[] {
  return issues.flatMap((i) => {
    const need = prodNeed(i, actor.id);
    return need ? [`:rotating_light: ${prodLink(i, i.url)} ${truncate(escapeText(i.title), 150)} — *${need}*`] : [];
  });
}
