import { readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { parse } from 'yaml';
import { errorText } from '../base/errors.ts';
import type { Logger } from '../base/log.ts';
import { makeMetrics } from '../base/metrics.ts';
import type { Policy } from '../base/policy.ts';
import { type Identity, type Person, type Slack, SlackError } from '../base/slack.ts';
import type { Env } from '../env.ts';
import { tryAppToken } from '../gateways/app-token.ts';
import { makeSlack } from '../gateways/slack.ts';
import type { Finding, Say } from './doctor.ts';

const MANIFEST = new URL('../../manifest.yml', import.meta.url);
const REINSTALL = 'on api.slack.com/apps → your app → Install App, install it again and copy the new bot token';
/** Slack's own emoji that teams use for these: they are not in the workspace's list. Others are only warned about. */
const STANDARD = ['eyes', 'octagonal_sign', 'bug', 'rocket', '+1', 'thumbsup', 'white_check_mark', 'heavy_check_mark'];

/** Looks at the workspace with the bot's tokens: who it is, what it may do, and whether what the policy names is there. */
export async function checkSlack(env: Env, policy: Policy, log: Logger, say: Say): Promise<void> {
  const slack = makeSlack({ token: env.botToken, apiUrl: env.slackApiUrl, metrics: makeMetrics(), log });
  const me = await checkBot(slack, env, policy, say);
  if (env.connection.mode === 'socket') await checkApp(env.connection.appToken, env.slackApiUrl, log, say);
  if (!me) return;
  const needed = neededScopes();
  if (needed) checkScopes(me, needed, say);
  else
    say({ level: 'WARN', about: 'scopes', text: 'manifest.yml cannot be read', todo: 'get the whole project again' });
  await checkChannels(slack, policy, say);
  await checkRoles(slack, policy, say);
  await checkEmoji(slack, policy, say);
}

/** How a call to Slack failed, as a finding. `auth` is a matter of the token, `doubtful` of the network. */
function failed(about: string, err: unknown, todo: string): Finding {
  if (err instanceof SlackError && err.kind === 'doubtful')
    return { level: 'FAIL', about, text: errorText(err), todo: 'see that this machine reaches Slack, and try again' };
  if (err instanceof SlackError && err.code === 'missing_scope')
    return {
      level: 'FAIL',
      about,
      text: errorText(err),
      todo: `give the app the scopes in manifest.yml; ${REINSTALL}`,
    };
  return { level: 'FAIL', about, text: errorText(err), todo };
}

async function checkBot(slack: Slack, env: Env, policy: Policy, say: Say): Promise<Identity | undefined> {
  const about = 'bot token';
  try {
    const me = await slack.authTest();
    if (me.teamId === policy.workspace.teamId)
      say({ level: 'OK', about, text: `works in ${me.team} (${me.teamId}) as ${me.userId}` });
    else
      say({
        level: 'FAIL',
        about,
        text: `is of the workspace ${me.team} (${me.teamId}), but the policy is for ${policy.workspace.teamId}`,
        todo: 'use the token of that workspace, or correct workspace.team_id',
      });
    return me;
  } catch (err) {
    const unreachable = err instanceof SlackError && err.kind === 'doubtful';
    const todo = unreachable ? `see that this machine reaches ${env.slackApiUrl}` : REINSTALL;
    say({ level: 'FAIL', about, text: errorText(err), todo });
    return undefined;
  }
}

async function checkApp(token: string, apiUrl: string, log: Logger, say: Say): Promise<void> {
  const about = 'app token';
  try {
    await tryAppToken({ token, apiUrl, log });
    say({ level: 'OK', about, text: 'opens Socket Mode connections' });
  } catch (err) {
    const todo =
      'on api.slack.com/apps → your app → Basic Information → App-Level Tokens, make one with connections:write, and turn Socket Mode on';
    say(failed(about, err, todo));
  }
}

/** The scopes the manifest asks for (the least that the code uses); null when it is not where it belongs. */
function neededScopes(): string[] | null {
  try {
    return parse(readFileSync(MANIFEST, 'utf8')).oauth_config.scopes.bot;
  } catch {
    return null;
  }
}

/** Compares the token's scopes with those it needs. More than that is only worth a look. */
export function checkScopes(me: Pick<Identity, 'scopes'>, needed: readonly string[], say: Say): void {
  const about = 'scopes';
  if (!me.scopes) {
    const todo = `compare the app with manifest.yml: ${needed.join(', ')}`;
    say({ level: 'WARN', about, text: 'Slack did not say which the token has', todo });
    return;
  }
  const has = new Set(me.scopes);
  const missing = needed.filter((scope) => !has.has(scope));
  const extra = me.scopes.filter((scope) => !needed.includes(scope));
  if (missing.length)
    say({ level: 'FAIL', about, text: `missing: ${missing.join(', ')}`, todo: `add them to the app; ${REINSTALL}` });
  else say({ level: 'OK', about, text: `all ${needed.length} are there` });
  if (extra.length)
    say({
      level: 'WARN',
      about,
      text: `more than needed: ${extra.join(', ')}`,
      todo: 'remove them, as in manifest.yml',
    });
}

async function checkChannels(slack: Slack, policy: Policy, say: Say): Promise<void> {
  for (const [spelled, id] of Object.entries(policy.workspace.channels)) {
    if (id === undefined) continue;
    // As the policy file spells it: test_funds.
    const key = spelled.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
    const about = `channel ${key}`;
    try {
      const channel = await patiently(() => slack.channelInfo(id));
      const name = `#${channel.name} (${id})`;
      const invite = `write \`/invite @shipshape\` (or the name you gave the bot) in #${channel.name}`;
      if (channel.isArchived)
        say({ level: 'FAIL', about, text: `${name} is archived`, todo: 'unarchive it, or name another in the policy' });
      else if (!channel.isMember) say({ level: 'FAIL', about, text: `the bot is not in ${name}`, todo: invite });
      else say({ level: 'OK', about, text: `the bot is in ${name}` });
    } catch (err) {
      const todo = `correct workspace.channels.${key} (an id like C0123, in the channel's details); a private channel is only seen once the bot is invited with \`/invite\``;
      say(failed(about, err, todo));
    }
  }
}

/** Why this person's acts would not count, or null. The order is that of the rules. */
function notFull(person: Person, teamId: string): string | null {
  if (person.isBot) return 'is a bot';
  if (person.deleted) return 'is deactivated';
  if (person.stranger || person.teamId !== teamId) return 'is of another workspace';
  return person.guest ? 'is a guest' : null;
}

async function checkRoles(slack: Slack, policy: Policy, say: Say): Promise<void> {
  /** Everyone named anywhere is asked about once. */
  const asked = new Map<string, string | null | undefined>();
  const full = async (id: string): Promise<boolean> => {
    if (!asked.has(id)) asked.set(id, await checkPerson(slack, id, policy, say));
    return asked.get(id) === null;
  };
  const operators = new Set<string>();
  const treasurers = new Set<string>();
  for (const [role, members] of Object.entries(policy.roles)) {
    const group = members.usergroup
      ? await checkGroup(slack, `of the ${role}`, `roles.${role}`, members.usergroup, say)
      : [];
    for (const id of new Set([...members.users, ...group])) {
      if (!(await full(id))) continue;
      if (role === 'operators') operators.add(id);
      if (role === 'treasurers') treasurers.add(id);
    }
  }
  for (const id of withoutRole(policy)) await full(id);
  if (policy.duty?.usergroup) await checkGroup(slack, 'on duty', 'duty', policy.duty.usergroup, say);
  checkTreasurers(treasurers.size, policy, say);
  const about = 'operators';
  const text = `${operators.size} can be eyes`;
  if (operators.size < 2)
    say({ level: 'FAIL', about, text, todo: 'add operators: every release needs two different ones' });
  else if (operators.size === 2 && policy.review.separationOfDuties)
    say({
      level: 'WARN',
      about,
      text,
      todo: 'add a third: when one of them manages a release or wrote a change of it, only one is left',
    });
  else say({ level: 'OK', about, text });
}

/** Who is named for something else than a role: duty, the regression calendar, a GitHub login. Reminders and questions would go to nobody. */
export function withoutRole({ duty, regression, github }: Policy): string[] {
  // Where nobody is named the admins' channel answers for the calendar.
  const owner = regression && /^[UW]/.test(regression.owner) ? [regression.owner] : [];
  return [...(duty?.roster ?? []), ...(regression?.testers ?? []), ...owner, ...github.people.values()];
}

/** R18: who approves requests for test funds, where the policy has them: nobody approves their own, and over a limit two must. */
export function checkTreasurers(count: number, policy: Policy, say: Say): void {
  const { funds, workspace } = policy;
  if (funds === undefined && workspace.channels.testFunds === undefined) return;
  const limited = funds !== undefined && funds.limits.perRequest.size + funds.limits.perPersonMonth.size > 0;
  const [about, text] = ['treasurers', `${count} can approve and send test funds`];
  if (count === 0)
    say({ level: 'WARN', about, text, todo: 'name some in roles.treasurers: requests for test funds wait for them' });
  else if (count === 1)
    say({
      level: 'WARN',
      about,
      text,
      todo: `add a second: nobody approves their own request${limited ? ', and over the limits two must' : ''}`,
    });
  else if (count === 2 && limited)
    say({ level: 'WARN', about, text, todo: 'add a third: over the limits two must approve, and nobody their own' });
  else say({ level: 'OK', about, text });
}

/** @returns null for an active full member, else what is wrong (undefined when that cannot be known) */
async function checkPerson(slack: Slack, id: string, policy: Policy, say: Say): Promise<string | null | undefined> {
  const about = `person ${id}`;
  try {
    const person = await patiently(() => slack.userInfo(id));
    const why = notFull(person, policy.workspace.teamId);
    if (why)
      say({
        level: 'WARN',
        about,
        text: `${person.name} ${why}, and counts for nothing`,
        todo: 'take them out of the policy',
      });
    return why;
  } catch (err) {
    say(failed(about, err, 'correct the id in the policy (Slack profile → ⋮ → Copy member ID)'));
    return undefined;
  }
}

/** @param whose for people: `of the operators` @param path where the policy names it, without `usergroup` @returns its members */
async function checkGroup(slack: Slack, whose: string, path: string, group: string, say: Say): Promise<string[]> {
  const about = `user group ${whose}`;
  try {
    const members = await patiently(() => slack.usergroupMembers(group));
    const count = members.length === 1 ? '1 member' : `${members.length} members`;
    if (members.length) say({ level: 'OK', about, text: `${group} has ${count}` });
    else say({ level: 'WARN', about, text: `${group} has no members`, todo: 'add some, or take it out of the policy' });
    return members;
  } catch (err) {
    say(failed(about, err, `correct ${path}.usergroup in the policy (an id like S0123)`));
    return [];
  }
}

async function checkEmoji(slack: Slack, policy: Policy, say: Say): Promise<void> {
  const about = 'emoji';
  const wanted = policy.reactions.lgtm.filter((name) => !STANDARD.includes(name));
  if (!wanted.length) return say({ level: 'OK', about, text: "sign-off uses Slack's own" });
  let names: string[];
  try {
    names = await patiently(() => slack.emojiNames());
  } catch (err) {
    // Buttons and words sign off without any emoji: not worth a failure.
    return say({ ...failed(about, err, 'try again'), level: 'WARN' });
  }
  for (const name of wanted) {
    if (names.includes(name)) say({ level: 'OK', about, text: `:${name}: is there` });
    else
      say({
        level: 'WARN',
        about,
        text: `the workspace has no :${name}: of its own, so nobody can sign off by that reaction`,
        todo: `in Slack: your workspace's name → Tools & settings → Customize workspace → Add custom emoji, name \`${name}\`, picture src/demo/lgtm.svg saved as PNG; or change reactions.lgtm in the policy`,
      });
  }
}

/** Tries once more after the pause Slack asks for, which many people in the policy can bring about. */
async function patiently<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (err) {
    if (!(err instanceof SlackError) || err.kind !== 'rate_limited') throw err;
    await wait(Math.min(err.retryAfterMs, 60_000));
    return call();
  }
}
