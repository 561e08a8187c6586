import type { GitHub } from '../base/github.ts';
import type { Policy } from '../base/policy.ts';

/** One thing looked at, as `shipshape doctor` says it. */
export interface GithubFinding {
  level: 'OK' | 'WARN' | 'FAIL';
  about: string;
  text: string;
  todo?: string;
}

/** Looks at all that is wanted of GitHub: the token, each product's repository and branches, people who are mapped. Never throws. */
export async function checkGithub(github: GitHub | undefined, policy: Policy): Promise<GithubFinding[]> {
  const about = 'GitHub';
  const repos = policy.products.filter((p) => p.repo !== undefined);
  if (!github) {
    const text = 'GITHUB_TOKEN is not set: commits are not looked up and changes are not listed';
    return [{ level: 'OK', about, text }];
  }
  const found: GithubFinding[] = [];
  try {
    const { login, scopes } = await github.identity();
    // Whether an installed app's token is good its repositories tell.
    const nobody = 'GitHub names no account for the token, as for those of installed apps';
    found.push({ level: 'OK', about, text: login === null ? nobody : `the token is ${login}'s${writes(scopes)}` });
  } catch (err) {
    found.push(failed(about, err));
  }
  if (!repos.length)
    found.push({ level: 'WARN', about, text: 'no product has a repo', todo: 'add repo to the policy' });
  for (const { repo, branches } of repos as { repo: string; branches: { develop: string; production: string } }[]) {
    found.push(await repository(github, repo, branches));
  }
  if (!policy.github.people.size) {
    const text = 'nobody of GitHub is mapped to Slack: authors of changes may sign them off unnoticed';
    found.push({ level: 'WARN', about, text, todo: 'add github.people to the policy' });
  }
  return found;
}

function writes(scopes: string[] | undefined): string {
  if (scopes === undefined) return '';
  const may = scopes.includes('repo') || scopes.includes('public_repo');
  return may ? '; it may make issues' : '; it may read only';
}

async function repository(
  github: GitHub,
  repo: string,
  branches: { develop: string; production: string },
): Promise<GithubFinding> {
  const about = `GitHub ${repo}`;
  try {
    const missing = await github.lacks(repo, [branches.production, branches.develop]);
    if (!missing.length) return { level: 'OK', about, text: 'can be read, with its branches' };
    const text = `has no branch ${missing.join(' and none ')}`;
    return { level: 'WARN', about, text, todo: "correct the product's branches in the policy" };
  } catch (err) {
    return failed(about, err);
  }
}

function failed(about: string, err: unknown): GithubFinding {
  const text = err instanceof Error ? err.message : 'failed';
  return { level: 'FAIL', about, text, todo: 'see docs/setup-github.md for the rights that the token needs' };
}
