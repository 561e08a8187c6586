import { describe, expect, test } from 'vitest';
import { PERMISSIONS, type Permission, SYSTEM_ACTS, whoMay } from '../../../src/areas/releases/permissions.ts';
import { forbidden } from '../../../src/areas/releases/rules.ts';
import type { Actor } from '../../../src/base/actor.ts';
import { ACTS, ADA, ADMIN, ENG, MAX, NOBODY, person } from '../../support/facts.ts';

const PRODUCT = person('UPROD', 'product');
const TREASURER = person('UTREAS', 'treasurer');
const PLAIN_MANAGER = person(MAX.id);
const WHO = {
  operator: ADA,
  engineer: ENG,
  product: PRODUCT,
  treasurer: TREASURER,
  admin: ADMIN,
  manager: PLAIN_MANAGER,
  nobody: NOBODY,
};
type Kind = keyof typeof WHO;

const ALL: Kind[] = ['operator', 'engineer', 'product', 'treasurer', 'admin', 'manager', 'nobody'];
/** The table of who may do what, once more by hand: a change of one must be a change of the other. */
const EXPECTED: Record<Permission, Kind[]> = {
  open: ['operator', 'engineer', 'admin'],
  candidate: ['engineer', 'admin', 'manager'],
  ready: ['operator'],
  away: ALL,
  lgtm: ['operator'],
  verify: ['operator'],
  retract: ALL,
  hold: ALL,
  reason: ALL,
  unhold: ALL,
  ship: ['admin', 'manager'],
  ship_on_one: ['admin', 'manager'],
  shipped: ['admin', 'manager'],
  failed: ['admin', 'manager'],
  rollback: ['operator', 'admin', 'manager'],
  cancel: ['admin', 'manager'],
  review: ['operator'],
};

describe('who may do what', () => {
  test.each(Object.keys(EXPECTED) as Permission[])('%s', (permission) => {
    expect(ALL.filter((kind) => !forbidden(permission, WHO[kind], MAX.id))).toEqual(EXPECTED[permission]);
  });

  test.each(Object.keys(PERMISSIONS) as Permission[])(
    '%s: never a bot, guest, stranger or deactivated person',
    (permission) => {
      for (const standing of ['bot', 'guest', 'outsider', 'deactivated'] as const) {
        const actor: Actor = { ...person(MAX.id, 'operator', 'engineer', 'admin'), standing };
        expect(forbidden(permission, actor, MAX.id)).toMatchObject({ code: 'standing' });
      }
    },
  );

  test('every act is open to somebody or is the bot’s own', () => {
    const known = [...Object.keys(PERMISSIONS), ...SYSTEM_ACTS];
    expect([...Object.keys(ACTS), 'open'].sort()).toEqual(known.sort());
  });

  test('before a release has a manager, nobody is it', () => {
    expect(forbidden('ship', PLAIN_MANAGER, null)).toMatchObject({ code: 'role' });
    expect(forbidden('open', ENG, null)).toBeNull();
  });

  test('roles that could not be read are no refusal for their want', () => {
    const unread: Actor = { ...person('UX'), rolesUnknown: 'the operators could not be read for over an hour' };
    expect(forbidden('lgtm', unread, MAX.id)).toEqual({
      code: 'roles_unknown',
      reason: 'the operators could not be read for over an hour',
      next: 'Try again in a few minutes, or tell an admin.',
    });
    expect(forbidden('hold', unread, MAX.id)).toBeNull();
  });
});

describe('in words', () => {
  test.each([
    [[], ''],
    [['operator'], 'an operator'],
    [['manager', 'admin'], "this release's manager or an admin"],
    [['manager', 'admin', 'operator'], "this release's manager, an admin or an operator"],
    [
      ['engineer', 'product', 'treasurer', 'anyone'],
      'an engineer, somebody of the product team, a treasurer or any member of the workspace',
    ],
  ] as const)('%j', (who, words) => expect(whoMay(who)).toBe(words));

  test('a refusal names them', () => {
    expect(forbidden('ship', ADA, MAX.id)).toEqual({
      code: 'role',
      reason: "only this release's manager or an admin can do that",
      next: 'Ask one of them; roles are set in the policy file.',
    });
  });
});
