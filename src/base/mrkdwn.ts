/**
 * Text a person typed, safe inside Slack's mrkdwn: `<!channel>`, `<@U…>` and links stay the characters they are. Takes
 * raw text; what Slack itself sends (messages, command texts) is already coded and goes through `plain` first.
 */
export function escapeText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/**
 * A text object of mrkdwn, sent verbatim: left to itself Slack also makes mentions and channel links of plain words such as
 * `@ann`, and what people typed would call somebody.
 */
export function mrkdwn(text: string): { type: 'mrkdwn'; text: string; verbatim: true } {
  return { type: 'mrkdwn', text, verbatim: true };
}

/** Text a person typed as `escapeText` has it, with web addresses made links, which Slack does not do in verbatim text. */
export function withLinks(text: string): string {
  return escapeText(text).replace(/\bhttps?:\/\/(?:&amp;|[^\s<>|&])+/gi, (found) => {
    const address = found.replace(/[.,:!?'"`)\]}*_~…]+$/, '');
    return isUrl(address) ? `<${address}>${found.slice(address.length)}` : found;
  });
}

/**
 * The raw text behind coded text from Slack: links become their label (or address), `<@U1|ann>` becomes `@ann`,
 * `<!here>` becomes `@here`, a date its fallback, entities the characters they stand for.
 */
export function plain(coded: string): string {
  const spelled = coded.replace(/<([^<>]*)>/g, (_whole, inside: string) => {
    const bar = inside.indexOf('|');
    const target = bar < 0 ? inside : inside.slice(0, bar);
    const label = bar < 0 ? '' : inside.slice(bar + 1);
    if (target.startsWith('@')) return label ? `@${label.replace(/^@/, '')}` : target;
    if (target.startsWith('#')) return label ? `#${label.replace(/^#/, '')}` : target;
    if (target.startsWith('!date^')) return label;
    if (target.startsWith('!')) return label || `@${target.slice(1).replace(/^subteam\^/, '')}`;
    return label || target;
  });
  return spelled.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}

/** What is never cut in two. */
const UNITS = /<[^<>]*>|&(?:amp|lt|gt);|./gsu;

/**
 * At most `max` UTF-16 units of mrkdwn, ending in `…` when something was left out. An entity (`&amp;`), a link or
 * mention (`<…>`) and a surrogate pair are kept whole or left out whole.
 */
export function truncate(text: string, max: number): string {
  if (text.length <= max) return text;
  if (max < 1) return '';
  let kept = 0;
  for (const [unit] of text.matchAll(UNITS)) {
    if (kept + unit.length > max - 1) break;
    kept += unit.length;
  }
  return `${text.slice(0, kept)}…`;
}

/** All of a mrkdwn text in parts of at most `max` UTF-16 units, one at least; entities, links, mentions and surrogate pairs are kept whole where they fit. */
export function inParts(text: string, max: number): string[] {
  if (text.length <= max) return [text];
  const parts = [''];
  for (const [unit] of text.matchAll(UNITS)) {
    const last = parts.at(-1) as string;
    if (last !== '' && last.length + unit.length > max) parts.push(truncate(unit, max));
    else parts[parts.length - 1] = last + truncate(unit, max);
  }
  return parts;
}

/** A mention of a Slack user by id. Anything that is not a user id is shown as text. */
export function mention(userId: string): string {
  return /^[UW][A-Z0-9]+$/.test(userId) ? `<@${userId}>` : escapeText(userId);
}

/** Whom a word names, as Slack sends it: `<@U…>`; undefined when it names nobody. */
export function mentioned(word: string): string | undefined {
  return /^<@([UW][A-Z0-9]+)(\|[^>]*)?>$/.exec(word)?.[1];
}

/**
 * A link with a label, both from people. When the address is not one we link to (see `isUrl`) only the label is left.
 * An empty label shows the address.
 */
export function link(url: string, label: string): string {
  const words = escapeText(label.replace(/\s+/g, ' ').trim());
  if (!isUrl(url)) return words;
  const address = url.replaceAll('&', '&amp;').replaceAll('|', '%7C');
  // A bar in the label would end it early in some of Slack's clients.
  return words === '' ? `<${address}>` : `<${address}|${words.replaceAll('|', '¦')}>`;
}

/** By zone: making one takes a hundred times as long as using it. */
const formats = new Map<string, Intl.DateTimeFormat>();

/** Slack's date token: each reader sees `at` in their own zone, with the time in `zone` (IANA) where that fails. */
export function date(at: Date, zone: string): string {
  let format = formats.get(zone);
  if (!format) {
    format = new Intl.DateTimeFormat('en-GB', { timeZone: zone, dateStyle: 'medium', timeStyle: 'short' });
    formats.set(zone, format);
  }
  return `<!date^${Math.floor(at.getTime() / 1000)}^{date_short_pretty} {time}|${format.format(at)} (${escapeText(zone)})>`;
}

/** True for an absolute http or https address without user name or password, of at most 3000 characters. */
export function isUrl(text: string): boolean {
  if (text.length > 3000 || !/^https?:\/\/[^\s<>"\\]+$/i.test(text) || !URL.canParse(text)) return false;
  const url = new URL(text);
  return url.username === '' && url.password === '';
}

/** A reaction's emoji: Slack reports `+1::skin-tone-3` for those who chose a skin tone, and it means what `+1` means. */
export function emojiOf(reaction: string): string {
  return reaction.replace(/::skin-tone-[2-6]$/, '');
}

/** Text from a person as it is kept: trimmed, without the NUL that PostgreSQL cannot store; null when empty. */
export function clean(text: string | undefined | null): string | null {
  return text?.replaceAll('\u0000', '').trim() || null;
}
