import type { Refusal } from '../base/errors.ts';
import { GitHubError } from '../base/github.ts';
import type { BotDeps } from './deps.ts';

/** A person waits for the answer, and Slack waits 3 s at most. */
const PATIENCE_MS = 1500;

/**
 * Looks a commit up on GitHub before it is named. @returns its verified tree (R3); a refusal when the repository has no such
 * commit; nothing when GitHub is not set up, slow, limited or out of order: then the act goes on, and a job asks later.
 */
export async function lookUp(
  deps: BotDeps,
  product: string,
  commit: string,
): Promise<{ verifiedTree?: string } | Refusal> {
  const repo = deps.policy.products.find((p) => p.key === product)?.repo;
  if (!deps.github || !repo) return {};
  try {
    const found = await deps.github.commit(repo, commit, PATIENCE_MS);
    if (found) return { verifiedTree: found.tree };
    return {
      code: 'no_such_commit',
      reason: `GitHub has no commit \`${commit}\` in ${repo}`,
      next: 'Push it first, or check the hash (more of its digits help when several commits begin like that).',
    };
  } catch (err) {
    if (!(err instanceof GitHubError)) throw err;
    deps.log.info({ err, repo, commit }, 'a commit could not be looked up: going on without');
    return {};
  }
}
