import { and, eq, inArray, ne, sql } from 'drizzle-orm';
import { type Actor, SHIPSHAPE } from '../../base/actor.ts';
import type { Done } from '../../base/answer.ts';
import type { Refusal } from '../../base/errors.ts';
import { parseId, showId } from '../../base/ids.ts';
import { mention } from '../../base/mrkdwn.ts';
import { OPEN_STATES } from '../../base/release.ts';
import { answered, type Cause } from '../../db/act.ts';
import { record } from '../../db/audit.ts';
import type { Tx } from '../../db/client.ts';
import { addJob, post, refreshCards } from '../../db/outbox.ts';
import { threads } from '../../db/schema/core.ts';
import { releases } from '../../db/schema/releases.ts';
import { beginThread } from '../../db/threads.ts';
import { type Deps, follow, perform } from './actions.ts';
import { accepted, type ReleaseAnswer, refused } from './answers.ts';
import { details } from './details.ts';
import { current } from './facts.ts';
import { prodIssueOf } from './gate.ts';
import type { Opening } from './opening.ts';
import { forbidden } from './rules.ts';
import { addCandidate, loadFacts } from './store.ts';
import type { Facts } from './types.ts';

/**
 * Opens a release: its row, first candidate and thread (R24: the manager is responsible), the card and the details behind it. An emergency holds the
 * product's open scheduled release; a scheduled one opened beside an emergency waits for it (R9). Once per cause; one per version and kind.
 * @param verifiedTree the commit's tree, when GitHub confirmed it (R3)
 */
export async function open(
  deps: Deps,
  cause: Cause,
  actor: Actor,
  o: Opening,
  verifiedTree: string | null = null,
): Done<ReleaseAnswer> {
  return answered(deps.db, cause, async (tx) => {
    const no = forbidden('open', actor, null);
    if (no) return refused(no);
    const unknown = await noProdIssue(tx, o);
    if (unknown) return refused(unknown);
    const made = await insert(tx, deps, actor, o, verifiedTree);
    if ('code' in made) return refused(made);
    return announce(tx, deps, cause, actor, made.id);
  });
}

async function insert(
  tx: Tx,
  deps: Deps,
  actor: Actor,
  o: Opening,
  verifiedTree: string | null,
): Promise<{ id: number } | Refusal> {
  const now = deps.clock();
  const channel = deps.policy.workspace.channels.releases;
  // One at a time per product: a scheduled release and an emergency opened at the same moment would not see each other (R9).
  await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${`open:${o.product}`}, 2))`);
  const taken = await conflict(tx, o);
  if (taken) return taken;
  const { version, manager: responsible } = o;
  const threadId = await beginThread(tx, {
    kind: 'release',
    title: `release ${version}`,
    responsible,
    channel,
    openedAt: now,
  });
  const { commit, ...rest } = o;
  const [release] = await tx
    .insert(releases)
    .values({
      ...rest,
      state: 'waiting',
      threadId,
      openedBy: actor.id,
      openedAt: now,
      stateSince: now,
    })
    .onConflictDoNothing()
    .returning({ id: releases.id });
  if (!release) {
    // Somebody else opened it between the look and the insert: theirs is committed now. The thread row must go with this one.
    await tx.delete(threads).where(eq(threads.id, threadId));
    return (
      (await conflict(tx, o)) ?? {
        code: 'conflict',
        reason: 'somebody opened a release at the same moment',
        next: 'See `/release list`.',
      }
    );
  }
  await addCandidate(tx, { releaseId: release.id, commit, tree: null, verifiedTree, namedBy: actor.id, namedAt: now });
  return release;
}

/** A prod issue of ours must exist, and be of the product. */
async function noProdIssue(tx: Tx, o: Opening): Promise<Refusal | null> {
  const named = parseId(o.prodIssue ?? '');
  if (named?.prefix !== 'PI' || (await prodIssueOf(tx, named.id)) === o.product) return null;
  const reason = `there is no prod issue ${showId('PI', named.id)} of ${o.product}`;
  return { code: 'no_prod_issue', reason, next: 'See `/bug prod list`, or give a link.' };
}

async function conflict(tx: Tx, o: Opening): Promise<Refusal | null> {
  const other = await tx
    .select({ id: releases.id, version: releases.version, state: releases.state })
    .from(releases)
    .where(and(eq(releases.product, o.product), eq(releases.kind, o.kind), inArray(releases.state, [...OPEN_STATES])));
  // Read last: a twin that is committed between the two reads is then told apart as the same version.
  const same = await tx
    .select({ id: releases.id, version: releases.version, state: releases.state })
    .from(releases)
    .where(and(eq(releases.product, o.product), eq(releases.version, o.version), ne(releases.state, 'cancelled')));
  if (same[0]) {
    const next = (OPEN_STATES as readonly string[]).includes(same[0].state)
      ? `Look at it with \`/release status ${o.product} ${o.version}\`; a new commit is named with \`/release candidate\`.`
      : 'Give the new one its own version.';
    return {
      code: 'version_taken',
      reason: `${o.product} ${o.version} exists already (${showId('REL', same[0].id)})`,
      next,
    };
  }
  if (other[0]) {
    const reason = `${o.product} ${other[0].version} is still open, and only one ${o.kind} release of a product is open at a time`;
    return {
      code: 'one_open',
      reason,
      next: `Finish it or cancel it first: \`/release status ${o.product} ${other[0].version}\`.`,
    };
  }
  return null;
}

async function announce(tx: Tx, deps: Deps, cause: Cause, actor: Actor, id: number): Promise<ReleaseAnswer> {
  const now = deps.clock();
  const f = (await loadFacts(tx, id)) as Facts;
  const { release, thread } = f;
  const { product, version, kind, manager, authors, reason, prodIssue } = release;
  const commit = f.candidates[0]?.commit;
  await record(
    tx,
    cause,
    {
      verb: 'open',
      subject: showId('REL', id),
      data: { product, version, kind, commit, manager, authors, reason, prodIssue },
    },
    now,
  );
  await post(tx, { role: 'card', target: thread.channel, threadId: release.threadId, subject: showId('REL', id) });
  await post(tx, { role: 'line', target: thread.channel, threadId: release.threadId, ...details(f, deps.policy) });
  await follow(tx, deps, f, now);
  await addJob(tx, 'changes', { candidateId: current(f).id });
  // R13: blockers of the product attach to it from its first moment.
  await perform(tx, deps, cause, SHIPSHAPE, id, { kind: 'tick' });
  await holdBehindEmergency(tx, deps, cause, f);
  // Its card names the emergencies opened for it.
  if (prodIssue && parseId(prodIssue)?.prefix === 'PI') await refreshCards(tx, prodIssue);
  const answer = accepted('ready', f, deps.policy.review, now);
  const self = manager === actor.id ? ' You are its manager.' : ` ${mention(manager)} is its manager.`;
  return {
    ...answer,
    text: `:white_check_mark: Opened *${product} ${version}* (\`${commit?.slice(0, 7)}\`) as ${showId('REL', id)} in <#${thread.channel}>. It waits for two sets of eyes.${self}`,
  };
}

/** R9: whichever of the two kinds is opened second, the scheduled release waits behind the emergency. */
async function holdBehindEmergency(tx: Tx, deps: Deps, cause: Cause, f: Facts): Promise<void> {
  const { release } = f;
  const other = release.kind === 'emergency' ? 'scheduled' : 'emergency';
  const [found] = await tx
    .select({ id: releases.id, version: releases.version })
    .from(releases)
    .where(
      and(eq(releases.product, release.product), eq(releases.kind, other), inArray(releases.state, [...OPEN_STATES])),
    )
    // An emergency that is cancelled at this moment must either be gone here, or find the hold that it has to lift.
    .for('update');
  if (!found) return;
  const emergency = release.kind === 'emergency' ? release : found;
  const held = release.kind === 'emergency' ? found : release;
  await perform(tx, deps, cause, SHIPSHAPE, held.id, {
    kind: 'emergency_opened',
    emergencyId: emergency.id,
    shown: emergency.version,
  });
}
