import { section } from '../../base/elements.ts';
import { escapeText, link, mention, truncate } from '../../base/mrkdwn.ts';
import type { Drawing } from './blocks.ts';
import { isBump, labelled, type ReleaseChange } from './changes.ts';
import { short } from './facts.ts';

/** What is to be told of a candidate's changes. */
export interface Told {
  /** Oldest first. */
  changes: readonly ReleaseChange[];
  /** For a later candidate: the commit whose changes were told before; `changes` has only what is new since. */
  since: string | null;
  /** How many changes the candidate has in all. */
  total: number;
  /** More commits than were listed. */
  unlisted: number;
  commit: string;
  production: string;
  /** The comparison on GitHub. */
  url: string;
  labels: { flag: string; test: string };
  /** Slack ids by login in lower case. */
  people: ReadonlyMap<string, string>;
  /** Names by Slack id, as far as they are known. */
  names: ReadonlyMap<string, string>;
}

/** Slack takes sections of 3,000 characters and messages of about 13,000; the tail needs some of it. */
const SECTION_MAX = 2900;
const MESSAGE_MAX = 10_000;
/** What is longer than this is read on GitHub. */
const MESSAGES_MAX = 3;
const BUMPS_SHOWN = 15;

/** One line of the list; it tells of `count` changes. */
interface Line {
  text: string;
  count: number;
}

interface Part {
  heading: string;
  lines: Line[];
}

/**
 * A candidate's changes for its thread, in one to three messages: those first whose labels ask for a flag (R10) or a test of
 * their own, dependency bumps in one line, and what does not fit as "and N more". Each author is mentioned once, at their first line.
 */
export function changesTold(t: Told): Drawing[] {
  const asks = (c: ReleaseChange) => labelled(c, t.labels.flag).length > 0;
  const flags = t.changes.filter(asks);
  const tests = t.changes.filter((c) => !asks(c) && labelled(c, t.labels.test).length > 0);
  const rest = t.changes.filter((c) => !flags.includes(c) && !tests.includes(c));
  const bumps = rest.filter(isBump);
  const mentioned = new Set<string>();
  const parts: Part[] = [
    { heading: headline(t), lines: [] },
    { heading: ':triangular_flag_on_post: *Ask for a feature flag*', lines: linesOf(flags, t, mentioned) },
    { heading: ':test_tube: *Ask for a test of their own*', lines: linesOf(tests, t, mentioned) },
    {
      heading: flags.length || tests.length ? '*Everything else*' : '*Changes*',
      lines: linesOf(
        rest.filter((c) => !bumps.includes(c)),
        t,
        mentioned,
      ),
    },
  ];
  const { messages, left } = paged(parts.filter((p, i) => i === 0 || p.lines.length));
  const more = left + t.unlisted;
  const tail = [
    bumps.length ? bumpsLine(bumps) : null,
    more ? `…and ${more} more: ${link(t.url, 'all changes on GitHub')}` : null,
  ].filter((x) => x !== null);
  if (tail.length) messages.at(-1)?.push(tail.join('\n'));
  const text = `${plural(t.changes.length, t.since ? 'new change' : 'change')} in ${short(t.commit)}`;
  return messages.map((texts) => ({ text, blocks: texts.map((s) => section(s)) }));
}

const plural = (n: number, what: string) => `${n} ${what}${n === 1 ? '' : 's'}`;

function headline(t: Told): string {
  const commit = `\`${short(t.commit)}\``;
  const all = link(t.url, `${t.production}…${short(t.commit)}`);
  if (t.since === null) {
    return `:inbox_tray: *${plural(t.changes.length, 'change')}* between production (\`${escapeText(t.production)}\`) and ${commit} · ${all}`;
  }
  const since = t.changes.length ? plural(t.changes.length, 'new change') : 'No new change';
  return `:inbox_tray: *${since}* in ${commit} since \`${short(t.since)}\`; ${t.total} since production · ${all}`;
}

/** The changes as lines, in their order; commits without a pull request that say the same are one. @param mentioned grows by whom these mention */
function linesOf(changes: readonly ReleaseChange[], t: Told, mentioned: Set<string>): Line[] {
  const groups = new Map<string, ReleaseChange[]>();
  for (const c of changes) {
    const key = c.number === null ? `${c.login} ${c.title}` : `#${c.number}`;
    groups.set(key, [...(groups.get(key) ?? []), c]);
  }
  return [...groups.values()].map((group) => {
    const text = lineOf(group[0] as ReleaseChange, t, mentioned);
    return { text: group.length > 1 ? `${text} (${group.length} commits)` : text, count: group.length };
  });
}

function lineOf(c: ReleaseChange, t: Told, mentioned: Set<string>): string {
  const title = truncate(c.title.replace(/\s+/g, ' ').trim(), 150);
  const named = c.number === null || title.includes(`#${c.number}`) ? title : `${title} (#${c.number})`;
  const shown = c.url && c.url.length <= 400 ? link(c.url, named) : escapeText(named);
  const wanted = [...labelled(c, t.labels.flag), ...labelled(c, t.labels.test)];
  const labels = wanted.slice(0, 5).map((l) => ` \`${escapeText(truncate(l, 50)).replaceAll('`', "'")}\``);
  return `• ${shown}${authorOf(c, t, mentioned)}${labels.join('')}`;
}

/** A mention notifies: one is enough. */
function authorOf(c: ReleaseChange, t: Told, mentioned: Set<string>): string {
  if (!c.login) return '';
  const person = t.people.get(c.login.toLowerCase());
  if (!person || mentioned.has(person)) return ` · ${escapeText((person && t.names.get(person)) ?? c.login)}`;
  mentioned.add(person);
  return ` · ${mention(person)}`;
}

function bumpsLine(bumps: readonly ReleaseChange[]): string {
  const shown = bumps
    .filter((c) => c.number !== null && c.url !== null && c.url.length <= 100)
    .slice(0, BUMPS_SHOWN)
    .map((c) => link(c.url as string, `#${c.number}`));
  const rest = bumps.length - shown.length;
  const which = shown.length ? `: ${shown.join(', ')}${rest ? ` and ${rest} more` : ''}` : '';
  return `:arrow_up: ${plural(bumps.length, 'dependency bump')}${which}`;
}

/** Lines put into sections, and sections into messages, within Slack's limits. @returns `left`: how many changes did not fit */
function paged(parts: readonly Part[]): { messages: string[][]; left: number } {
  const messages: string[][] = [[]];
  let size = 0;
  let left = 0;
  const add = (text: string, fresh: boolean): void => {
    const full = size + text.length > MESSAGE_MAX;
    if (full && messages.length < MESSAGES_MAX) {
      messages.push([]);
      size = 0;
    }
    const message = messages.at(-1) as string[];
    const last = message.at(-1);
    if (last === undefined || fresh || last.length + text.length + 1 > SECTION_MAX) message.push(text);
    else message[message.length - 1] = `${last}\n${text}`;
    size += text.length + 1;
  };
  for (const { heading, lines } of parts) {
    // A heading comes with its first line or not at all.
    const [first, ...others] = lines;
    const begin = { text: first ? `${heading}\n${first.text}` : heading, count: first?.count ?? 0 };
    for (const [i, { text, count }] of [begin, ...others].entries()) {
      const fits = messages.length < MESSAGES_MAX || size + text.length <= MESSAGE_MAX;
      if (fits && !left) add(text, i === 0);
      else left += count;
    }
  }
  return { messages, left };
}
