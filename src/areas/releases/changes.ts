import type { CommitChange, PullRequest } from '../../base/github.ts';
import type { Product } from '../../base/policy.ts';

/** One change as people speak of it: a pull request, or a commit that came without one. */
export interface ReleaseChange {
  title: string;
  number: number | null;
  url: string | null;
  login: string | null;
  labels: string[];
}

/**
 * Commits as changes, in GitHub's order: all commits of a pull request are one, merges of branches are none.
 * @param commits oldest first
 */
export function changesOf(commits: readonly CommitChange[], branches: Product['branches']): ReleaseChange[] {
  const seen = new Set<number>();
  const changes: ReleaseChange[] = [];
  for (const commit of commits) {
    const pull = pullOf(commit, branches);
    if (!pull) {
      const login = commit.logins[0] ?? null;
      if (!commit.merge) changes.push({ title: commit.subject, number: null, url: commit.url, login, labels: [] });
    } else if (!seen.has(pull.number)) {
      seen.add(pull.number);
      const { title, number, url, login, labels } = pull;
      changes.push({ title, number, url, login, labels });
    }
  }
  return changes;
}

/**
 * The pull request that a commit's change is known by: the one into develop, else into a branch of somebody's. One into
 * production comes last: where both exist it is the release itself, and would swallow all of its changes.
 */
function pullOf({ pulls }: CommitChange, { develop, production }: Product['branches']): PullRequest | undefined {
  const rank = (p: PullRequest) => (p.base === develop ? 0 : p.base === production ? 2 : 1);
  return pulls.toSorted((a, b) => rank(a) - rank(b) || a.number - b.number)[0];
}

/** R4: who on Slack wrote the changes: authors and co-authors of the commits, and who opened their pull requests. */
export function authorsOf(
  commits: readonly CommitChange[],
  branches: Product['branches'],
  people: ReadonlyMap<string, string>,
): string[] {
  const logins = commits.flatMap((c) => [...c.logins, pullOf(c, branches)?.login ?? '']);
  return [...new Set(logins.flatMap((l) => people.get(l.toLowerCase()) ?? []))];
}

/** The labels of a change that begin with `prefix`, whatever their case. */
export function labelled(change: ReleaseChange, prefix: string): string[] {
  return change.labels.filter((l) => l.toLowerCase().startsWith(prefix));
}

const BUMP =
  /^(?:\w+\((?:dev-?)?deps[^)]*\)!?:|(?:\w+(?:\([^)]*\))?!?: *)?(?:bump|upgrade|update) \S+ (?:from \S+ )?to \S+|update dependency )/i;

/** Whether a change only takes a newer version of what others make. */
export function isBump(change: ReleaseChange): boolean {
  const robot = /^(?:dependabot|renovate)(?:-bot|\[bot\])?$/i.test(change.login ?? '');
  return robot || BUMP.test(change.title) || change.labels.some((l) => l.toLowerCase() === 'dependencies');
}

/** What `changes` has and `before` has not. */
export function newSince(changes: readonly ReleaseChange[], before: readonly ReleaseChange[]): ReleaseChange[] {
  const key = (c: ReleaseChange) => (c.number === null ? `${c.url}` : `#${c.number}`);
  const known = new Set(before.map(key));
  return changes.filter((c) => !known.has(key(c)));
}
