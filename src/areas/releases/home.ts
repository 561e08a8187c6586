import type { Actor } from '../../base/actor.ts';
import { tellRefusal } from '../../base/answer.ts';
import { actions, context, header, section } from '../../base/elements.ts';
import type { Refusal } from '../../base/errors.ts';
import { escapeText, truncate } from '../../base/mrkdwn.ts';
import type { Policy } from '../../base/policy.ts';
import type { Block, View } from '../../base/slack.ts';
import { nameOf, shipWaits, stateLine } from './blocks.ts';
import { button } from './elements.ts';
import { counted, current, EYES_NEEDED, ineligible, openHolds, present, reviewOwed, short, stale } from './facts.ts';
import { obstacles } from './gate-rules.ts';
import { threadLink } from './lines.ts';
import { forbidden } from './rules.ts';
import { STATE_SAYS } from './table.ts';
import type { Facts, Stage } from './types.ts';

/** What one release needs of one person now, as a sentence without its subject, or null. */
export function needs(f: Facts, actor: Actor, policy: Policy, now: Date): string | null {
  const { release } = f;
  const mayPush = actor.id === release.manager || actor.roles.has('admin');
  const hold = openHolds(f).find((h) => h.person === actor.id);
  if (hold && !hold.reason) return 'your hold has no reason yet';
  if (hold) return 'your hold is still set';
  if (release.state === 'approved' && mayPush) {
    const first = shipWaits(f, policy, now);
    return first.length ? `approved: it waits for ${first.join(', ')}, then ship it` : 'approved: ship it';
  }
  if (release.state === 'shipping' && mayPush) return 'is it live?';
  if (ineligible(f, actor, policy.review)) return null;
  if (reviewOwed(f) && release.onOne !== actor.id) return 'shipped on one: your review is wanted';
  const stage: Stage = release.state === 'verifying' ? 'production' : 'candidate';
  const here = present(f, stage, policy.review, now);
  const signed = counted(f, stage).some((s) => s.person === actor.id);
  if (release.state === 'waiting') return here.includes(actor.id) ? null : 'your eyes are wanted';
  if (release.state !== 'testing' && release.state !== 'verifying') return null;
  const before = obstacles(f, stage, { ciGates: policy.testing.ciGates });
  if (signed || before.some(({ refusal }) => refusal.code === 'held' || refusal.code === 'lost')) return null;
  const need = checking(f, actor, stage, here);
  return need && before.length ? `${need}; sign-offs wait for ${before.map((o) => o.waits).join(', ')}` : need;
}

/** What a tester of `stage` is to do who has not signed it off. @param here who is there now */
function checking(f: Facts, actor: Actor, stage: Stage, here: readonly string[]): string | null {
  const production = stage === 'production';
  if (stale(f, stage).some((s) => s.signOff.person === actor.id)) return 'still LGTM?';
  if (here.includes(actor.id)) return production ? 'check production and sign off' : 'test it and sign off';
  if (here.length >= EYES_NEEDED) return null;
  return production ? 'your eyes are wanted in production' : 'your eyes are wanted';
}

const marked = (f: Facts) => `${f.release.kind === 'emergency' ? ':rotating_light: ' : ''}${threadLink(f)}`;
/** A release that has ended, in one line; an open one shows its state as on the card. */
const endedLine = (f: Facts) => `${marked(f)} — ${STATE_SAYS[f.release.state]}`;

/**
 * App Home: what needs me today, the open releases, the last ten. At most 100 blocks whatever there is.
 * @param owing those that shipped on one pair of eyes and owe a review
 * @param lines a line of mrkdwn each: `others`, what other things than releases need of this person; `today`, what holds for everybody, such as who is on duty
 */
export function home(
  actor: Actor,
  { open, ended, owing }: Record<'open' | 'ended' | 'owing', readonly Facts[]>,
  { others, today }: Record<'others' | 'today', readonly string[]>,
  policy: Policy,
  now: Date,
): View {
  const mine = [...open, ...owing.filter((f) => !open.some((o) => o.release.id === f.release.id))]
    .map((f) => ({ f, need: needs(f, actor, policy, now) }))
    .filter((x) => x.need !== null);
  const blocks: Block[] = [header('What needs me today')];
  if (today.length) blocks.push(context(today.join('\n')));
  if (!mine.length && !others.length) blocks.push(section('Nothing right now. :sparkles:'));
  for (const { f, need } of mine.slice(0, 20)) blocks.push(section(`${threadLink(f)} — *${need}*`));
  if (mine.length > 20) blocks.push(context(`and ${mine.length - 20} more releases`));
  for (const line of others.slice(0, 20)) blocks.push(section(line));
  if (others.length > 20)
    blocks.push(context(`and ${others.length - 20} more: \`/bug list\`, \`/issue list\`, \`/thread list\``));
  blocks.push({ type: 'divider' }, header('Open releases'));
  if (!open.length) blocks.push(section('None.'));
  for (const f of open.slice(0, 20)) blocks.push(section(`${marked(f)}\n${stateLine(f, policy, now)}`));
  if (open.length > 20) blocks.push(context(`and ${open.length - 20} more`));
  if (!forbidden('open', actor, null)) blocks.push(actions([button('start', 'Open a release', 'open')]));
  blocks.push({ type: 'divider' }, header('The last ten'));
  blocks.push(section(ended.length ? ended.slice(0, 10).map(endedLine).join('\n') : 'None yet.'));
  blocks.push(
    context('`/release help` lists every command; so do `/bug help`, `/issue help`, `/thread help` and `/funds help`.'),
  );
  return { type: 'home', blocks };
}

/** The App Home of somebody who is shown nothing. */
export function homeOfStranger(refusal: Refusal): View {
  return { type: 'home', blocks: [section(tellRefusal(refusal).text)] };
}

/** `/release list`: the open ones and the last ten, as mrkdwn under Slack's 3000 characters a block. @param cadence slots and freezes, mrkdwn; may be empty */
export function list(
  open: readonly Facts[],
  ended: readonly Facts[],
  policy: Policy,
  now: Date,
  cadence = '',
): { text: string; blocks: Block[] } {
  const lines = open.slice(0, 20).map((f) => `${marked(f)}\n${stateLine(f, policy, now)}`);
  const rest = open.length > 20 ? [`… and ${open.length - 20} more`] : [];
  const blocks = [
    ...(cadence ? [section(truncate(cadence, 2900))] : []),
    section('*Open releases*'),
    ...(lines.length
      ? [...lines, ...rest].map((l) => section(truncate(l, 2900)))
      : [section('None. Open one with `/release open`.')]),
    section('*The last ten*'),
    section(ended.length ? truncate(ended.slice(0, 10).map(endedLine).join('\n'), 2900) : 'None yet.'),
  ];
  const names = open.map((f) => `${escapeText(nameOf(f))} (${short(current(f).commit)}) ${f.release.state}`);
  return { text: `${open.length} open: ${truncate(names.join(', ') || 'none', 2000)}`, blocks };
}
