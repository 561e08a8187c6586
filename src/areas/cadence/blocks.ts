import { actions, button, context, header, section } from '../../base/elements.ts';
import { showId } from '../../base/ids.ts';
import { date, escapeText, link, truncate } from '../../base/mrkdwn.ts';
import type { Block } from '../../base/slack.ts';
import { dutySays } from './lines.ts';
import type { Outcome, ProposedProduct, SlotFacts } from './types.ts';

export interface Drawing {
  text: string;
  blocks: Block[];
}

/** Two blocks each, and four for the rest: far below the 50 that a message may have. */
const SHOWN = 20;
/** Slack takes some 13,000 characters a message. */
const TEXT_MAX = 500;

const ENDED: Record<Exclude<Outcome, 'planned'>, string> = {
  done: ':checkered_flag: went out in its slot',
  late: ':snail: went out later',
  missed: ':warning: missed',
  cancelled: ':no_entry_sign: cancelled',
};

/** A slot's message in the releases' channel: what goes out, who is on, what is waiting; with a button for what is not open yet (R9). */
export function slotCard(f: SlotFacts, zone: string, now: Date): Drawing {
  const { slot, products, duty } = f;
  const over = now > slot.until;
  const [day = '', time = ''] = slot.local.split('T');
  const title = `Slot ${day} ${time}`;
  const span = over
    ? `It was open ${date(slot.at, zone)} – ${date(slot.until, zone)}.`
    : `Scheduled releases ship ${date(slot.at, zone)} – ${date(slot.until, zone)}.`;
  const blocks: Block[] = [header(`🗓 ${title}`), section(`${span}\n*On duty:* ${dutySays(duty)}`)];
  const shown = products.slice(0, SHOWN);
  for (const p of shown) blocks.push(...productBlocks(p, slot.id, over));
  if (products.length > SHOWN)
    blocks.push(
      section(
        `… and ${products
          .slice(SHOWN)
          .map((p) => escapeText(p.name))
          .join(', ')}`,
      ),
    );
  blocks.push(context(`${showId('SLOT', slot.id)} · outside its slot only an emergency ships`));
  const open = products.filter((p) => p.release).length;
  return { text: `${title}: ${open} of ${products.length} release${products.length === 1 ? '' : 's'} open`, blocks };
}

function productBlocks(p: ProposedProduct, slotId: number, over: boolean): Block[] {
  const lines = [`*${escapeText(p.name)}* — ${p.outcome === 'planned' ? plannedSays(p) : ENDED[p.outcome]}`];
  if (p.release) lines.push(`${p.release.shown}${p.outcome === 'planned' ? ` ${p.release.waits}` : ''}`);
  if (p.before) lines.push(`first ${p.before.shown}: ${p.before.waits}`);
  if (p.blockers.length) lines.push(`:no_entry: blocked by ${blockersSay(p)}`);
  if (p.developAhead !== null && !p.release) lines.push(aheadSays(p.developAhead));
  const blocks = [section(truncate(lines.join('\n'), TEXT_MAX))];
  if (p.outcome !== 'planned' || over) return blocks;
  const open = button('cadence_open', 'Open a release', p.product, { style: 'primary' });
  const skip = button('cadence_skip', 'Nothing goes out', `${slotId}:${p.product}`);
  const buttons = [...(p.release || p.before ? [] : [open]), ...(p.freeze || p.skippedBy || isItsOwn(p) ? [] : [skip])];
  return buttons.length ? [...blocks, actions(buttons)] : blocks;
}

/** Whether the release that is open is for this slot. */
function isItsOwn({ release }: ProposedProduct): boolean {
  return release !== null && !release.since;
}

function plannedSays(p: ProposedProduct): string {
  if (p.freeze) return `:snowflake: frozen: ${escapeText(p.freeze.reason)}`;
  if (p.skippedBy && !isItsOwn(p)) return `nothing goes out, says <@${p.skippedBy}>`;
  return p.release ? 'planned' : 'no release is open for it';
}

function blockersSay(p: ProposedProduct): string {
  const named = p.blockers.slice(0, 3).map((b) => {
    const title = truncate(b.title, 100);
    return `${showId('BUG', b.id)} ${b.url ? link(b.url, title) : escapeText(title)}`;
  });
  return named.join(', ') + (p.blockers.length > 3 ? ` and ${p.blockers.length - 3} more` : '');
}

function aheadSays(ahead: number): string {
  if (!ahead) return ':inbox_tray: develop has nothing that production lacks';
  return `:inbox_tray: develop is ${ahead} commit${ahead === 1 ? '' : 's'} ahead of production`;
}
