// What releases, blockers and prod issues have waiting, in the words of reminders (R23). What counts as waiting is decided by those areas' own rules.

import type { NearSlot } from '../areas/cadence/rules.ts';
import type { SlotRow } from '../areas/cadence/types.ts';
import {
  counted,
  current,
  EYES_NEEDED,
  inWatch,
  openHolds,
  present,
  REVIEW_MS,
  reviewOwed,
  SIGN_OFFS_NEEDED,
  watchEnd,
} from '../areas/releases/facts.ts';
import type { Facts, Stage } from '../areas/releases/types.ts';
import type { Item, Kind } from '../areas/reminders/types.ts';
import type { HomeBug } from '../areas/triage/home.ts';
import type { Listed } from '../areas/triage/prod-types.ts';
import { button } from '../base/elements.ts';
import { showId } from '../base/ids.ts';
import { date, escapeText, mention, truncate } from '../base/mrkdwn.ts';
import type { Policy } from '../base/policy.ts';
import { OPEN_STATES } from '../base/release.ts';

/** What is known beside the things themselves. */
export interface Around {
  policy: Policy;
  now: Date;
  /** Who is on duty today; empty where nobody says. */
  duty: readonly string[];
  slots: readonly DutySlot[];
}

/** A slot, and who is on duty on its day. */
export type DutySlot = NearSlot & { duty: readonly string[] };

type Bare = Pick<Item, 'kind' | 'text' | 'since' | 'people' | 'owner'> & Partial<Item>;

/** What one release has waiting, for whom. Without slots (no cadence), eyes are missed an hour after it began to wait. */
export function releaseItems(f: Facts, around: Around): Item[] {
  const { release } = f;
  const { admins } = around.policy.workspace.channels;
  const item = (bare: Bare): Item => ({
    subject: showId('REL', release.id),
    url: f.thread.url,
    thread: { id: release.threadId, channel: f.thread.channel },
    until: null,
    due: null,
    day: null,
    instead: standIns(f, around),
    ...bare,
  });
  return [
    ...eyes(f, around),
    ...signing(f, around, 'candidate'),
    ...signing(f, around, 'production'),
    ...heldUp(f, admins),
    ...after(f, around),
  ].map(item);
}

/** R24: who hears where whose release it is is gone, or away. @param not who did their part already */
function standIns(f: Facts, { policy, duty }: Around, not: readonly string[] = []): string[][] {
  const { opsOwner } = f.release;
  const groups = [opsOwner ? [opsOwner] : [], duty, [policy.workspace.channels.admins]];
  return groups.map((ids) => ids.filter((id) => !not.includes(id))).filter((ids) => ids.length);
}

function name(f: Facts): string {
  return `*${escapeText(`${f.release.product} ${f.release.version}`)}*`;
}

const HOUR_MS = 3_600_000;

function eyes(f: Facts, around: Around): Bare[] {
  const { policy, now, duty, slots } = around;
  const { release } = f;
  const here = present(f, 'candidate', policy.review, now);
  const missing = EYES_NEEDED - here.length;
  if (release.state !== 'waiting' || missing < 1 || openHolds(f).length) return [];
  const instead = standIns(f, around, here);
  const asked = (on: readonly string[]) => [...new Set([...on, release.manager])].filter((id) => !here.includes(id));
  const sets = missing === 1 ? 'one set of eyes is' : 'two sets of eyes are';
  if (policy.cadence && release.kind === 'scheduled') {
    const ahead = slots.filter((s) => s.product === release.product);
    return beforeSlots(ahead, `${name(f)}: ${sets} missing`, asked, policy.team.zone).map((i) => ({ ...i, instead }));
  }
  const since = release.stateSince;
  if (now.getTime() - since.getTime() < HOUR_MS) return [];
  const text = `${name(f)}: ${sets} missing. Who can look?`;
  return [{ kind: 'eyes', text, since, people: asked(duty), owner: null, instead }];
}

/** So many slots after the one that it is about are named. */
const NAMED = 3;

/**
 * What is missing before the slots ahead. Who is asked for one reads there when the next of that day are, and is asked for each of those once it is the
 * nearest; of a later one hears at once only who is not asked for a nearer one. @param asked whom to ask, of who is on duty
 */
function beforeSlots(
  ahead: readonly DutySlot[],
  missing: string,
  asked: (duty: readonly string[]) => string[],
  zone: string,
): Bare[] {
  const at = (slot: DutySlot) => date(slot.at, zone);
  const heard = new Set<string>();
  return ahead.flatMap((slot, i): Bare[] => {
    const people = asked(slot.duty).filter((id) => !heard.has(id));
    for (const id of people) heard.add(id);
    if (!people.length) return [];
    // The last of them is the one more than a day has.
    const later = ahead
      .slice(i + 1, -1)
      .slice(0, NAMED)
      .map(at)
      .join(', ');
    const when = `${i ? 'one of its slots' : 'its slot'} begins ${at(slot)}${later && ` (the next: ${later})`}`;
    const text = `${missing}, and ${when}. Who can look?`;
    return [{ kind: 'eyes', text, since: slot.from, until: slot.at, ofSlot: true, people, owner: null }];
  });
}

/**
 * A slot for which no release is open, once a third of the time from its proposal to its beginning is over (R9): time enough to open one, or to say
 * that nothing goes out. @param products those it has nothing for; `before`: a link to the one that is to be done first @param to who is on duty on its day, else a channel
 */
export function slotItem(
  slot: SlotRow,
  products: readonly { key: string; name: string; before: string | null }[],
  to: readonly string[],
  zone: string,
): Item {
  const names = products.map((p) => `*${escapeText(p.name)}*`).join(', ');
  const time = slot.at.getTime() - slot.proposedAt.getTime();
  const [first, ...more] = products;
  const alone = first && !more.length ? first.key : null;
  const before = products.flatMap((p) => (p.before ? [p.before] : []));
  // Links are not cut: half of one would show its address.
  const others = before.length > 3 ? ` and ${before.length - 3} more` : '';
  const befores = before.length
    ? `Not done yet, to be finished first: ${before.slice(0, 3).join(', ')}${others}. `
    : '';
  const buttons = alone !== null && [
    ...(before.length ? [] : [button('cadence_open', 'Open a release', alone)]),
    button('cadence_skip', 'Nothing goes out', `${slot.id}:${alone}`),
  ];
  return {
    kind: 'slot',
    subject: showId('SLOT', slot.id),
    text: `no release of ${truncate(names, 300)} is open for the slot of ${date(slot.at, zone)}. ${befores}Open one, or say that nothing goes out${alone === null ? ": the slot's message in the channel has the buttons" : ''}.`,
    url: null,
    thread: null,
    since: new Date(slot.proposedAt.getTime() + Math.floor(time / 3)),
    until: slot.until,
    ofSlot: true,
    due: null,
    day: null,
    people: to,
    owner: null,
    ...(buttons && { buttons }),
  };
}

/** Sign-offs pending on the candidate, and the production check after shipping. */
function signing(f: Facts, { policy, now }: Around, stage: Stage): Bare[] {
  const { release } = f;
  if (release.state !== (stage === 'candidate' ? 'testing' : 'verifying')) return [];
  if (openHolds(f).length || (stage === 'candidate' && f.blockers.length)) return [];
  const signed = counted(f, stage).map((s) => s.person);
  const missing = SIGN_OFFS_NEEDED - signed.length;
  const here = f.presences.filter((p) => p.stage === stage && present(f, stage, policy.review, now).includes(p.person));
  const idle = here.filter((p) => !signed.includes(p.person));
  if (stage === 'candidate') {
    // From when there was nothing else to wait for: testing began, the candidate was named, they came.
    return idle.map((p) => {
      const since = new Date(Math.max(release.stateSince.getTime(), current(f).namedAt.getTime(), p.since.getTime()));
      const text = `${name(f)} waits for ${mention(p.person)}'s sign-off. Once tested: \`/release lgtm\` or the button; otherwise step away.`;
      return { kind: 'sign_off', text, since, people: [p.person], owner: release.manager };
    });
  }
  const before = counted(f, 'candidate')
    .map((s) => s.person)
    .filter((id) => !signed.includes(id));
  const people = idle.length ? idle.map((p) => p.person) : before.length ? before : [release.manager];
  const lacks = missing === 1 ? 'one sign-off' : 'two sign-offs';
  const text = `${name(f)} is live since ${date(release.stateSince, policy.team.zone)}, and production lacks ${lacks}: look at it and verify.`;
  return [{ kind: 'production_check', text, since: release.stateSince, people, owner: release.manager }];
}

/** People's holds, one by one; what an emergency holds goes with it. */
function heldUp(f: Facts, admins: string): Bare[] {
  const open = (OPEN_STATES as readonly string[]).includes(f.release.state);
  const mine = open ? openHolds(f).filter((h) => h.emergencyId === null) : [];
  return mine.map((h) => {
    const why = h.reason ? ` (${escapeText(truncate(h.reason, 150))})` : '';
    const text = `${name(f)}: ${mention(h.person)}'s hold${why} is still set. Lift it, or say in the thread what it waits for.`;
    // Who set it, the manager and the admins lift it, nobody else.
    const instead = [[admins]];
    return { kind: 'hold', text, since: h.setAt, people: [h.person], owner: f.release.manager, instead };
  });
}

function after(f: Facts, { policy, now, duty }: Around): Bare[] {
  const { release } = f;
  const { zone } = policy.team;
  const found: Bare[] = [];
  if (release.state === 'done' && release.doneAt && inWatch(f, now)) {
    const end = watchEnd(f, now) as Date;
    const text = `${name(f)} is live and watched until ${date(end, zone)}: look at errors and at what users say. The answer to a broken critical function is to roll back.`;
    const watch: Bare = {
      kind: 'watch',
      text,
      since: release.doneAt,
      until: end,
      people: [release.manager],
      owner: null,
    };
    found.push(watch);
  }
  if (reviewOwed(f) && release.reviewDueAt && release.onOne && release.shippedAt) {
    const on = duty.filter((id) => id !== release.onOne);
    const people = on.length ? on : [release.opsOwner ?? release.manager];
    const late = now >= release.reviewDueAt ? 'was due' : 'is due';
    const text = `${name(f)} was shipped on one sign-off (${mention(release.onOne)}'s), and the review by a second operator ${late} ${date(release.reviewDueAt, zone)}: \`/release review\`.`;
    const since = new Date(release.reviewDueAt.getTime() - REVIEW_MS);
    const { admins } = policy.workspace.channels;
    found.push({ kind: 'emergency_review', text, since, due: release.reviewDueAt, people, owner: admins });
  }
  return found;
}

/** What one open blocker has waiting. @param managers of its product's open releases, the oldest first */
export function blockerItem(
  { bug, url, news }: HomeBug,
  channel: string | null,
  managers: readonly string[],
  policy: Policy,
): Item {
  const title = escapeText(truncate(bug.title, 150));
  const { admins } = policy.workspace.channels;
  const common = {
    subject: showId('BUG', bug.id),
    url,
    thread: bug.threadId === null || channel === null ? null : { id: bug.threadId, channel },
    until: null,
    due: null,
    day: null,
  };
  if (bug.owner === null) {
    const people = managers.length ? managers : [admins];
    const text = `the blocker "${title}" has no owner: take it, or say whose it is.`;
    return { ...common, kind: 'blocker_owner', text, since: bug.reportedAt, people, owner: admins };
  }
  const owner = managers[0] ?? admins;
  const text = `nothing was heard of the blocker "${title}" since ${date(news, policy.team.zone)}. How far is it?`;
  return { ...common, kind: 'blocker_news', text, since: news, people: [bug.owner], owner, instead: [[admins]] };
}

/** The review that a resolved prod issue owes; undefined when it owes none. */
export function prodItem(i: Listed, policy: Policy): Item | undefined {
  if (i.state !== 'resolved' || !i.resolvedAt) return undefined;
  const kind: Kind = 'prod_review';
  return {
    kind,
    subject: showId('PI', i.id),
    text: `${escapeText(truncate(i.title, 150))}: it is resolved, and its review is owed: four questions, answered while they are fresh.`,
    url: i.url,
    thread: null,
    since: i.resolvedAt,
    until: null,
    due: null,
    day: null,
    people: [i.owner ?? i.declaredBy],
    owner: policy.workspace.channels.admins,
  };
}
