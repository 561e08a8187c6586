import { randomUUID } from 'node:crypto';
import { eq } from 'drizzle-orm';
import { actOnBug } from '../areas/triage/actions.ts';
import { refused } from '../areas/triage/answers.ts';
import { decide } from '../areas/triage/rules.ts';
import { loadBug } from '../areas/triage/store.ts';
import type { BugFacts } from '../areas/triage/types.ts';
import type { Actor } from '../base/actor.ts';
import { type GitHub, GitHubError } from '../base/github.ts';
import { showId } from '../base/ids.ts';
import { escapeText, link, truncate } from '../base/mrkdwn.ts';
import { type Cause, once } from '../db/act.ts';
import { causes } from '../db/schema/core.ts';
import type { BotDeps } from './deps.ts';

/**
 * "Ticket on GitHub": makes an issue of a bug and adds its link (R15). One issue per bug whatever happens: who taps first claims
 * it, and the claim is given back only when GitHub surely made none. @returns what to tell the person; null on a repeat
 */
export async function ticketOnGithub(deps: BotDeps, cause: Cause, actor: Actor, bugId: number): Promise<string | null> {
  const f = await loadBug(deps.db, bugId);
  const repo = deps.policy.products.find((p) => p.key === f?.bug.product)?.repo;
  const id = showId('BUG', bugId);
  const byHand = `Add its link with \`/bug ticket ${id} <link>\`.`;
  if (!f || !deps.github || !repo) return `:x: GitHub is not set up for ${id}. ${byHand}`;
  const may = decide(f, actor, { kind: 'ticket', link: `https://github.com/${repo}/issues` }, deps.clock());
  if ('refusal' in may) return refused(may.refusal, f).text;
  if (f.bug.ticket) return `:x: ${id} has a ticket already: ${link(f.bug.ticket, f.bug.ticket)}. ${byHand}`;
  const claim: Cause = { ...cause, key: `github-issue:${id}` };
  // By a number of its own: after a commit whose answer was lost, the claim that is found may be somebody else's.
  const mine = randomUUID();
  const { result } = await once(deps.db, claim, async () => ({ by: actor.id, claim: mine }));
  if (result.claim !== mine)
    return `:x: Somebody makes the ticket of ${id} already, or it may have been made. Look at https://github.com/${repo}/issues. ${byHand}`;
  const made = await make(deps, deps.github, repo, f, claim);
  if ('said' in made) return `:x: ${escapeText(made.said)}. ${byHand}`;
  // Whatever becomes of the bug meanwhile, the issue is there, and whoever made it hears where.
  const kept = `The issue was made: ${link(made.url, made.url)}.`;
  try {
    const { answer, repeated: again } = await actOnBug(deps, cause, actor, bugId, { kind: 'ticket', link: made.url });
    deps.metrics.commands.inc({ command: 'button', subcommand: 'bug_github', outcome: answer.outcome });
    if (again) return null;
    return answer.outcome === 'refused' ? `${answer.text} ${kept}` : answer.text;
  } catch (err) {
    deps.log.error({ err, bugId, url: made.url }, 'an issue was made and its link could not be kept');
    return `:x: ${kept} Its link could not be kept. ${byHand}`;
  }
}

async function make(
  deps: BotDeps,
  github: GitHub,
  repo: string,
  f: BugFacts,
  claim: Cause,
): Promise<{ url: string } | { said: string }> {
  try {
    return await github.createIssue(repo, issueOf(f));
  } catch (err) {
    if (!(err instanceof GitHubError)) throw err;
    deps.log.warn({ err, repo }, 'no issue was made');
    const maybe = err.kind === 'doubtful';
    if (!maybe) await deps.db.delete(causes).where(eq(causes.key, claim.key));
    const said = err.message.charAt(0).toUpperCase() + err.message.slice(1);
    return { said: maybe ? `${said}; it may have made the issue: look at https://github.com/${repo}/issues` : said };
  }
}

/** The issue of a bug: what happened, how, and where it is talked about. */
function issueOf(f: BugFacts): { title: string; body: string } {
  const { bug } = f;
  const about = [
    `Found in ${bug.foundIn === 'production' ? 'production' : `the candidate${f.found ? ` \`${f.found.commit}\` of ${f.found.release}` : ''}`}, priority ${bug.priority}.`,
    f.thread.url ? `[${showId('BUG', bug.id)} in Slack](${f.thread.url})` : showId('BUG', bug.id),
  ];
  const body = `${quiet(bug.steps ?? '')}\n\n---\n${about.join(' ')}`.trim();
  return { title: truncate(bug.title.replace(/\s+/g, ' '), 250), body: truncate(body, 60_000) };
}

/** What people typed calls nobody on GitHub, where `@octocat` and `@team/here` are mentions. */
function quiet(text: string): string {
  return text.replace(/@(?=[A-Za-z0-9])/g, '@\u200b');
}
