import type { Actor } from '../../base/actor.ts';
import type { Done } from '../../base/answer.ts';
import { button, actions as row, section } from '../../base/elements.ts';
import { showId } from '../../base/ids.ts';
import { escapeText, mention, truncate } from '../../base/mrkdwn.ts';
import { answered, type Cause, madeBefore, once } from '../../db/act.ts';
import { record } from '../../db/audit.ts';
import type { Tx } from '../../db/client.ts';
import { post } from '../../db/outbox.ts';
import { bugs } from '../../db/schema/triage.ts';
import { beginBugThread, channelOf, follow, propose } from './actions.ts';
import { type BugAnswer, refused } from './answers.ts';
import { firstState } from './common-rules.ts';
import type { Deps } from './deps.ts';
import { computedPriority, hitsMoney } from './priority.ts';
import { declareProdIssue } from './prod-actions.ts';
import { NEVER_LIVE, whyProd } from './prod-rules.ts';
import type { Faults, Report } from './report.ts';
import { forbidden } from './rules.ts';
import { loadBug, type ReleaseRef, releasesFor, watchedAt, writeBug } from './store.ts';
import type { Bug, BugFacts } from './types.ts';

export type Reported = BugAnswer & { faults?: Faults };

/**
 * Reports a bug, once per cause: its row, its thread with the card, and who is asked what. A blocking one stops the product's releases at once (R11, R13).
 * @returns the private answer; `faults` when the report's release is not to be found, by field
 */
export async function report(deps: Deps, cause: Cause, actor: Actor, r: Report): Done<Reported> {
  return answered(deps.db, cause, async (tx): Promise<Reported> => {
    const no = forbidden('report', actor);
    if (no) return refused(no);
    const on = await releaseOf(tx, r, deps.clock());
    if ('fault' in on) {
      const next = 'Name it by its version or id, or say that it was found in production.';
      return { ...refused({ code: 'release', reason: on.fault, next }), faults: { release: `${on.fault}. ${next}` } };
    }
    if (await madeBefore(tx, cause)) return { outcome: 'already', text: 'It is reported already.' };
    if (!on.notLive) return insert(tx, deps, cause, actor, r, on.release);
    const answers = { ...r.answers, release: `${r.product} ${on.notLive}` };
    return insert(tx, deps, cause, actor, { ...r, answers }, on.release);
  });
}

/**
 * The release a report is about. Found on a candidate it must be one; in production it is the one that is named, or else the one being watched, if any.
 * @returns `notLive`: the version that a report from production names though it never was live, so that it is as if none was named (R25)
 */
async function releaseOf(
  tx: Tx,
  { product, release, candidateId, foundIn }: Report,
  now: Date,
): Promise<{ release: ReleaseRef | null; notLive?: string } | { fault: string }> {
  const named = release.id !== undefined || release.version !== undefined;
  if (!named && foundIn === 'production') return { release: await watchedAt(tx, product, now) };
  const found = await releasesFor(tx, { product, ...release, candidateId });
  const [one] = found;
  if (!one) return { fault: named ? `there is no such release of ${product}` : `no release of ${product} is open` };
  if (!named && found.length > 1)
    return { fault: `which release: ${found.map((x) => `${x.version} (${showId('REL', x.id)})`).join(' or ')}` };
  if (foundIn === 'production' && NEVER_LIVE.includes(one.state))
    return { release: await watchedAt(tx, product, now), notLive: one.version };
  return { release: one };
}

/** What the reporter says they did counts as theirs to say: recreating and trying are for those whose act it is (permissions). */
function firstFacts(r: Report, actor: Actor, release: ReleaseRef | null, now: Date) {
  const recreated = r.recreatedBy === actor.id && !forbidden('recreate', actor);
  const tried = r.inProduction !== 'not_yet' && (r.foundIn === 'production' || !forbidden('tried', actor));
  return {
    product: r.product,
    releaseId: release?.id ?? null,
    candidateId: release && r.foundIn === 'candidate' ? release.candidateId : null,
    foundIn: r.foundIn,
    title: r.title,
    steps: r.steps,
    answers: r.answers,
    reporter: actor.id,
    reportedAt: now,
    link: r.link,
    blocking: r.blocking,
    owner: r.blocking ? (release?.manager ?? null) : null,
    recreatedBy: recreated ? actor.id : null,
    recreatedAt: recreated ? now : null,
    inProduction: tried ? r.inProduction : ('not_yet' as const),
    triedBy: tried ? actor.id : null,
    triedAt: tried ? now : null,
    priority: computedPriority(r.answers),
    ticket: null,
  };
}

async function insert(
  tx: Tx,
  deps: Deps,
  cause: Cause,
  actor: Actor,
  r: Report,
  release: ReleaseRef | null,
): Promise<Reported> {
  const now = deps.clock();
  const known = firstFacts(r, actor, release, now);
  const state = firstState(known);
  const [row_] = await tx
    .insert(bugs)
    .values({ ...known, state, blocking: false })
    .returning();
  const bug = row_ as Bug;
  const channel = channelOf(deps.policy, r.blocking);
  const threadId = await beginBugThread(tx, channel, bug, now);
  await writeBug(tx, bug.id, { threadId, ...(r.blocking && { blocking: true }) });
  const id = showId('BUG', bug.id);
  const { releaseId, candidateId, foundIn, blocking, inProduction, recreatedBy } = known;
  const data = {
    product: r.product,
    title: r.title,
    releaseId,
    candidateId,
    foundIn,
    blocking,
    inProduction,
    recreatedBy,
  };
  await record(tx, cause, { verb: 'report', subject: id, data: { ...data, state, answers: r.answers } }, now);
  // What users meet in production needs no second opinion to be looked at; a blocker's way there is R12's proposal.
  const hits = { money: hitsMoney(r.answers), keyFeature: Boolean(r.answers.feature) };
  const why = inProduction === 'yes' && !r.blocking ? whyProd(hits) : null;
  const about = { bugId: bug.id, product: r.product, title: r.title };
  const prodId = why && (await declareProdIssue(tx, deps, cause, actor, { ...about, why }));
  const f = (await loadBug(tx, bug.id)) as BugFacts;
  await propose(tx, f);
  await askOthers(tx, r, f, actor.id);
  await follow(tx, f, r.blocking);
  const where = r.blocking ? 'It stops its releases until it is looked at' : 'It holds no release up';
  const on = f.found ? `, found on \`${f.found.commit.slice(0, 7)}\` of ${escapeText(f.found.release)},` : '';
  const text = `:white_check_mark: Reported *${id}* (${bug.priority})${on} in <#${channel}>: ${escapeText(truncate(r.title, 150))}. ${where}.${prodId ? ` It is the prod issue *${showId('PI', prodId)}*.` : ''}`;
  // The form closes without a word; this says what became of it.
  await post(tx, { role: 'dm', target: actor.id, text });
  return { outcome: 'accepted', text, bugId: bug.id };
}

/** Offers the form to somebody who reacted with :bug: to a message, privately and once per message. @param url of the message */
export async function offerForm(
  deps: Deps,
  person: string,
  on: { channel: string; ts: string; url: string | null },
): Promise<{ repeated: boolean }> {
  const { channel, ts, url } = on;
  const now = deps.clock();
  const cause: Cause = {
    key: `bug-offer:${channel}:${ts}:${person}`,
    source: 'reaction',
    actor: person,
    eventTime: now,
  };
  const { repeated } = await once(deps.db, cause, async (tx) => {
    const text = `:bug: Is ${url ? `<${url}|this message>` : 'that message'} about a bug? The form is filled in with what it says.`;
    const open = button('bug_offer', 'Report a bug', `${channel}:${ts}`, { style: 'primary' });
    await post(tx, { role: 'dm', target: person, text, blocks: [section(text), row([open])] });
    return {};
  });
  return { repeated };
}

/** Somebody who is said to have recreated it says so by a tap; an owner hears of it. */
async function askOthers(tx: Tx, r: Report, f: BugFacts, reporter: string): Promise<void> {
  const { bug } = f;
  const name = `*${showId('BUG', bug.id)}* (${escapeText(truncate(bug.title, 150))})`;
  if (r.recreatedBy && r.recreatedBy !== reporter) {
    const text = `${mention(reporter)} says you recreated ${name}. Is that so?`;
    const yes = button('bug_recreate', 'I recreated it', `${bug.id}`, { style: 'primary' });
    await post(tx, { role: 'dm', target: r.recreatedBy, text, blocks: [section(text), row([yes])] });
  }
  if (bug.owner && bug.owner !== reporter) {
    const text = `:no_entry: ${name} blocks ${f.release ? escapeText(f.release.name) : escapeText(bug.product)} and is yours: recreate it, try it in production, get it fixed.`;
    await post(tx, { role: 'dm', target: bug.owner, text });
  }
}
