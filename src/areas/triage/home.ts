import type { Actor } from '../../base/actor.ts';
import { showId } from '../../base/ids.ts';
import { date, escapeText, mention, truncate } from '../../base/mrkdwn.ts';
import { ASKED_SAYS } from './lines.ts';
import type { Bug } from './types.ts';

/** An open blocker as the App Home looks at it. */
export interface HomeBug {
  bug: Bug;
  url: string | null;
  /** The commit that is said to have its fix. */
  fix: string | null;
  /** When it was last acted on. */
  news: Date;
}

/** How long a blocker may lie before its owner is asked for news. */
const QUIET_MS = 4 * 3_600_000;

/** What one blocker needs of one person now, as a phrase of mrkdwn, or null. @param zone IANA, for the time since when nothing was heard */
export function bugNeed({ bug, fix, news }: HomeBug, actor: Actor, now: Date, zone: string): string | null {
  if (actor.standing !== 'member' || !bug.blocking || bug.endedAt) return null;
  const operator = actor.roles.has('operator');
  if (operator && bug.askedFor && bug.askedBy && bug.askedBy !== actor.id)
    return `${mention(bug.askedBy)} asks to ${ASKED_SAYS[bug.askedFor]}: agree or decline`;
  if (operator && bug.state === 'fixing') return `retest it on \`${(fix ?? '').slice(0, 7)}\``;
  if (bug.owner !== actor.id) return null;
  const quiet = now.getTime() - news.getTime() >= QUIET_MS ? `no news since ${date(news, zone)}` : null;
  if (bug.state === 'fixing') return quiet && `your blocker waits for its retest, ${quiet}`;
  const waits = bug.state === 'confirmed' ? 'waits for its fix' : 'is to be recreated and tried in production';
  return [`your blocker ${waits}`, quiet].filter(Boolean).join(', ');
}

/** What blockers need of one person, a line of mrkdwn each. */
export function bugNeeds(bugs: readonly HomeBug[], actor: Actor, now: Date, zone: string): string[] {
  return bugs.flatMap((b) => {
    const need = bugNeed(b, actor, now, zone);
    const id = showId('BUG', b.bug.id);
    const shown = b.url ? `<${b.url}|${id}>` : `*${id}*`;
    return need ? [`:no_entry: ${shown} ${truncate(escapeText(b.bug.title), 150)} — *${need}*`] : [];
  });
}
