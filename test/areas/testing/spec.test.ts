import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { parseSpecs, SpecError } from '../../../src/areas/testing/spec.ts';
import { readSpecFolder } from '../../../src/gateways/specs.ts';

const good = (id: string, more = '') => `
  - id: ${id}
    title: Send it
    area: { wallet: native, feature: send }
    steps: [Do this, Do that]
    expected: It arrives.
${more}`;
const file = (text: string, path = 'specs/web/a.yml', product = 'web') => ({ product, path, text });

function faultsOf(...files: ReturnType<typeof file>[]): string[] {
  try {
    parseSpecs(files, ['web', 'app']);
  } catch (err) {
    if (err instanceof SpecError) return err.faults.map((f) => `${f.file}:${f.line} ${f.path} ${f.text}`);
    throw err;
  }
  return [];
}

test('a short case is enough: the rest has defaults', () => {
  const spec = parseSpecs([file(`cases:${good('send-eth')}`)], []).get('web');
  expect(spec?.cases).toEqual([
    {
      id: 'send-eth',
      title: 'Send it',
      area: { wallet: 'native', feature: 'send' },
      steps: ['Do this', 'Do that'],
      expected: 'It arrives.',
      environments: ['candidate'],
      needsFunds: false,
      required: true,
      passesRequired: 1,
    },
  ]);
});

test('everything can be set, and files of a product are one spec, by name', () => {
  const more =
    '    environments: [production, candidate]\n    flag: new-swap\n    needs_funds: true\n    required: false\n    passes_required: 2\n';
  const specs = parseSpecs(
    [file(`cases:${good('b', '')}`.replace('id: b', 'id: b1'), 'specs/web/b.yml'), file(`cases:${good('a1', more)}`)],
    [],
  );
  expect(specs.get('web')?.cases.map((c) => c.id)).toEqual(['a1', 'b1']);
  expect(specs.get('web')?.cases[0]).toMatchObject({
    environments: ['candidate', 'production'],
    flag: 'new-swap',
    needsFunds: true,
    required: false,
    passesRequired: 2,
  });
});

test('every fault is named by file, line and path', () => {
  const bad = `cases:
  - id: Send ETH
    title: Send
    area: { wallet: native }
    steps: []
    expected: x
    environments: [staging]
    flag: "new swap"
    passes_required: 0
    stepz: 1
`;
  expect(faultsOf(file(bad), file('cases: [', 'specs/app/b.yml', 'app'))).toEqual([
    expect.stringMatching(/^specs\/app\/b.yml:\d+ {2}is not valid YAML here/),
    expect.stringMatching(/^specs\/web\/a.yml:2 cases\[0\]\.id must be 2 to 60 of a-z/),
    expect.stringMatching(/^specs\/web\/a.yml:4 cases\[0\]\.area\.feature is missing/),
    expect.stringMatching(/^specs\/web\/a.yml:5 cases\[0\]\.steps needs at least one step/),
    expect.stringMatching(/^specs\/web\/a.yml:7 cases\[0\]\.environments\[0\] must be candidate or production/),
    expect.stringMatching(/^specs\/web\/a.yml:8 cases\[0\]\.flag must be the name of a feature flag/),
    expect.stringMatching(/^specs\/web\/a.yml:9 cases\[0\]\.passes_required must be at least 1/),
    expect.stringMatching(/^specs\/web\/a.yml:10 cases\[0\]\.stepz is not a known key: did you mean steps/),
  ]);
});

test('ids are unique within a product, in whatever file; other products may have them too', () => {
  expect(faultsOf(file(`cases:${good('one')}${good('one')}`))[0]).toContain('cases[1].id "one" is there twice');
  const two = [file(`cases:${good('one')}`), file(`cases:${good('one')}`, 'specs/web/b.yml')];
  expect(faultsOf(...two)[0]).toContain('specs/web/b.yml:2 cases[0].id "one" is there twice (also in specs/web/a.yml)');
  expect(faultsOf(file(`cases:${good('one')}`), file(`cases:${good('one')}`, 'specs/app/a.yml', 'app'))).toEqual([]);
});

test('what the command would take for something else is no id', () => {
  expect(faultsOf(file(`cases:${good('next')}${good('web')}`))).toHaveLength(2);
});

test('an empty file, and more cases than runs are made for, are faults', () => {
  expect(faultsOf(file(''))[0]).toContain('cases is missing');
  const many = Array.from({ length: 2001 }, (_, i) => good(`c${i}`)).join('');
  expect(faultsOf(file(`cases:${many}`))[0]).toContain('more than 2000 cases');
});

test('a folder has one folder per product; others are told, and no folder is no spec', () => {
  const dir = mkdtempSync(join(tmpdir(), 'specs-'));
  try {
    for (const name of ['web', 'wep', '.git']) mkdirSync(join(dir, name));
    writeFileSync(join(dir, 'web', 'b.yaml'), 'b');
    writeFileSync(join(dir, 'web', 'a.yml'), 'a');
    writeFileSync(join(dir, 'web', 'notes.md'), 'x');
    const { files, unknown } = readSpecFolder(join(dir, 'policy.yml'), '.', ['web', 'app']);
    expect(files.map((f) => [f.product, f.text]).sort()).toEqual([
      ['web', 'a'],
      ['web', 'b'],
    ]);
    expect(unknown).toEqual(['wep']);
    const folder = join(dir, 'specs');
    expect(readSpecFolder(join(dir, 'policy.yml'), undefined, ['web'])).toEqual({
      folder,
      there: false,
      files: [],
      unknown: [],
    });
  } finally {
    rmSync(dir, { recursive: true });
  }
});

test("the project's own examples are right", () => {
  for (const [folder, product] of [
    ['specs', 'web'],
    ['src/demo/specs', 'unchained'],
  ] as const) {
    const { files } = readSpecFolder(fileURLToPath(import.meta.url), `../../../${folder}`, [product]);
    expect([...parseSpecs(files, [product]).keys()]).toEqual([product]);
  }
});
