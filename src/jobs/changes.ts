import { type Deps, perform } from '../areas/releases/actions.ts';
import { authorsOf, changesOf, newSince } from '../areas/releases/changes.ts';
import { changesTold } from '../areas/releases/changes-blocks.ts';
import {
  type Asked,
  askedAbout,
  changesBefore,
  noteAsked,
  noteProblem,
  saveChanges,
  saveCommit,
} from '../areas/releases/changes-store.ts';
import { lockRelease } from '../areas/releases/store.ts';
import { labelFlags } from '../areas/testing/flag-rules.ts';
import { askByLabels } from '../areas/testing/flags.ts';
import type { Specs } from '../areas/testing/types.ts';
import { SHIPSHAPE } from '../base/actor.ts';
import { type Commit, type Comparison, type GitHub, GitHubError } from '../base/github.ts';
import { showId } from '../base/ids.ts';
import type { Logger } from '../base/log.ts';
import type { Product } from '../base/policy.ts';
import { type Cause, once } from '../db/act.ts';
import { record } from '../db/audit.ts';
import type { Tx } from '../db/client.ts';
import { addJob, post, refreshCards } from '../db/outbox.ts';
import { namesOf } from '../db/people.ts';

export interface ChangesDeps extends Deps {
  /** Absent: GitHub is not set up. */
  github?: GitHub;
  /** The products' test specs; absent where there are none. */
  specs?: Specs;
  log: Logger;
}

interface Job {
  deps: ChangesDeps;
  github: GitHub;
  candidateId: number;
  about: Asked;
  repo: string;
  product: Product;
}

/**
 * Asks GitHub about a candidate, once: its tree (R3), what it changes and who wrote that (R4). The thread lists the changes.
 * Of a candidate that is not the newest any more only the tree is wanted. What fails is said on the card and tried again,
 * after as long as GitHub asks for; no more when the release is over. @throws GitHubError for the queue's back-off
 */
export async function loadChanges(deps: ChangesDeps, candidateId: number): Promise<void> {
  const { github } = deps;
  const about = github && (await askedAbout(deps.db, candidateId));
  const product = about && deps.policy.products.find((p) => p.key === about.product);
  if (!github || !about || !product?.repo || about.loaded || (about.tree && !about.current)) return;
  const job: Job = { deps, github, candidateId, about, repo: product.repo, product };
  const subject = showId('REL', about.releaseId);
  if (about.current && (await noteAsked(deps.db, candidateId))) await refreshCards(deps.db, subject);
  try {
    const commit = await github.commit(job.repo, about.commit);
    if (!commit) throw new GitHubError('missing', `GitHub has no commit ${about.commit} in ${job.repo}`);
    if (!about.current) return await keep(job, commit, null, null);
    const { develop, production } = product.branches;
    const comparison = await github.compare(job.repo, production, commit.sha);
    const ahead = develop === production ? null : await github.ahead(job.repo, production, develop);
    await keep(job, commit, comparison, ahead);
  } catch (err) {
    if (!(err instanceof GitHubError)) throw err;
    await failed(job, err);
  }
}

async function failed({ deps, candidateId, about }: Job, err: GitHubError): Promise<void> {
  if (await noteProblem(deps.db, candidateId, err.message)) await refreshCards(deps.db, showId('REL', about.releaseId));
  if (['cancelled', 'rolled_back', 'done'].includes(about.state)) return;
  if (err.kind !== 'rate_limited') throw err;
  deps.log.warn({ err, candidateId, retryAfterMs: err.retryAfterMs }, 'GitHub limits us: asking later');
  const at = new Date(deps.clock().getTime() + err.retryAfterMs);
  await addJob(deps.db, 'changes', { candidateId }, { key: `changes:${candidateId}`, at });
}

/** Writes GitHub's answer and all that follows from it, in one transaction and once. */
async function keep(job: Job, commit: Commit, comparison: Comparison | null, ahead: number | null): Promise<void> {
  const { deps, candidateId, about } = job;
  const now = deps.clock();
  const key = `${comparison ? 'changes' : 'tree'}:${candidateId}`;
  const cause: Cause = { key, source: 'schedule', actor: SHIPSHAPE.id, eventTime: now };
  await once(deps.db, cause, async (tx) => {
    await lockRelease(tx, about.releaseId);
    const known = (await askedAbout(tx, candidateId))?.tree;
    await saveCommit(tx, candidateId, commit);
    const subject = showId('REL', about.releaseId);
    await record(tx, cause, { verb: 'commit_found', subject, data: { candidateId, ...commit } }, now);
    if (known !== commit.tree) {
      const verified = { kind: 'tree_verified', candidateId, tree: commit.tree } as const;
      await perform(tx, deps, cause, SHIPSHAPE, about.releaseId, verified);
      // R3: a run of a commit with this tree counts for the candidate too.
      await addJob(tx, 'run', { releaseId: about.releaseId });
    }
    if (comparison) await keepChanges(tx, job, cause, comparison, ahead, now);
    await refreshCards(tx, subject);
    // R14: what was found on this commit, of whichever release and in whatever state, blocks all that are the same code.
    if (known !== commit.tree) await addJob(tx, 'gates', { product: about.product }, { key: `gates:${about.product}` });
    return null;
  });
}

async function keepChanges(
  tx: Tx,
  { deps, candidateId, about, product }: Job,
  cause: Cause,
  comparison: Comparison,
  ahead: number | null,
  now: Date,
): Promise<void> {
  const { commits, total, whole, url } = comparison;
  const { people } = deps.policy.github;
  const changes = changesOf(commits, product.branches);
  const authors = authorsOf(commits, product.branches, people);
  const before = await changesBefore(tx, candidateId);
  await saveChanges(tx, candidateId, changes, ahead, now);
  const subject = showId('REL', about.releaseId);
  const data = { candidateId, changes: changes.length, commits: total, authors, developAhead: ahead };
  await record(tx, cause, { verb: 'changes_loaded', subject, data }, now);
  if (authors.length) {
    await perform(tx, deps, cause, SHIPSHAPE, about.releaseId, { kind: 'authors_known', authors });
  }
  const messages = changesTold({
    changes: before ? newSince(changes, before.changes) : changes,
    since: before?.commit ?? null,
    total: changes.length,
    unlisted: total - commits.length,
    commit: about.commit,
    production: product.branches.production,
    url,
    labels: product.labels,
    people,
    names: await namesOf(tx, authors),
  });
  // The thread may have moved to a new card since, and a newer candidate been named.
  const { threadId, channel, current } = (await askedAbout(tx, candidateId)) ?? about;
  for (const m of messages) await post(tx, { role: 'line', target: channel, threadId, ...m });
  const flags = labelFlags(
    changes.flatMap((c) => c.labels),
    product.labels.flag,
  );
  if (current) await askByLabels(tx, deps.specs ?? new Map(), cause, about.releaseId, { flags, whole }, now);
}
