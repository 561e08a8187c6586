// The sections of the policy about the calendar: when releases go out, and who is on.
import { z } from 'zod';
import { parseDuration } from './base/duration.ts';
import {
  type Cadence,
  DEFAULT_REMINDERS,
  type Duty,
  type Members,
  type Regression,
  type RegressionArea,
  type Reminders,
} from './base/policy.ts';
import { durationUpTo, hour, minuteOf, productKey, user, usergroup } from './base/policy-words.ts';
import { type Found, get, isObject, items, list, repeated, section, word, wrong, yesNo } from './base/yaml.ts';

const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
const weekday = z.enum(WEEKDAYS, { error: (issue) => wrong(issue.input, `one of ${WEEKDAYS.join(', ')}`) });

/** R9. The section may be empty (`cadence: {}`): then the defaults hold. Without it there are no slots. */
export const cadence = section({
  slots: list(hour, 'a list of times, such as ["10:00", "15:00"]')
    .min(1, 'needs at least one time; leave the section out to have no slots')
    .max(12, 'has room for 12 a day')
    .default(['10:00', '15:00']),
  days: list(weekday, 'a list of weekdays, such as [mon, tue]')
    .min(1, 'needs at least one day; leave the section out to have no slots')
    .default(['mon', 'tue', 'wed', 'thu', 'fri']),
  grace: durationUpTo(720, '12h').default('1h'),
  propose_before: durationUpTo(1440, '24h').default('1h30m'),
});

/** Who is on: people in turn, or a Slack user group. */
export const duty = section({
  roster: list(user, 'a list of user ids').default([]),
  usergroup: usergroup.optional(),
  size: z
    .int({ error: (issue) => wrong(issue.input, 'a whole number from 1 to 10') })
    .min(1, 'must be 1 to 10')
    .max(10, 'must be 1 to 10')
    .default(2),
  turn: z.enum(['day', 'week'], { error: (issue) => wrong(issue.input, 'day or week') }).default('week'),
});

const name = word('a name of 1 to 40 characters', (text) => text.trim() === text && text !== '' && text.length <= 40);
const TIMES = 'a whole number from 1 to 10';
const weight = z
  .int({ error: (issue) => wrong(issue.input, TIMES) })
  .min(1, `must be ${TIMES}`)
  .max(10, `must be ${TIMES}`)
  .optional();
const feature = z.preprocess(
  (given) => (typeof given === 'string' ? { name: given } : given),
  section({ name, key: yesNo.default(false), weight }),
);

/** R21. */
export const regression = section({
  product: word('the key of a product', (text) => text !== '').optional(),
  wallets: list(name, 'a list of names').min(1, 'needs at least one wallet').max(30, 'has room for 30'),
  features: list(feature, 'a list of names, or of sections with name, key and weight')
    .min(1, 'needs at least one feature')
    .max(50, 'has room for 50'),
  pairs: list(
    section({ wallet: name, feature: name, skip: yesNo.default(false), key: yesNo.optional(), weight }),
    'a list of pairs with wallet and feature',
  ).default([]),
  testers: list(user, 'a list of user ids').default([]),
  start: list(hour, 'a list of times, such as ["09:30", "14:00"]')
    .min(1, 'needs at least one time')
    .max(8, 'has room for 8 a day')
    .default(['09:30', '14:00']),
  owner: user.optional(),
});

const A_DAY = 'a whole number from 0 to 20; 0: no reminders at all';

/** R23. */
export const reminders = section({
  max_per_day: z
    .int({ error: (issue) => wrong(issue.input, A_DAY) })
    .min(0, `must be ${A_DAY}`)
    .max(20, `must be ${A_DAY}`)
    .default(DEFAULT_REMINDERS.maxPerDay),
});

export function toReminders(file: z.output<typeof reminders>): Reminders {
  return { maxPerDay: file.max_per_day };
}

export function toCadence(file: z.output<typeof cadence>): Cadence {
  return {
    slots: file.slots.map(minuteOf).sort((a, b) => a - b),
    days: file.days.map((day) => WEEKDAYS.indexOf(day) + 1).sort((a, b) => a - b),
    graceMinutes: parseDuration(file.grace) ?? 60,
    proposeMinutesBefore: parseDuration(file.propose_before) ?? 90,
  };
}

export function toDuty(file: z.output<typeof duty>): Duty {
  const { roster, usergroup: group, size, turn } = file;
  return { roster, size, turn, ...(group !== undefined && { usergroup: group }) };
}

/** The section as the calendar uses it. @param channel of the admins, who answer for the calendar where nobody else does */
export function toRegression(
  file: z.output<typeof regression>,
  products: readonly { key: string }[],
  admins: Members,
  channel: string,
): Regression {
  return {
    product: file.product ?? products[0]?.key ?? '',
    areas: areasOf(file),
    testers: file.testers,
    starts: file.start.map(minuteOf).sort((a, b) => a - b),
    owner: file.owner ?? admins.users[0] ?? channel,
  };
}

/** Every wallet with every feature, but for what `pairs` says of some. A key area is tested twice a month where no weight is given. */
function areasOf(file: z.output<typeof regression>): RegressionArea[] {
  return file.features.flatMap((f) =>
    file.wallets.flatMap((wallet): RegressionArea[] => {
      const own = file.pairs.find((p) => p.wallet === wallet && p.feature === f.name);
      const key = own?.key ?? f.key;
      const usual = key ? 2 : 1;
      const times = own?.weight ?? (own?.key !== undefined && own.key !== f.key ? usual : (f.weight ?? usual));
      return own?.skip ? [] : [{ wallet, feature: f.name, key, times }];
    }),
  );
}

function regressionFaults(raw: unknown, policy: unknown): Found[] {
  if (!isObject(raw)) return [];
  const found: Found[] = [];
  const wallets = items(get(raw, 'wallets'));
  const features = items(get(raw, 'features')).map((f) => (isObject(f) ? f : { name: f }));
  const names = features.map((f) => get(f, 'name'));
  const twice = (all: unknown[], key: string) => found.push(...repeated(all, (i) => ['regression', key, i]));
  twice(wallets, 'wallets');
  twice(names, 'features');
  for (const key of ['testers', 'start']) twice(items(get(raw, key)), key);
  const pairs = items(get(raw, 'pairs')).filter(isObject);
  twice(
    pairs.map((p) => `${get(p, 'wallet')} x ${get(p, 'feature')}`),
    'pairs',
  );
  pairs.forEach((p, i) => {
    for (const [key, known] of [
      ['wallet', wallets],
      ['feature', names],
    ] as const)
      if (!known.includes(get(p, key)))
        found.push({ at: ['regression', 'pairs', i, key], text: `is none of the ${key}s above: ${known.join(', ')}` });
  });
  const keys = items(get(policy, 'products')).map((p) => get(p, 'key'));
  const product = get(raw, 'product');
  // Where the products are wrong themselves, that is the fault.
  const sound = keys.length > 0 && keys.every((key) => productKey.safeParse(key).success);
  if (product !== undefined && sound && !keys.includes(product))
    found.push({ at: ['regression', 'product'], text: `is no product: they are ${keys.join(', ')}` });
  const read = regression.safeParse(raw);
  if (!read.success) return found;
  const areas = areasOf(read.data);
  if (!areas.length) found.push({ at: ['regression', 'pairs'], text: 'skips every pair: leave one to test' });
  const often = Math.max(0, ...areas.filter((a) => !a.key).map((a) => a.times));
  const rare = areas.find((a) => a.key && a.times <= often);
  if (rare)
    found.push({
      at: ['regression', 'features'],
      text: `key areas must have a higher weight than all others: ${rare.feature} with ${rare.wallet} has ${rare.times}, one that is no key area has ${often}`,
    });
  return found;
}

/** Rules between fields of the calendar's sections. Takes the raw policy, whatever shape it has. */
export function calendarFaults(raw: unknown): Found[] {
  return [
    ...cadenceFaults(get(raw, 'cadence')),
    ...dutyFaults(get(raw, 'duty')),
    ...regressionFaults(get(raw, 'regression'), raw),
  ];
}

function cadenceFaults(raw: unknown): Found[] {
  const found: Found[] = [];
  for (const key of ['slots', 'days']) found.push(...repeated(items(get(raw, key)), (i) => ['cadence', key, i]));
  const times = items(get(raw, 'slots')).filter((t): t is string => hour.safeParse(t).success);
  const grace = parseDuration(String(get(raw, 'grace') ?? '1h'));
  const minutes = times.map(minuteOf).sort((a, b) => a - b);
  const next = minutes.map((at, i) => (minutes[i + 1] ?? (minutes[0] ?? 0) + 1440) - at);
  const least = Math.min(...next.filter((gap) => gap > 0));
  if (grace !== undefined && grace >= least && minutes.length > 0)
    found.push({
      at: ['cadence', get(raw, 'grace') === undefined ? 'slots' : 'grace'],
      text: `a slot must be over before the next begins: two are only ${least} minutes apart, and the grace is ${grace}`,
    });
  return found;
}

function dutyFaults(raw: unknown): Found[] {
  if (raw === undefined || raw === null) return [];
  const roster = items(get(raw, 'roster'));
  const group = get(raw, 'usergroup');
  if (roster.length && group !== undefined)
    return [{ at: ['duty', 'usergroup'], text: 'is there beside a roster: keep one of them' }];
  if (!roster.length && group === undefined) return [{ at: ['duty'], text: 'needs a roster of users, or a usergroup' }];
  return repeated(roster, (i) => ['duty', 'roster', i]);
}
