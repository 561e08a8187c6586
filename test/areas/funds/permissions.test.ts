import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { FUNDS_PERMISSIONS, type FundsPermission, type FundsWho } from '../../../src/areas/funds/permissions.ts';
import { forbiddenFunds } from '../../../src/areas/funds/rules.ts';
import { ADMIN, NOBODY, person } from '../../support/facts.ts';

const REQUESTER = person('UREQ');
const WHO = { treasurer: person('UTREAS', 'treasurer'), requester: REQUESTER, admin: ADMIN, nobody: NOBODY };
type Kind = keyof typeof WHO;
const ALL: Kind[] = ['treasurer', 'requester', 'admin', 'nobody'];

/** The table of who may do what, once more by hand: a change of one must be a change of the other. */
const EXPECTED: Record<FundsPermission, Kind[]> = {
  request: ALL,
  approve: ['treasurer'],
  deny: ['treasurer'],
  sent: ['treasurer'],
  agree: ['treasurer'],
  return: ['treasurer', 'requester'],
  settle: ['treasurer'],
  withdraw: ['requester'],
  edit: ['requester'],
  spend: ALL,
  transfer: ['treasurer'],
  reverse: ['treasurer'],
};

test.each(Object.keys(EXPECTED) as FundsPermission[])('%s is open to whom it should be', (permission) => {
  expect(ALL.filter((kind) => !forbiddenFunds(permission, WHO[kind], REQUESTER.id))).toEqual(EXPECTED[permission]);
});

test('docs/permissions.md shows the same table', () => {
  const columns: FundsWho[] = ['treasurer', 'requester', 'anyone'];
  const rows = Object.entries(FUNDS_PERMISSIONS).map(([action, who]: [string, readonly FundsWho[]]) => {
    const marks = columns.map((column) => (who.includes(column) ? ' ● ' : '   '));
    return `| \`${action}\` |${marks.join('|')}|`;
  });
  expect(readFileSync('docs/permissions.md', 'utf8')).toContain(rows.join('\n'));
});
