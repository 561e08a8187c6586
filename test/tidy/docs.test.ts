// What the documents say about the code is compared with the code.
import { existsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PERMISSIONS, type Who } from '../../src/areas/releases/permissions.ts';
import { list, read } from './source.ts';

const DOCS = [
  ...['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'SECURITY.md'],
  ...list('docs').filter((path) => path.endsWith('.md')),
];

/** Where a path of a document may begin: at the root, or in the folders that rules mostly live in. */
const HOMES = ['', 'src/', 'src/areas/releases/', 'src/db/'];
const found = (path: string) => HOMES.map((home) => join(home, path)).find((to) => existsSync(to));

const COLUMNS: Who[] = ['operator', 'engineer', 'manager', 'admin', 'anyone'];

/** docs/permissions.md's table, as the code has it. */
function permissionTable(): string {
  const rows = Object.entries(PERMISSIONS).map(([act, who]: [string, readonly Who[]]) => {
    expect(
      who.filter((w) => !COLUMNS.includes(w)),
      `${act}: a column is missing`,
    ).toEqual([]);
    return `| \`${act}\` | ${COLUMNS.map((c) => (who.includes(c) ? '●' : ' ')).join(' | ')} |`;
  });
  const head = `| action | ${COLUMNS.join(' | ')} |\n|---|${COLUMNS.map(() => ':-:|').join('')}`;
  return [head, ...rows].join('\n');
}

describe('documents', () => {
  it('docs/permissions.md shows the table of src/areas/releases/permissions.ts', () => {
    expect(read('docs/permissions.md')).toContain(permissionTable());
  });

  it('links lead to files that exist', () => {
    const dead = DOCS.flatMap((path) =>
      [...read(path).matchAll(/\]\((?!https?:|#)([^)#]+)/g)]
        .map((m) => join(dirname(path), m[1] as string))
        .filter((to) => !existsSync(to))
        .map((to) => `${path}: ${to}`),
    );
    expect(dead).toEqual([]);
  });

  it('paths in backticks exist, from the root or from the folder the rules live in', () => {
    const dead = DOCS.filter((path) => path !== 'CHANGELOG.md').flatMap((path) =>
      [...read(path).matchAll(/`([\w./-]+\.(?:ts|sql|svg|yml|md|json))`/g)]
        .map((m) => m[1] as string)
        .filter((to) => !found(to))
        .map((to) => `${path}: ${to}`),
    );
    expect(dead).toEqual([]);
  });

  it('a function named with its file (`held` in `hold-rules.ts`) is there', () => {
    const named = DOCS.filter((path) => path !== 'CHANGELOG.md').flatMap((path) =>
      [...read(path).matchAll(/((?:`\w+`,?\s+)+)in\s+`([\w./-]+\.ts)`/g)].flatMap(([, names = '', file = '']) =>
        [...names.matchAll(/\w+/g)].map(([name]) => ({ path, name, file })),
      ),
    );
    const isThere = ({ name, file }: { name: string; file: string }) =>
      new RegExp(`^(export )?(async )?(function|const|interface|type|class) ${name}\\b`, 'm').test(
        read(found(file) ?? file),
      );
    expect(named.length).toBeGreaterThan(30);
    expect(named.filter((it) => !isThere(it)).map(({ path, name, file }) => `${path}: ${name} in ${file}`)).toEqual([]);
  });

  it('pictures are small enough for a page', () => {
    const big = list('docs').filter((path) => path.endsWith('.png') && statSync(path).size >= 300_000);
    expect(big).toEqual([]);
  });
});
