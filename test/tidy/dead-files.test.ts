import { describe, expect, it } from 'vitest';
import { list, read, sources } from './source.ts';

const SRC = sources('src');
const REST = [...sources('test'), ...sources('bench'), ...sources('chaos')];

/** Where Node starts, and what it loads beside that. */
const ENTRIES = ['src/main.ts', 'src/cli/main.ts', 'src/demo/main.ts', 'src/demo/leash.ts'];

/** Files over 300 lines, and why each is still one file. */
const LONG: Record<string, string> = {
  'src/demo/local-slack.ts': 'the hands of the local Slack, one function per thing a person does',
};

function reachable(): Set<string> {
  const byPath = new Map(SRC.map((s) => [s.path, s]));
  const seen = new Set<string>();
  const walk = (path: string): void => {
    if (seen.has(path)) return;
    seen.add(path);
    for (const to of byPath.get(path)?.imports ?? []) walk(to);
  };
  ENTRIES.forEach(walk);
  return seen;
}

describe('dead files', () => {
  it('do not exist: every file of src is reached from an entry point', () => {
    const seen = reachable();
    expect(SRC.map((s) => s.path).filter((path) => !seen.has(path))).toEqual([]);
  });

  it('nor do dead exports: values are used in another file of src, test, bench or chaos, types somewhere at all', () => {
    const unused: string[] = [];
    for (const { path, text } of SRC) {
      // drizzle-kit reads the tables by their exports.
      if (path.startsWith('src/db/schema/')) continue;
      const names = [...text.matchAll(/^export (?:async )?(const|function|class|interface|type) (\w+)/gm)];
      for (const [, kind, name] of names) {
        const word = new RegExp(`\\b${name}\\b`, 'g');
        const elsewhere = [...SRC, ...REST].some((other) => other.path !== path && other.text.match(word));
        // A type is exported for those who name it, and because the signature of an export needs it.
        const needed = (kind === 'interface' || kind === 'type') && (text.match(word) ?? []).length > 1;
        if (!elsewhere && !needed) unused.push(`${path}: ${name}`);
      }
    }
    expect(unused).toEqual([]);
  });
});

describe('files', () => {
  it('are short: at most 300 lines, unless a reason is written down', () => {
    const long = SRC.filter((s) => s.text.split('\n').length - 1 > 300).map((s) => s.path);
    expect(long.filter((path) => !LONG[path])).toEqual([]);
    expect(Object.keys(LONG).filter((path) => !long.includes(path))).toEqual([]);
  });

  it('hand nothing on: no barrels', () => {
    const barrel = /^export (?:\*|(?:type )?\{[^}]*\}) from /m;
    expect(SRC.filter((s) => barrel.test(s.text)).map((s) => s.path)).toEqual([]);
  });

  it('are finished: nothing is left to be done later', () => {
    const later = new RegExp(`\\b(?:${['TO' + 'DO', 'FIX' + 'ME', 'X' + 'XX', 'HA' + 'CK'].join('|')})\\b`);
    const top = ['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'manifest.yml', 'shipshape.yml'];
    const all = [...top, ...['docs', 'src', 'test', 'bench', 'chaos'].flatMap(list)];
    const texts = all.filter((path) => /\.(ts|md|yml|sql)$/.test(path));
    expect(texts.filter((path) => later.test(read(path)))).toEqual([]);
  });
});
