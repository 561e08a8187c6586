import { showId } from '../../base/ids.ts';
import { date, escapeText, mention } from '../../base/mrkdwn.ts';
import { type Freeze, nextSlot, openSlot, type SlotRules } from '../../base/slots.ts';
import type { Kept } from './types.ts';

/** Whose releases a freeze stops, in words. */
export function frozenWhat(product: string | null): string {
  return product === null ? 'all releases' : `releases of ${escapeText(product)}`;
}

/** A freeze in one line of mrkdwn. */
export function freezeLine(f: Freeze, zone: string): string {
  const span = `${date(f.startsAt, zone)} – ${date(f.endsAt, zone)}`;
  return `:snowflake: ${showId('FRZ', f.id)} ${frozenWhat(f.product)}, ${span}: ${escapeText(f.reason)} (${mention(f.setBy)})`;
}

/** What the releases' channel is told of a new freeze. */
export function frozenSays(f: Freeze, zone: string, now: Date): string {
  const from = f.startsAt > now ? ` from ${date(f.startsAt, zone)}` : '';
  return `:snowflake: *Frozen*: ${frozenWhat(f.product)}${from} until ${date(f.endsAt, zone)}, says ${mention(f.setBy)}: ${escapeText(f.reason)}\nEmergencies still ship. \`/release thaw ${showId('FRZ', f.id)}\` ends it early.`;
}

/** What the releases' channel is told of a freeze that was ended. */
export function thawedSays(f: Freeze, by: string): string {
  return `:sun_with_face: *Thawed*: ${frozenWhat(f.product)} may ship again in their slots, says ${mention(by)}. The freeze was: ${escapeText(f.reason)}`;
}

/** How the cadence was kept: `7 of 9 slots kept, 1 late, 1 missed, 2 cancelled`; cancelled slots were not to be kept. */
export function keptSays(kept: Kept): string {
  const { done, late, missed, cancelled } = kept;
  const due = done + late + missed;
  const parts = [late && `${late} late`, missed && `${missed} missed`, cancelled && `${cancelled} cancelled`];
  return [`${done} of ${due} slot${due === 1 ? '' : 's'} kept`, ...parts.filter(Boolean)].join(', ');
}

/**
 * What `/release list` says of the cadence: the slot that is open or the next one, how it was kept lately, and the freezes. Empty without slots and
 * freezes. @param product the one there is; null when there are several, whose slots are the same but for freezes of one
 */
export function cadenceLines(
  rules: SlotRules,
  freezes: readonly Freeze[],
  product: string | null,
  kept: Kept,
  now: Date,
): string[] {
  const { zone } = rules;
  const lines: string[] = [];
  if (rules.cadence) {
    const open = openSlot(rules, now);
    const next = nextSlot(rules, freezes, product ?? '', now);
    const says = [
      open && `a slot is open until ${date(open.until, zone)}`,
      next ? `next slot ${date(next.at, zone)}` : 'no next slot is in sight',
      `last 7 days: ${keptSays(kept)}`,
    ];
    lines.push(`:calendar: *Cadence* · ${says.filter(Boolean).join(' · ')}`);
  }
  lines.push(...freezes.slice(0, 8).map((f) => freezeLine(f, zone)));
  if (freezes.length > 8) lines.push(`… and ${freezes.length - 8} more freezes`);
  return lines;
}

/** Who is on duty, in words. @param people ids */
export function dutySays(people: readonly string[]): string {
  return people.map(mention).join(', ') || 'nobody';
}

/** What the App Home says of today: who is on duty, the slot, freezes that hold. @param duty null where the policy names none */
export function homeLines(
  rules: SlotRules,
  freezes: readonly Freeze[],
  products: readonly string[],
  duty: readonly string[] | null,
  person: string,
  now: Date,
): string[] {
  const { zone } = rules;
  const lines: string[] = [];
  if (duty) lines.push(`On duty today: ${dutySays(duty)}${duty.includes(person) ? ' — *you are on duty*' : ''}`);
  const open = openSlot(rules, now);
  const only = products.length === 1 ? products[0] : undefined;
  const next = nextSlot(rules, freezes, only ?? '', now);
  if (open) lines.push(`:calendar: A slot is open until ${date(open.until, zone)}`);
  else if (next) lines.push(`:calendar: Next slot ${date(next.at, zone)}`);
  return [...lines, ...freezes.filter((f) => f.startsAt <= now).map((f) => freezeLine(f, zone))].slice(0, 10);
}
