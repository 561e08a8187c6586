import { DEFINITION, rateSays } from '../../base/catch-rate.ts';
import { showDay } from '../../base/days.ts';
import { context, section } from '../../base/elements.ts';
import { escapeText, truncate } from '../../base/mrkdwn.ts';
import type { Block } from '../../base/slack.ts';
import { addDays } from '../../base/zone.ts';
import type { Drawing } from './blocks.ts';
import type { DayFacts, Listed, WeekFacts } from './daily-types.ts';

/** So many of each are named; of the rest the number. */
const NAMED = 8;

function shown({ name, url }: Listed): string {
  return url ? `<${url}|${escapeText(name)}>` : `*${escapeText(name)}*`;
}

/** A part of the daily line: its title, and up to eight of what is in it. Nobody is mentioned: it is read by many, every day. */
function part<T extends Listed>(title: string, all: readonly T[], line: (one: T) => string): string {
  const lines = all.slice(0, NAMED).map((one) => `• ${line(one)}`);
  if (all.length > NAMED) lines.push(`_and ${all.length - NAMED} more_`);
  return [`*${title}*`, ...lines].join('\n');
}

const HOW = { live: ':rocket: live', rolled_back: ':leftwards_arrow_with_hook: rolled back', cancelled: 'cancelled' };

/** The daily line in #releases: what the last working day brought, what is open, and which issues are carried over to today. */
export function dailyLine(f: DayFacts): Drawing {
  const title = (one: Listed) => escapeText(truncate(one.title, 100));
  const parts = [
    f.ended.length
      ? part(
          `Since ${showDay(f.since)}`,
          f.ended,
          (r) => `${r.emergency ? ':rotating_light: ' : ''}${shown(r)} ${HOW[r.how]}`,
        )
      : `*Since ${showDay(f.since)}*: nothing was released.`,
    ...(f.slots.length ? [slotsSay(f.slots)] : []),
    f.open.length ? part('On the way', f.open, (r) => `${shown(r)} ${r.state}`) : '*On the way*: nothing.',
    f.blockers.length
      ? part(`:no_entry: Open blockers: ${f.blockers.length}`, f.blockers, (b) => {
          return `${shown(b)} ${title(b)} — ${b.owner === null ? '*no owner*' : escapeText(b.owner)}`;
        })
      : ':white_check_mark: No open blockers.',
    `${triageSays(f.triage)}${coverageSays(f.coverage)}`,
    f.issues.length
      ? part(`Issues carried over to today: ${f.issues.length}`, f.issues, (i) => {
          return `${shown(i)} ${title(i)} — ${escapeText(i.responsible)}${dueSays(i.due, f.today)}`;
        })
      : 'No issue is open.',
  ];
  const blocks: Block[] = [section(`:sunrise: *${showDay(f.today)}*`), ...parts.map((text) => section(text))];
  const counts = `${plural(f.blockers.length, 'blocker')} and ${plural(f.issues.length, 'issue')} open`;
  const ended = `${plural(f.ended.length, 'release')} ended since ${showDay(f.since)}`;
  return { text: `${showDay(f.today)}: ${ended}, ${counts}`, blocks };
}

const plural = (n: number, word: string) => `${n} ${word}${n === 1 ? '' : 's'}`;

/** How the slots since then ended; what was missed by name, for nobody else says it aloud. */
function slotsSay(slots: DayFacts['slots']): string {
  const of = (outcome: DayFacts['slots'][number]['outcome']) => slots.filter((s) => s.outcome === outcome);
  const [done, late, missed, cancelled] = [of('done'), of('late'), of('missed'), of('cancelled')];
  const named = missed.slice(0, NAMED).map((s) => `${escapeText(s.product)} ${s.when}`);
  if (missed.length > NAMED) named.push(`and ${missed.length - NAMED} more`);
  const toKeep = slots.length - cancelled.length;
  const said = [
    toKeep ? `${done.length} of ${plural(toKeep, 'slot')} kept` : 'no slot was to be kept',
    late.length && `${late.length} late`,
    missed.length && `${missed.length} missed (${named.join(', ')})`,
    cancelled.length && `${cancelled.length} cancelled`,
  ];
  return `:calendar: *Cadence*: ${said.filter(Boolean).join(', ')}`;
}

function triageSays({ reported, recreated, ticketed }: DayFacts['triage']): string {
  if (!reported && !recreated && !ticketed) return ':beetle: Triage is empty.';
  return `:beetle: In triage: ${reported} reported, ${recreated} recreated, ${ticketed} ticketed.`;
}

function coverageSays(c: DayFacts['coverage']): string {
  if (!c?.areas) return '';
  return `\n:world_map: Regression this month: ${c.covered} of ${c.areas} areas covered (${Math.floor((c.covered / c.areas) * 100)} %).`;
}

function dueSays(due: string | null, today: string): string {
  if (!due) return '';
  return due < today ? ` :warning: overdue since ${showDay(due)}` : `, due ${due === today ? 'today' : showDay(due)}`;
}

/** The week's line in #releases: what became of its slots, what went live, and the catch rate with its definition (R25). */
export function weeklyLine(f: WeekFacts): Drawing {
  const { cadence } = f;
  // Cancelled slots were not to be kept: `/release list` counts the same way.
  const slots = cadence ? cadence.done + cadence.late + cadence.missed : 0;
  const kept = cadence
    ? `:calendar: Cadence: ${slots ? `${cadence.done} of ${plural(slots, 'slot')} kept, ${cadence.late} late, ${cadence.missed} missed` : 'no slot was to be kept'}, ${cadence.cancelled} cancelled`
    : null;
  const emergencies = f.emergencies ? `, ${f.emergencies} of them emergencies` : '';
  const back = f.rolledBack ? `; ${f.rolledBack} rolled back` : '';
  const lines = [
    kept,
    `:rocket: ${f.live} went live${emergencies}${back}`,
    `:goal_net: Bugs: ${rateSays(f.caught)}`,
    f.prodIssues ? `:rotating_light: ${f.prodIssues} prod issue${f.prodIssues === 1 ? '' : 's'} declared` : null,
  ].filter((line) => line !== null);
  const week = `${showDay(f.monday)} to ${showDay(addDays(f.next, -1))}`;
  const blocks = [section(`*Last week*, ${week}\n${lines.join('\n')}`), context(DEFINITION)];
  return { text: `Last week, ${week}: ${f.live} went live, bugs: ${rateSays(f.caught)}`, blocks };
}
