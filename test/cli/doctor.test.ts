import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { DEFAULT_FUNDS, type Policy } from '../../src/base/policy.ts';
import { clockFinding, diagnose, type Finding, showFinding } from '../../src/cli/doctor.ts';
import { checkScopes, checkTreasurers } from '../../src/cli/doctor-slack.ts';
import { NOTE_UNFINISHED } from '../../src/db/unfit.ts';
import { freshDb, type TestDb, urlOf } from '../support/db.ts';
import { TREA, treasuryOn } from '../support/funds.ts';
import { program, ROOT } from '../support/program.ts';
import { type SlackProxy, startProxy } from '../support/proxy.ts';
import { CHANNELS, DEFAULT_APP, type LocalSlack, PEOPLE, startSlack } from '../support/slack.ts';
import { TEAM } from '../support/team.ts';

const SCOPES = { headers: { 'x-oauth-scopes': 'commands,chat:write' } };
let local: LocalSlack;
let proxy: SlackProxy;
let db: TestDb;
let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'shipshape-doctor-'));
  await mkdir(join(dir, 'none'));
  local = await startSlack();
  proxy = await startProxy(local.url);
  db = await freshDb();
});
afterEach(() => proxy.clear());
afterAll(async () => {
  await proxy.stop();
  await local.stop();
  await db.close();
  await rm(dir, { recursive: true });
});

interface Team {
  team_id?: string;
  operators?: string;
  releases?: string;
  lgtm?: string;
  /** The channel of test funds. */
  funds?: string;
  /** The folder of test cases; "unnamed": the policy says nothing of one. */
  specs?: string;
  /** More lines. */
  more?: string;
}
/** The path of a policy with one thing or another changed. */
async function policy(team: Team = {}): Promise<string> {
  const path = join(dir, `${Math.random().toString(36).slice(2)}.yml`);
  const { team_id = 'T01SHIP', releases = CHANNELS.releases, lgtm = '' } = team;
  const operators = team.operators ?? `{ users: [${PEOPLE.ana}, ${PEOPLE.ben}, ${PEOPLE.cem}] }`;
  const text = `
workspace:
  team_id: ${team_id}
  channels: { releases: ${releases}, admins: ${CHANNELS.admins}${team.funds ? `, test_funds: ${team.funds}` : ''} }
team: { zone: Europe/Berlin, hours: { start: '09:00', end: '17:30' } }
roles: { operators: ${operators}, engineers: { users: [${PEOPLE.dee}] }, admins: { users: [${PEOPLE.eva}] } }
products: [{ key: web, name: Web }]
${team.specs === 'unnamed' ? '' : `testing: { specs: ${team.specs ?? './none'} }`}
${lgtm && `reactions: { lgtm: [${lgtm}] }`}
${team.more ?? ''}
`;
  await writeFile(path, text);
  return path;
}

async function env(team: Team = {}): Promise<Record<string, string | undefined>> {
  return {
    SLACK_BOT_TOKEN: DEFAULT_APP.botToken,
    SLACK_APP_TOKEN: DEFAULT_APP.appToken,
    SLACK_API_URL: proxy.apiUrl,
    DATABASE_URL: db.url,
    SHIPSHAPE_CONFIG: await policy(team),
  };
}

async function findings(source: Record<string, string | undefined>): Promise<Finding[]> {
  const found: Finding[] = [];
  await diagnose(source, (finding) => found.push(finding));
  for (const f of found) {
    expect(f.level === 'OK', showFinding(f)).toBe(f.todo === undefined);
    expect(showFinding(f)).not.toMatch(/\n|xoxb-local|xapp-local/);
  }
  return found;
}
const of = (found: Finding[], about: string | RegExp) =>
  found.filter((f) => (typeof about === 'string' ? f.about === about : about.test(f.about)));
const levels = (found: Finding[], about: string | RegExp) => of(found, about).map((f) => f.level);

describe('a team that is set up', () => {
  it('has nothing to correct, and is told of the emoji it lacks', async () => {
    const found = await findings(await env());
    expect(found.filter((f) => f.level === 'FAIL').map(showFinding)).toEqual([]);
    for (const about of ['environment', 'policy', 'database', 'migrations', 'clock', 'bot token', 'app token'])
      expect(levels(found, about), about).toEqual(['OK']);
    expect(levels(found, /^channel/)).toEqual(['OK', 'OK']);
    expect(levels(found, 'operators')).toEqual(['OK']);
    const [emoji] = of(found, 'emoji');
    expect(emoji && showFinding(emoji)).toMatch(/^WARN .*no :lgtm:.*Customize workspace → Add custom emoji.*lgtm\.svg/);
  });

  it("needs no emoji when the policy uses one of Slack's own, and sees one that was added", async () => {
    expect(levels(await findings(await env({ lgtm: '"+1"' })), 'emoji')).toEqual(['OK']);
    proxy.on('emoji.list', { answer: { body: { ok: true, emoji: { lgtm: 'https://emoji.example/lgtm.png' } } } });
    expect(levels(await findings(await env()), 'emoji')).toEqual(['OK']);
  });

  it('exits 0, and 1 when something is to be corrected', async () => {
    const run = async (vars: Record<string, string | undefined>) => {
      const [node, ...args] = program('src/cli/main');
      const child = spawn(node, [...args, 'doctor'], {
        cwd: ROOT,
        env: { ...process.env, ...vars },
      });
      let out = '';
      child.stdout.on('data', (chunk) => {
        out += chunk;
      });
      const [code] = await once(child, 'close');
      return { code, out };
    };
    const [good, bad] = await Promise.all([run(await env()), run(await env({ releases: 'C0NOWHERE' }))]);
    expect(good.out).toMatch(/OK {4}environment[\s\S]* fine, .* to look at, 0 to be corrected\.\n$/);
    expect(good.code).toBe(0);
    expect(bad.out).toMatch(/FAIL {2}channel releases.*channel_not_found.*→.*workspace\.channels\.releases/);
    expect(bad.code).toBe(1);
  });
});

describe('environment and policy', () => {
  it('names every fault and goes on with what it can', async () => {
    const found = await findings({ ...(await env()), SLACK_BOT_TOKEN: undefined, PORT: 'x' });
    expect(of(found, /^environment/).map((f) => f.about)).toEqual(['environment SLACK_BOT_TOKEN', 'environment PORT']);
    expect(levels(found, /^(policy|database)$/)).toEqual(['OK', 'OK']);
    expect(of(found, 'bot token')).toEqual([]);
  });

  it('says once what to do about a fault of the environment, and where', async () => {
    const faults = of(await findings({ SLACK_BOT_TOKN: 'xoxb-1', PORT: 'x', GITHUB_TOKEN: 'a b' }), /^environment/);
    const [bot, port, github, app] = faults.map(showFinding);
    expect(bot).toMatch(/did you mean SLACK_BOT_TOKEN\?\) → in the environment or in \.env: set it to the bot token/);
    expect(github).toMatch(/is no token of GitHub → in the environment or in \.env: make one/);
    expect(port).toMatch(/must be a port number.* → in the environment or in \.env: correct it$/);
    expect(app).toMatch(/is missing → in the environment or in \.env: set it to an app-level token.* Or, for HTTP/);
    for (const line of [bot, app]) expect(line?.match(/set it/g)).toHaveLength(1);
  });

  it("warns of the example's ids, every one that the example has", async () => {
    const SHIPSHAPE_CONFIG = join(ROOT, 'shipshape.yml');
    const ids = (await readFile(SHIPSHAPE_CONFIG, 'utf8')).replace(/#.*/g, '').match(/\b[TU]0\w+/g);
    const [policy, ...others] = of(await findings({ SHIPSHAPE_CONFIG, PORT: 'x', DATABASE_URL: db.url }), 'policy');
    expect(policy).toMatchObject({ level: 'WARN', text: expect.stringContaining(SHIPSHAPE_CONFIG) });
    for (const id of ids ?? []) expect(policy?.text).toContain(id);
    expect(others).toEqual([]);
  });

  it('names the lines of a wrong policy', async () => {
    const path = join(dir, 'wrong.yml');
    await writeFile(path, 'workspace: { team_id: 5 }\n');
    const found = await findings({ ...(await env()), SHIPSHAPE_CONFIG: path });
    expect(of(found, /^policy/).length).toBeGreaterThan(1);
    expect(of(found, /^policy/).every((f) => f.level === 'FAIL' && /line \d/.test(f.todo ?? ''))).toBe(true);
    expect(levels(found, 'database')).toEqual(['OK']);
  });

  it('says what to do about a policy file that is not there: it has no line to be corrected', async () => {
    const found = await findings({ ...(await env()), SHIPSHAPE_CONFIG: join(dir, 'nowhere.yml') });
    const text = expect.stringMatching(/^\/.*nowhere\.yml cannot be read \(ENOENT\): set SHIPSHAPE_CONFIG/);
    expect(of(found, /^policy/)).toMatchObject([{ level: 'FAIL', text }]);
    expect(of(found, /^policy/)[0]?.todo).toBe('correct that and run doctor again');
  });

  it('knows HTTP mode, where there is no app token to try', async () => {
    const found = await findings({
      ...(await env()),
      SLACK_APP_TOKEN: undefined,
      SLACK_SIGNING_SECRET: 'a'.repeat(32),
    });
    expect(of(found, 'environment')[0]?.text).toContain('HTTP mode');
    expect(of(found, 'app token')).toEqual([]);
  });

  it('says nothing of the database when even that part of the environment is wrong', async () => {
    const found = await findings({ ...(await env()), DATABASE_URL: 'mysql://x' });
    expect(of(found, /^environment/).map((f) => f.about)).toEqual(['environment DATABASE_URL']);
    expect(of(found, 'database')).toEqual([]);
  });
});

describe('database', () => {
  it('does not answer', async () => {
    const found = await findings({ ...(await env()), DATABASE_URL: 'postgres://me:secret-word@127.0.0.1:1/none' });
    expect(levels(found, 'database')).toEqual(['FAIL']);
    expect(of(found, 'database').map(showFinding).join()).not.toContain('secret-word');
    expect(levels(found, 'bot token')).toEqual(['OK']);
  });

  it('has no tables yet', async () => {
    const found = await findings({ ...(await env()), DATABASE_URL: urlOf('postgres') });
    expect(of(found, 'migrations')[0]).toMatchObject({ level: 'WARN', todo: expect.stringContaining('migrate') });
  });

  it('lacks a migration, or has one of a newer version', async () => {
    const other = await freshDb();
    try {
      const source = { ...(await env()), DATABASE_URL: other.url };
      await other.pool.query('insert into drizzle.__drizzle_migrations (hash, created_at) values ($1, 1)', ['x']);
      const text = expect.stringContaining('it has had 1 migration this one does not know');
      expect(of(await findings(source), 'migrations')).toMatchObject([{ level: 'FAIL', text }]);
      await other.pool.query('truncate drizzle.__drizzle_migrations');
      expect(levels(await findings(source), 'migrations')).toEqual(['WARN']);
    } finally {
      await other.close();
    }
  });

  it('had a restore that was cut short', async () => {
    await db.pool.query(NOTE_UNFINISHED, ['null']);
    const todo = expect.stringContaining('restore` without a file');
    expect(of(await findings(await env()), 'restore')).toMatchObject([{ level: 'FAIL', todo }]);
    await db.pool.query(`delete from causes`);
    expect(of(await findings(await env()), 'restore')).toEqual([]);
  });

  it('R17: has amounts of an asset that had other decimals', async () => {
    await treasuryOn(db.db).transfer(TREA, { amount: '5', asset: 'USD', to: 'main', note: 'Card' });
    await db.pool.query("insert into asset_decimals values ('USD', 4)");
    expect(of(await findings(await env()), 'test funds')).toEqual([
      {
        level: 'FAIL',
        about: 'test funds',
        text: expect.stringMatching(/^USD has 2 decimals, and had 4 when/),
        todo: expect.any(String),
      },
    ]);
    await db.pool.query('update asset_decimals set decimals = 2');
    expect(levels(await findings(await env()), 'test funds')).toEqual(['OK']);
  });

  it('is not there, and is not made by looking for it', async () => {
    const DATA_DIR = join(dir, 'empty');
    await mkdir(DATA_DIR);
    const found = await findings({ ...(await env()), DATABASE_URL: undefined, DATA_DIR });
    const todo = expect.stringContaining('DATA_DIR or DATABASE_URL is not what was meant');
    expect(of(found, 'database')).toEqual([
      { level: 'WARN', about: 'database', text: `There is no database in ${DATA_DIR}.`, todo },
    ]);
    expect(await readdir(DATA_DIR)).toEqual([]);
  });

  it('can be made in a folder that is not there yet, which is left so; or cannot', async () => {
    const found = async (DATA_DIR: string) =>
      of(await findings({ ...(await env()), DATABASE_URL: undefined, DATA_DIR }), 'database');
    await mkdir(join(dir, 'there'));
    expect(await found(join(dir, 'there', 'a', 'b'))).toMatchObject([{ level: 'WARN' }]);
    expect(await readdir(join(dir, 'there'))).toEqual([]);
    await writeFile(join(dir, 'file'), '');
    for (const DATA_DIR of ['/proc/x', join(dir, 'file'), join(dir, 'file', 'x')])
      expect(await found(DATA_DIR), DATA_DIR).toMatchObject([
        { level: 'FAIL', text: expect.stringMatching(/None can be made there \(E\w+\)/), todo: expect.any(String) },
      ]);
  });

  it('may have another clock', () => {
    expect(clockFinding(20).level).toBe('OK');
    expect(clockFinding(4000)).toMatchObject({ level: 'WARN', text: expect.stringContaining('4.0 s') });
    expect(clockFinding(40_000).level).toBe('FAIL');
  });
});

describe('Slack', () => {
  it('refuses the bot token: the rest is not asked', async () => {
    proxy.on('auth.test', { answer: { body: { ok: false, error: 'invalid_auth' } } });
    const found = await findings(await env());
    expect(of(found, 'bot token')[0]).toMatchObject({ level: 'FAIL', todo: expect.stringContaining('install') });
    expect(of(found, /^channel/)).toEqual([]);
  });

  it('cannot be reached', async () => {
    const found = await findings({ ...(await env()), SLACK_API_URL: 'http://127.0.0.1:1/api/' });
    expect(of(found, 'bot token')[0]).toMatchObject({ level: 'FAIL', todo: expect.stringContaining('127.0.0.1:1') });
    expect(of(found, 'app token')[0]).toMatchObject({ level: 'FAIL', todo: expect.stringContaining('reaches Slack') });
  });

  it("is another workspace than the policy's", async () => {
    const found = await findings(await env({ team_id: 'T0OTHER' }));
    expect(of(found, 'bot token')[0]).toMatchObject({ level: 'FAIL', todo: expect.stringContaining('team_id') });
  });

  it('refuses the app token', async () => {
    proxy.on('apps.connections.open', { answer: { body: { ok: false, error: 'not_allowed_token_type' } } });
    expect(of(await findings(await env()), 'app token')[0]).toMatchObject({
      level: 'FAIL',
      todo: expect.stringContaining('connections:write'),
    });
  });

  it('has archived a channel, or left the bot out of one', async () => {
    proxy.on('conversations.info', ({ channel }) => ({
      edit: (body) => {
        const about = channel === CHANNELS.releases ? { is_archived: true } : { is_member: false };
        return { ...body, channel: { ...(body.channel as object), ...about } };
      },
    }));
    const [releases, admins] = of(await findings(await env()), /^channel/);
    expect(releases).toMatchObject({ level: 'FAIL', text: expect.stringContaining('archived') });
    expect(admins).toMatchObject({ level: 'FAIL', todo: expect.stringContaining('/invite') });
  });

  it('is asked again when it wants a pause', async () => {
    proxy.on('users.info', (_args, nth) =>
      nth === 1
        ? { answer: { status: 429, headers: { 'retry-after': '0' }, body: { ok: false, error: 'ratelimited' } } }
        : undefined,
    );
    expect(levels(await findings(await env()), /^person/)).toEqual([]);
  });
});

describe('scopes', () => {
  const said = (scopes: string[] | undefined) => {
    const found: Finding[] = [];
    checkScopes({ scopes }, ['commands', 'chat:write'], (f) => found.push(f));
    return found.map((f) => `${f.level} ${f.text}`);
  };

  it('are all there, missing, too many, or not named', () => {
    expect(said(['chat:write', 'commands'])).toEqual(['OK all 2 are there']);
    expect(said(['commands'])).toEqual(['FAIL missing: chat:write']);
    expect(said(['commands', 'chat:write', 'admin'])).toEqual(['OK all 2 are there', 'WARN more than needed: admin']);
    expect(said(undefined)).toEqual(['WARN Slack did not say which the token has']);
  });

  it("are read from Slack's answer and compared with the manifest", async () => {
    proxy.on('auth.test', SCOPES);
    const [missing] = of(await findings(await env()), 'scopes');
    expect(missing).toMatchObject({ level: 'FAIL', text: expect.stringContaining('reactions:read') });
    expect(missing?.text).not.toContain('commands');
  });
});

describe('people', () => {
  it('that do not exist, or whose acts count for nothing', async () => {
    const odd: Record<string, object> = {
      [PEOPLE.ana]: { deleted: true },
      [PEOPLE.ben]: { is_restricted: true },
      [PEOPLE.cem]: { is_bot: true },
      [PEOPLE.dee]: { team_id: 'T0ELSEWHERE' },
    };
    proxy.on('users.info', ({ user }) => ({
      edit: (body) => ({ ...body, user: { ...(body.user as object), ...odd[user ?? ''] } }),
    }));
    const operators = `{ users: [${PEOPLE.ana}, ${PEOPLE.ben}, ${PEOPLE.cem}, U0GHOST] }`;
    const found = await findings(await env({ operators }));
    const people = Object.fromEntries(of(found, /^person/).map((f) => [f.about, `${f.level} ${f.text}`]));
    expect(people[`person ${PEOPLE.ana}`]).toMatch(/^WARN .*is deactivated/);
    expect(people[`person ${PEOPLE.ben}`]).toMatch(/^WARN .*is a guest/);
    expect(people[`person ${PEOPLE.cem}`]).toMatch(/^WARN .*is a bot/);
    expect(people[`person ${PEOPLE.dee}`]).toMatch(/^WARN .*another workspace/);
    expect(people['person U0GHOST']).toMatch(/^FAIL .*user_not_found/);
    expect(of(found, 'operators')[0]).toMatchObject({ level: 'FAIL', text: '0 can be eyes' });
  });

  it('come from user groups too; two operators are few', async () => {
    proxy.on('usergroups.users.list', { answer: { body: { ok: true, users: [PEOPLE.ana, PEOPLE.ben] } } });
    const found = await findings(await env({ operators: `{ users: [${PEOPLE.ana}], usergroup: S0OPERATORS }` }));
    expect(of(found, 'user group of the operators')[0]).toMatchObject({
      level: 'OK',
      text: 'S0OPERATORS has 2 members',
    });
    expect(of(found, 'operators')[0]).toMatchObject({ level: 'WARN', text: '2 can be eyes' });
  });

  it('that have no role but a duty, tests of the calendar or a GitHub login are looked at too', async () => {
    const more = `
duty: { usergroup: S0ONCALL }
github: { people: { octocat: U0GHOSTA } }
regression: { wallets: [native], features: [Send], testers: [U0GHOSTB, ${PEOPLE.ana}], owner: U0GHOSTC }`;
    proxy.on('usergroups.users.list', { answer: { body: { ok: false, error: 'no_such_subteam' } } });
    const found = await findings(await env({ more }));
    expect(of(found, /^person/).map((f) => `${f.level} ${f.about}`)).toEqual([
      'FAIL person U0GHOSTB',
      'FAIL person U0GHOSTC',
      'FAIL person U0GHOSTA',
    ]);
    expect(of(found, 'user group on duty')[0]).toMatchObject({
      level: 'FAIL',
      todo: expect.stringContaining('duty.usergroup'),
    });
    const roster = await findings(await env({ more: `duty: { roster: [${PEOPLE.ana}, U0GHOSTD] }` }));
    expect(levels(roster, 'person U0GHOSTD')).toEqual(['FAIL']);
  });

  it('of a group that is empty, unreadable or out of scope', async () => {
    const source = await env({ operators: `{ users: [${PEOPLE.ana}], usergroup: S0OPERATORS }` });
    const group = async (body: object) => {
      proxy.on('usergroups.users.list', { answer: { body } });
      return of(await findings(source), /^user group/)[0];
    };
    expect(await group({ ok: true, users: [] })).toMatchObject({ level: 'WARN' });
    expect(await group({ ok: false, error: 'no_such_subteam' })).toMatchObject({
      level: 'FAIL',
      todo: expect.stringContaining('roles.operators.usergroup'),
    });
    expect(await group({ ok: false, error: 'missing_scope' })).toMatchObject({
      level: 'FAIL',
      todo: expect.stringContaining('manifest.yml'),
    });
  });

  it('hand out test funds, where the policy has them: as many treasurers as R18 asks for', async () => {
    const found = await findings(await env({ funds: 'C0GHOST' }));
    expect(of(found, 'channel test_funds')[0]).toMatchObject({
      level: 'FAIL',
      todo: expect.stringContaining('workspace.channels.test_funds'),
    });
    expect(of(found, 'treasurers')[0]).toMatchObject({
      level: 'WARN',
      todo: expect.stringContaining('roles.treasurers'),
    });
    expect(of(await findings(await env()), 'treasurers')).toEqual([]);
    const limits = { perRequest: new Map([['USDC', 1n]]), perPersonMonth: new Map() };
    const said = (count: number, policy: Policy) => {
      const all: string[] = [];
      checkTreasurers(count, policy, (f) => all.push(`${f.level} ${f.todo ?? ''}`));
      return all.join();
    };
    const [free, limited] = [
      { ...TEAM, funds: DEFAULT_FUNDS },
      { ...TEAM, funds: { ...DEFAULT_FUNDS, limits } },
    ];
    expect([0, 1, 2].map((n) => said(n, free).split(' ')[0])).toEqual(['WARN', 'WARN', 'OK']);
    expect([1, 2, 3].map((n) => said(n, limited).split(' ')[0])).toEqual(['WARN', 'WARN', 'OK']);
    expect(said(1, limited)).toContain('over the limits two must');
  });

  it('cannot sign off by emoji when those cannot be read, which is no failure', async () => {
    proxy.on('emoji.list', { answer: { body: { ok: false, error: 'missing_scope' } } });
    expect(levels(await findings(await env()), 'emoji')).toEqual(['WARN']);
  });
});

describe('test specs', () => {
  const smoke = `
cases:
  - id: send
    title: Send
    steps: [Send]
    expected: Sent
    area: { wallet: native, feature: send }
    environments: [candidate]
`;
  async function specs(name: string, product: string, text: string): Promise<string> {
    await mkdir(join(dir, name, product), { recursive: true });
    await writeFile(join(dir, name, product, 'smoke.yml'), text);
    return `./${name}`;
  }

  it('are counted, and told to be none', async () => {
    const none = of(await findings(await env()), 'test specs');
    expect(none).toMatchObject([{ level: 'WARN', text: expect.stringMatching(/^there are none in \S*: no release/) }]);
    const found = await findings(await env({ specs: await specs('good', 'web', smoke) }));
    expect(of(found, 'test specs').map(showFinding)).toEqual(['OK    test specs: cases: web 1']);
  });

  it('have no folder: a warning, and a fault where the policy names it', async () => {
    const named = of(await findings(await env({ specs: './nowhere' })), /^test specs/);
    expect(named).toMatchObject([{ level: 'FAIL', text: expect.stringContaining(join(dir, 'nowhere')) }]);
    const unnamed = of(await findings(await env({ specs: 'unnamed' })), 'test specs');
    expect(unnamed).toMatchObject([
      { level: 'WARN', text: expect.stringContaining(`${join(dir, 'specs')}, which is not there`) },
    ]);
  });

  it('of no product are pointed at', async () => {
    const found = await findings(await env({ specs: await specs('odd', 'wep', smoke) }));
    expect(levels(found, 'test specs')).toEqual(['WARN', 'WARN']);
    expect(of(found, 'test specs')[0]?.text).toContain('wep');
  });

  it('with faults are told by file and line, even without Slack tokens', async () => {
    const bad = await specs('bad', 'web', smoke.replace('    title: Send\n', '').replace('[candidate]', '[nowhere]'));
    const found = await findings({ DATABASE_URL: db.url, SHIPSHAPE_CONFIG: await policy({ specs: bad }) });
    const faults = of(found, /^test specs .*smoke\.yml$/);
    expect(faults.length).toBe(2);
    for (const f of faults)
      expect(f).toMatchObject({ level: 'FAIL', todo: expect.stringMatching(/^correct line \d+$/) });
  });
});

describe('GitHub', () => {
  it('is not needed; a token that is refused is told, even without Slack tokens', async () => {
    expect(of(await findings(await env()), 'GitHub').map((f) => [f.level, f.text.slice(0, 23)])).toEqual([
      ['OK', 'GITHUB_TOKEN is not set'],
    ]);
    const vars = { DATABASE_URL: db.url, SHIPSHAPE_CONFIG: await policy(), GITHUB_TOKEN: 'ghp_refused_one' };
    // What answers there knows nothing of GitHub.
    const found = await findings({ ...vars, GITHUB_API_URL: `${proxy.apiUrl}nothing` });
    expect(of(found, /^GitHub/).some((f) => f.level !== 'OK')).toBe(true);
  });
});
