import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { z } from 'zod';
import { parseDuration } from './base/duration.ts';
import { ShipshapeError } from './base/errors.ts';
import { isUrl } from './base/mrkdwn.ts';
import type { Policy } from './base/policy.ts';
import { durationUpTo, filled, fits, hour, minuteOf, productKey, user, usergroup } from './base/policy-words.ts';
import {
  type Fault,
  type Found,
  get,
  isObject,
  items,
  list,
  readYaml,
  repeated,
  section,
  show,
  showFaults,
  word,
  wrong,
  yesNo,
} from './base/yaml.ts';
import {
  cadence,
  calendarFaults,
  duty,
  regression,
  reminders,
  toCadence,
  toDuty,
  toRegression,
  toReminders,
} from './policy-calendar.ts';
import { funds, fundsFaults, sheets, toFunds, toSheets } from './policy-funds.ts';

/** The policy file cannot be used; `faults` has everything that is wrong, the message lists it line by line. */
export class PolicyError extends ShipshapeError {
  readonly file: string;
  readonly faults: Fault[];

  constructor(file: string, faults: Fault[]) {
    const count = faults.length === 1 ? '1 fault' : `${faults.length} faults`;
    super({
      code: 'policy',
      message: `${file} has ${count}:\n${showFaults(faults)}`,
      next: 'Correct them and start again.',
    });
    this.file = file;
    this.faults = faults;
  }
}

/** Reads and checks the policy file at `path`. Throws PolicyError with every fault, also when it cannot be read. */
export function loadPolicy(path: string): Policy {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (err) {
    const code = err instanceof Error && 'code' in err ? String(err.code) : 'unknown error';
    const fix = 'set SHIPSHAPE_CONFIG to the path of your policy, or start from the example shipshape.yml';
    throw new PolicyError(path, [{ path: '', line: 0, text: `cannot be read (${code}): ${fix}` }]);
  }
  return parsePolicy(text, basename(path));
}

/** Checks the policy in `text` (YAML); `file` is its name in messages. Throws PolicyError with every fault at once. */
export function parsePolicy(text: string, file: string): Policy {
  const read = readYaml(text, schema, crossFaults);
  if ('faults' in read) throw new PolicyError(file, read.faults);
  return toPolicy(read.value);
}

const channel = word(
  'the id of a channel, such as C0123ABCD (in Slack: channel name → About)',
  fits(/^[CG][A-Z0-9]{5,}$/),
);
const team = word('the id of the workspace, such as T0123ABCD', fits(/^T[A-Z0-9]{3,}$/));
const box = word('a text of 1 to 75 characters', fits(/^\S(.{0,73}\S)?$/));
const url = word('an http or https address', isUrl);
const branch = word('the name of a branch', fits(/^[^\s~^:?*[\\]{1,200}$/));
const emoji = word(
  'an emoji name in lower case and without colons, as Slack reports it (+1 and -1, not thumbsup and thumbsdown)',
  (name) => /^[^\s:\p{Lu}]{1,100}$/u.test(name) && name !== 'thumbsup' && name !== 'thumbsdown',
);

const members = section({ users: list(user, 'a list of user ids').default([]), usergroup: usergroup.optional() });
const nobody = { users: [] };
const emojis = list(emoji, 'a list of emoji names, such as [eyes]');

const ROADS = { eyes: ['eyes'], lgtm: ['lgtm'], hold: ['octagonal_sign'], bug: ['bug'], rocket: ['rocket'] };

const product = section({
  key: productKey,
  name: filled,
  repo: word('owner/name as on GitHub', fits(/^[\w-]+\/[\w.-]+$/)).optional(),
  branches: section({ develop: branch.default('develop'), production: branch.default('main') }).prefault({}),
  environments: section({ candidate: url.optional(), production: url.optional() }).default({}),
  key_features: list(filled, 'a list of names').default([]),
  labels: section({ flag: filled.default('flag:'), test: filled.default('needs-test') }).prefault({}),
});

/** GitHub's rule for logins; those of its apps end in [bot]. */
const login = /^[A-Za-z0-9](?:[A-Za-z0-9_-]{0,38})(?:\[bot\])?$/;
const logins = z
  .record(z.string(), user, { error: (issue) => wrong(issue.input, 'a section of GitHub logins, each with a user id') })
  .default({});

const schema = section({
  workspace: section({
    team_id: team,
    channels: section({
      releases: channel,
      triage: channel.optional(),
      prod_issues: channel.optional(),
      test_funds: channel.optional(),
      admins: channel,
    }),
  }),
  team: section({
    zone: word('an IANA time zone, such as Europe/Berlin', isZone),
    hours: section({ start: hour, end: hour }),
    holidays: list(word('a date, such as 2027-01-01', isDay), 'a list of dates').default([]),
  }),
  roles: section({
    operators: members,
    engineers: members.default(nobody),
    product: members.default(nobody),
    treasurers: members.default(nobody),
    admins: members,
  }),
  products: list(product, 'a list of products').min(1, 'needs at least one product, with key and name'),
  review: section({
    separation_of_duties: yesNo.default(true),
    eyes_expire_after: durationUpTo(1440, '24h').default('4h'),
    emergency_ship_on_one: yesNo.default(false),
  }).prefault({}),
  reactions: section({
    eyes: emojis.default(ROADS.eyes),
    lgtm: emojis.default(ROADS.lgtm),
    hold: emojis.default(ROADS.hold),
    bug: emojis.default(ROADS.bug),
    rocket: emojis.default(ROADS.rocket),
  }).prefault({}),
  github: section({ people: logins }).prefault({}),
  testing: section({
    specs: filled.optional(),
    ci_gates: yesNo.default(false),
  }).prefault({}),
  issues: section({
    definition_of_done: list(box, 'a list of texts')
      .max(10, 'has room for 10: Slack shows no more checkboxes together')
      .default([]),
  }).prefault({}),
  cadence: cadence.optional(),
  duty: duty.optional(),
  regression: regression.optional(),
  reminders: reminders.optional(),
  funds: funds.optional(),
  sheets: sheets.optional(),
});

function isZone(text: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: text });
    // Newer Node takes offsets (+02:00) too; they know no summer time.
    return /^[A-Za-z]/.test(text);
  } catch {
    return false;
  }
}

function isDay(text: string): boolean {
  const day = /^\d{4}-\d\d-\d\d$/.test(text) ? new Date(`${text}T00:00:00Z`) : new Date(Number.NaN);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text);
}

/** What zod cannot say while other faults stand: rules between fields. Takes the raw value, whatever shape it has. */
function crossFaults(raw: unknown): Found[] {
  const operators = get(raw, 'roles', 'operators');
  const listed = new Set(items(get(operators, 'users')));
  const found: Found[] = [];
  if (isObject(operators) && get(operators, 'usergroup') === undefined && listed.size < 2) {
    const text = `needs at least 2 different users, or a usergroup: four eyes are not possible with ${listed.size}`;
    found.push({ at: ['roles', 'operators', 'users'], text });
  }
  const admins = get(raw, 'roles', 'admins');
  if (isObject(admins) && get(admins, 'usergroup') === undefined && items(get(admins, 'users')).length === 0) {
    found.push({ at: ['roles', 'admins', 'users'], text: 'needs at least one user, or a usergroup' });
  }
  const [start, end] = [get(raw, 'team', 'hours', 'start'), get(raw, 'team', 'hours', 'end')];
  if (hour.safeParse(start).success && hour.safeParse(end).success && String(start) >= String(end)) {
    found.push({ at: ['team', 'hours', 'end'], text: `must be later than start (${start})` });
  }
  for (const role of ['operators', 'engineers', 'product', 'treasurers', 'admins']) {
    found.push(...repeated(items(get(raw, 'roles', role, 'users')), (i) => ['roles', role, 'users', i]));
  }
  for (const name of Object.keys(asObject(get(raw, 'github', 'people')))) {
    if (!login.test(name))
      found.push({ at: ['github', 'people', name], text: 'is no GitHub login: they are letters, digits and hyphens' });
  }
  found.push(...repeated(items(get(raw, 'issues', 'definition_of_done')), (i) => ['issues', 'definition_of_done', i]));
  const keys = items(get(raw, 'products')).map((each) => get(each, 'key'));
  found.push(...repeated(keys, (i) => ['products', i, 'key']));
  return [...found, ...emojiFaults(get(raw, 'reactions')), ...calendarFaults(raw), ...fundsFaults(raw)];
}

function asObject(value: unknown): Record<string, unknown> {
  return isObject(value) ? value : {};
}

/** One emoji must mean one thing, the defaults of roads that are left out included. */
function emojiFaults(reactions: unknown): Found[] {
  const takenBy = new Map<unknown, string>();
  const found: Found[] = [];
  const given = Object.entries(ROADS).map(([road, usual]) => ({ road, own: get(reactions, road), usual }));
  // Defaults first: a fault is then shown where the file has a line.
  for (const { road, own, usual } of given) if (own === undefined) for (const name of usual) takenBy.set(name, road);
  for (const { road, own } of given) {
    items(own).forEach((name, i) => {
      const other = takenBy.get(name);
      if (other === undefined) takenBy.set(name, road);
      else found.push({ at: ['reactions', road, i], text: `${show(name)} already means ${other}: use another emoji` });
    });
  }
  return found;
}

function toPolicy(file: z.output<typeof schema>): Policy {
  const { channels } = file.workspace;
  return {
    workspace: {
      teamId: file.workspace.team_id,
      channels: {
        releases: channels.releases,
        admins: channels.admins,
        ...(channels.triage ? { triage: channels.triage } : {}),
        ...(channels.prod_issues ? { prodIssues: channels.prod_issues } : {}),
        ...(channels.test_funds ? { testFunds: channels.test_funds } : {}),
      },
    },
    team: {
      zone: file.team.zone,
      hours: { start: minuteOf(file.team.hours.start), end: minuteOf(file.team.hours.end) },
      holidays: file.team.holidays,
    },
    roles: file.roles,
    products: file.products.map(({ key_features, labels, ...rest }) => ({
      ...rest,
      keyFeatures: key_features,
      labels: { flag: labels.flag.toLowerCase(), test: labels.test.toLowerCase() },
    })),
    review: {
      separationOfDuties: file.review.separation_of_duties,
      eyesExpireAfterMinutes: parseDuration(file.review.eyes_expire_after) ?? 240,
      emergencyShipOnOne: file.review.emergency_ship_on_one,
    },
    reactions: file.reactions,
    github: { people: new Map(Object.entries(file.github.people).map(([name, id]) => [name.toLowerCase(), id])) },
    testing: { ciGates: file.testing.ci_gates, ...(file.testing.specs !== undefined && { specs: file.testing.specs }) },
    issues: { definitionOfDone: file.issues.definition_of_done },
    ...(file.cadence && { cadence: toCadence(file.cadence) }),
    ...(file.duty && { duty: toDuty(file.duty) }),
    ...(file.funds && { funds: toFunds(file.funds) }),
    ...(file.sheets && { sheets: toSheets(file.sheets) }),
    ...(file.regression && {
      regression: toRegression(file.regression, file.products, file.roles.admins, channels.admins),
    }),
    ...(file.reminders && { reminders: toReminders(file.reminders) }),
  };
}
