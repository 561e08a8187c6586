import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import type { Fault } from '../src/base/yaml.ts';
import { loadPolicy, PolicyError, parsePolicy } from '../src/policy.ts';

const small = `
workspace:
  team_id: T0123ABC
  channels: { releases: C0RELEASES, admins: G0ADMINS }
team:
  zone: Europe/Berlin
  hours: { start: 09:00, end: 17:30 }
roles:
  operators: { users: [U0AAAA, W0BBBB] }
  admins: { usergroup: S0ADMINS }
products:
  - { key: web, name: Web app }
`;

/** The small policy with `value` at `path`, sections and lists on the way made; undefined takes it out. */
function changed(path: (string | number)[], value: unknown): string {
  const policy = parse(small);
  let at = policy;
  for (const [i, key] of path.slice(0, -1).entries()) at = at[key] ??= typeof path[i + 1] === 'number' ? [] : {};
  const last = path.at(-1) ?? '';
  if (value === undefined) delete at[last];
  else at[last] = value;
  return stringify(policy);
}

function faultsOf(text: string): Fault[] {
  try {
    parsePolicy(text, 'p.yml');
  } catch (err) {
    if (err instanceof PolicyError) return err.faults;
    throw err;
  }
  return [];
}

test('a value that YAML takes for a comment is told to be quoted; an empty one with a comment is only missing', () => {
  const commented = small
    .replace('releases: C0RELEASES, admins: G0ADMINS', '')
    .replace('{  }', '\n    releases: #releases\n    admins: # who?');
  expect(faultsOf(commented).map((f) => f.text)).toEqual([
    expect.stringMatching(/^is missing: .* \("#releases" without quotes is a comment in YAML: put quotes around it\)$/),
    expect.not.stringContaining('quotes'),
  ]);
});

test('a short policy is enough: the rest has defaults', () => {
  expect(parsePolicy(small, 'p.yml')).toEqual({
    workspace: { teamId: 'T0123ABC', channels: { releases: 'C0RELEASES', admins: 'G0ADMINS' } },
    team: { zone: 'Europe/Berlin', hours: { start: 540, end: 1050 }, holidays: [] },
    roles: {
      operators: { users: ['U0AAAA', 'W0BBBB'] },
      engineers: { users: [] },
      product: { users: [] },
      treasurers: { users: [] },
      admins: { users: [], usergroup: 'S0ADMINS' },
    },
    products: [
      {
        key: 'web',
        name: 'Web app',
        branches: { develop: 'develop', production: 'main' },
        environments: {},
        keyFeatures: [],
        labels: { flag: 'flag:', test: 'needs-test' },
      },
    ],
    review: { separationOfDuties: true, eyesExpireAfterMinutes: 240, emergencyShipOnOne: false },
    reactions: { eyes: ['eyes'], lgtm: ['lgtm'], hold: ['octagonal_sign'], bug: ['bug'], rocket: ['rocket'] },
    testing: { ciGates: false },
    github: { people: new Map() },
    issues: { definitionOfDone: [] },
  });
});

test('everything can be set', () => {
  const text =
    `${small.replace('C0RELEASES,', 'C0RELEASES, triage: C0TRIAGE, prod_issues: C0PROD, test_funds: C0FUNDS,')}
    repo: example/web
    branches: { develop: next, production: release/live }
    environments: { candidate: "https://a.dev", production: "https://b.dev" }
    key_features: [Sign in]
    labels: { flag: 'Toggle/', test: QA }
github: { people: { Octo-Cat: U0OCTO, 'dep[bot]': U0BOT } }
review: { separation_of_duties: false, eyes_expire_after: 1h30m, emergency_ship_on_one: true }
reactions: { eyes: [eyes, "👀"], lgtm: [lgtm, "+1"], hold: [] }
issues: { definition_of_done: [Tested, Told] }
`.replace('- { key: web, name: Web app }\n', '- key: web\n    name: Web app');
  expect(parsePolicy(text, 'p.yml')).toMatchObject({
    workspace: { channels: { triage: 'C0TRIAGE', prodIssues: 'C0PROD', testFunds: 'C0FUNDS' } },
    products: [
      {
        repo: 'example/web',
        branches: { develop: 'next', production: 'release/live' },
        environments: { candidate: 'https://a.dev', production: 'https://b.dev' },
        keyFeatures: ['Sign in'],
        labels: { flag: 'toggle/', test: 'qa' },
      },
    ],
    github: {
      people: new Map([
        ['octo-cat', 'U0OCTO'],
        ['dep[bot]', 'U0BOT'],
      ]),
    },
    review: { separationOfDuties: false, eyesExpireAfterMinutes: 90, emergencyShipOnOne: true },
    reactions: { eyes: ['eyes', '👀'], lgtm: ['lgtm', '+1'], hold: [], bug: ['bug'] },
    issues: { definitionOfDone: ['Tested', 'Told'] },
  });
});

test('people of GitHub are logins with user ids', () => {
  expect(faultsOf(`${small}github: { people: { "not a login": U0OCTO, octo: Octo } }`).map((f) => f.text)).toEqual([
    expect.stringMatching(/^must be the id of a user/),
    'is no GitHub login: they are letters, digits and hyphens',
  ]);
});

test('the example that comes with the project is a policy, and sets everything there is', () => {
  expect(loadPolicy('shipshape.yml').products[0]?.key).toBe('web');
  const example = readFileSync('shipshape.yml', 'utf8');
  const keys = readFileSync('src/policy.ts', 'utf8').matchAll(
    /^ +([a-z_]+): (?:word|list|section|members|channel|emojis|yesNo)/gm,
  );
  for (const [, key] of keys) expect(example).toContain(`${key}:`);
});

test.each<[(string | number)[], unknown, RegExp]>([
  [['workspace', 'team_id'], 'acme', /id of the workspace.*not "acme"/],
  [['workspace', 'channels', 'releases'], '#releases', /id of a channel, such as C.*not "#releases"/],
  [['workspace', 'channels', 'admins'], undefined, /is missing: it must be the id of a channel/],
  [['workspace', 'channels', 'triage'], 'U0123456', /id of a channel/],
  [['workspace', 'channels'], 'C0RELEASES', /must be a section with releases, triage/],
  [['issues', 'definition_of_done'], Array.from({ length: 11 }, (_, i) => `box ${i}`), /room for 10/],
  [['issues', 'definition_of_done', 0], 'x'.repeat(76), /1 to 75 characters/],
  [['issues', 'definition_of_done'], ['Tested', 'Tested'], /is there twice/],
  [['team', 'zone'], 'Berlin', /IANA time zone/],
  [['team', 'zone'], '+02:00', /IANA time zone/],
  [['team', 'zone'], 2, /IANA time zone, .*not 2/],
  [['team', 'hours', 'start'], '9:00', /time of day/],
  [['team', 'hours', 'end'], '24:00', /time of day/],
  [['team', 'hours', 'end'], '09:00', /must be later than start \(09:00\)/],
  [['team', 'holidays', 0], '2026-02-30', /must be a date/],
  [['team', 'holidays'], 'never', /must be a list of dates/],
  [['roles', 'operators', 'users', 0], '@ann', /id of a user/],
  [['roles', 'operators', 'usergroup'], 'ops', /id of a user group/],
  [['roles', 'operators'], undefined, /is missing/],
  [['roles', 'admins', 'usergroup'], undefined, /needs at least one user, or a usergroup/],
  [['products'], [], /at least one product/],
  [['products', 0, 'key'], 'Web', /a-z, 0-9 and -/],
  [['products', 0, 'key'], 'a'.repeat(31), /a-z, 0-9 and -/],
  [['products', 0, 'name'], ' ', /1 to 100 characters/],
  [['products', 0, 'repo'], 'https://github.com/a/b', /owner\/name/],
  [['products', 0, 'environments', 'candidate'], 'javascript:alert(1)', /http or https address/],
  [['review', 'eyes_expire_after'], '0m', /duration up to 24h/],
  [['review', 'eyes_expire_after'], '25h', /duration up to 24h/],
  [['review', 'eyes_expire_after'], 4, /duration up to 24h/],
  [['review', 'separation_of_duties'], 'yes', /true or false/],
  [['reactions', 'lgtm', 0], ':lgtm:', /without colons/],
  [['reactions', 'lgtm', 0], 'LGTM', /lower case/],
  [['reactions', 'lgtm', 0], 'thumbsup', /\+1 and -1/],
  [['reactions', 'lgtm'], 'lgtm', /list of emoji names/],
])('%j as %j is one fault that says the right form', (path, value, text) => {
  const faults = faultsOf(changed(path, value));
  expect(faults.map((fault) => fault.text)).toEqual([expect.stringMatching(text)]);
});

test('R4: two different operators or a user group are needed for four eyes', () => {
  for (const users of [[], ['U0AAAA'], ['U0AAAA', 'U0AAAA']]) {
    const faults = faultsOf(changed(['roles', 'operators', 'users'], users));
    expect(faults[0]).toMatchObject({ path: 'roles.operators.users', text: expect.stringContaining('four eyes') });
    expect(faultsOf(changed(['roles', 'operators'], { users: users.slice(0, 1), usergroup: 'S0OPERATORS' }))).toEqual(
      [],
    );
  }
});

test('unknown keys are faults, with the nearest known one where there is one', () => {
  const text = `${small}
reveiw: {}
zoo: {}
`.replace('team_id', 'teamid');
  expect(faultsOf(text).map(({ path, text: said }) => `${path} ${said}`)).toEqual([
    expect.stringMatching(/^workspace.team_id is missing/),
    'workspace.teamid is not a known key: did you mean team_id?',
    'reveiw is not a known key: did you mean review?',
    expect.stringMatching(
      /^zoo is not a known key: known here are workspace, team, roles, products, .*, cadence, duty,/,
    ),
  ]);
});

test('an emoji means one thing, defaults of roads left out included', () => {
  expect(faultsOf(`${small}reactions: { eyes: [lgtm] }`)).toEqual([
    { path: 'reactions.eyes[0]', line: 13, text: '"lgtm" already means lgtm: use another emoji' },
  ]);
  expect(faultsOf(`${small}reactions: { eyes: [lgtm], lgtm: ["+1"] }`)).toEqual([]);
  expect(faultsOf(`${small}reactions: { hold: [no_entry], bug: [no_entry] }`)).toHaveLength(1);
});

test('the same user or product key twice is a fault', () => {
  expect(faultsOf(changed(['roles', 'engineers'], { users: ['U0AAAA', 'U0AAAA'] }))).toMatchObject([
    { path: 'roles.engineers.users[1]', text: '"U0AAAA" is there twice: keep one' },
  ]);
  expect(faultsOf(`${small}  - { key: web, name: Again }`)).toMatchObject([
    { path: 'products[1].key', line: 13, text: '"web" is there twice: keep one' },
  ]);
});

test('all faults come at once, by line, also those between fields of broken sections', () => {
  const text = `workspace:
  team_id: X
  chanels: {}
products:
  - key: A b
    name: x
  - key: ok
    name: y
  - key: ok
    nme: z
roles:
  operators: { users: [U0AAAA] }
review: { eyes_expire_after: soon }
`;
  const error = (() => {
    try {
      return parsePolicy(text, 'p.yml');
    } catch (err) {
      return err;
    }
  })();
  expect(error).toBeInstanceOf(PolicyError);
  expect(error).toMatchObject({ code: 'policy', next: expect.any(String) });
  expect((error as PolicyError).message.split('\n').map((line) => line.replace(/: .*/, ''))).toEqual([
    'p.yml has 11 faults:',
    '  line 1, workspace.channels',
    '  line 1, team',
    '  line 2, workspace.team_id',
    '  line 3, workspace.chanels',
    '  line 5, products[0].key',
    '  line 9, products[2].name',
    '  line 9, products[2].key',
    '  line 10, products[2].nme',
    '  line 11, roles.admins',
    '  line 12, roles.operators.users',
    '  line 13, review.eyes_expire_after',
  ]);
});

test.each([
  ['', 1, /workspace/],
  ['- a\n- b', 1, /must be a section with workspace/],
  ['a: [1\nb: 2', 2, /not valid YAML/],
  ['a: 1\na: 2', 2, /^a is there twice/],
  ['a: !secret x', 1, /not valid YAML here \(Unresolved tag/],
  ['a: *nowhere', 1, /nowhere/],
  ['review:', 1, /section/],
])('what is no policy at all is said so: %j', (text, line, said) => {
  const faults = faultsOf(text);
  expect(faults.some((fault) => fault.line === line && said.test(fault.text + fault.path))).toBe(true);
});

test('a file that is not there is one fault with the way out', () => {
  expect(() => loadPolicy('/nowhere/shipshape.yml')).toThrow(
    /has 1 fault:\n {2}cannot be read \(ENOENT\): set SHIPSHAPE_CONFIG/,
  );
});

test('R20: tabs of the sheets may have spreadsheets of their own, by address or id', () => {
  const url = 'https://docs.google.com/spreadsheets/d/1AbCdEfGh/edit';
  expect(parsePolicy(changed(['sheets'], { ledger: url, test_funds: '1XyZ_0123' }), 'p.yml').sheets).toEqual({
    ledger: '1AbCdEfGh',
    funds: '1XyZ_0123',
  });
  expect(faultsOf(changed(['sheets'], { releases: 'my sheet' }))).toEqual([
    expect.objectContaining({ path: 'sheets.releases', text: expect.stringContaining('the id of a spreadsheet') }),
  ]);
});
