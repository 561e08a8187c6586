import { section } from '../../base/elements.ts';
import { showId } from '../../base/ids.ts';
import { escapeText, mention, truncate } from '../../base/mrkdwn.ts';
import type { Block } from '../../base/slack.ts';
import type { Drawing } from './blocks.ts';
import { STATE_SAYS } from './rules.ts';
import type { Bug } from './types.ts';

const SHOWN = 40;

function line(b: Bug & { url: string | null }): string {
  const id = showId('BUG', b.id);
  const owner = b.owner ? `, ${mention(b.owner)}` : '';
  const title = truncate(escapeText(b.title), 100);
  return `${b.blocking ? ':no_entry:' : ':beetle:'} ${b.url ? `<${b.url}|${id}>` : id} *${b.priority ?? '–'}* ${title} — ${STATE_SAYS[b.state]}${owner}`;
}

/** The open bugs, blocking ones first; several lines a block, within Slack's limits. */
export function list(bugs: readonly (Bug & { url: string | null })[]): Drawing {
  if (!bugs.length) return { text: 'No bug is open. Report one with `/bug`.', blocks: [] };
  const lines = bugs.slice(0, SHOWN).map(line);
  const more = bugs.length - lines.length;
  if (more > 0) lines.push(`_and ${more} more: \`/bug list <product>\`_`);
  const blocks: Block[] = [];
  for (let i = 0; i < lines.length; i += 8) blocks.push(section(lines.slice(i, i + 8).join('\n')));
  const blocking = bugs.filter((b) => b.blocking).length;
  return { text: `${bugs.length} bugs are open, ${blocking} of them blocking`, blocks };
}
