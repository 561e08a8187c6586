import { describe, expect, test } from 'vitest';
import { parsePolicy } from '../../../src/policy.ts';

describe('the policy’s section', () => {
  const BASE = `
workspace: { team_id: T0123ABC, channels: { releases: C0RELEASES, admins: C0ADMINS } }
team: { zone: Europe/Lisbon, hours: { start: "09:00", end: "17:30" } }
roles: { operators: { users: [U0ANA, U0BEN] }, admins: { usergroup: S0ADMINS } }
products: [{ key: web, name: Web app }]
`;
  const read = (section: string) => parsePolicy(`${BASE}regression: ${section}`, 'p.yml').regression;
  const faults = (section: string) => {
    try {
      read(section);
      return '';
    } catch (err) {
      return (err as Error).message;
    }
  };

  test('defaults, weights, key areas and pairs that differ', () => {
    const section = read(`{ wallets: [a, b], features: [s, { name: t, key: true }, { name: u, key: true, weight: 4 }],
      pairs: [{ wallet: b, feature: s, skip: true }, { wallet: a, feature: t, key: false }, { wallet: b, feature: t, weight: 3 }, { wallet: a, feature: s, key: true }] }`);
    expect(section).toMatchObject({ product: 'web', testers: [], starts: [570, 840], owner: 'C0ADMINS' });
    expect(section?.areas.map((x) => `${x.feature}${x.wallet}${x.key ? '!' : ''}${x.times}`)).toEqual([
      'sa!2',
      'ta1',
      'tb!3',
      'ua!4',
      'ub!4',
    ]);
    expect(parsePolicy(BASE, 'p.yml').regression).toBeUndefined();
  });

  test.each([
    ['{ wallets: [], features: [s] }', 'needs at least one wallet'],
    ['{ wallets: [a], features: [] }', 'needs at least one feature'],
    ['{ wallets: [a, a], features: [s, s] }', '"s" is there twice'],
    [
      '{ wallets: [a], features: [{ name: s, weight: 2 }, { name: t, key: true }] }',
      'key areas must have a higher weight',
    ],
    ['{ wallets: [a], features: [s], pairs: [{ wallet: x, feature: s }] }', 'is none of the wallets above: a'],
    ['{ wallets: [a], features: [s], pairs: [{ wallet: a, feature: s, skip: true }] }', 'skips every pair'],
    ['{ wallets: [a], features: [s], product: app }', 'is no product: they are web'],
    ['{ wallets: [a], features: [{ name: s, weight: 11 }] }', 'must be a whole number from 1 to 10'],
    ['{ wallets: [a], features: [7] }', 'must be a section with name, key, weight'],
    ['{ wallets: [a], features: [s], start: ["25:00"] }', 'a time of day'],
    ['{ wallets: [a], features: [s], walets: [b] }', 'did you mean wallets?'],
    ['[a]', 'a section with'],
  ])('%s: %s', (section, says) => {
    expect(faults(section)).toContain(says);
  });

  test.each([
    ['[{ key: Web App, name: Web app }]', 'products[0].key'],
    ['[]', 'products'],
  ])('of products that are wrong themselves (%s) is not found fault with', (products, path) => {
    const other = BASE.replace('[{ key: web, name: Web app }]', products);
    const text = `${other}regression: { wallets: [a], features: [s], product: web-app }`;
    const found = expect.objectContaining({ faults: [expect.objectContaining({ path })] });
    expect(() => parsePolicy(text, 'p.yml')).toThrow(found);
  });
});
