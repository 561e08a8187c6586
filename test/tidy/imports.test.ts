import { describe, expect, it } from 'vitest';
import { read, type Source, sources } from './source.ts';

const SRC = sources('src');

/** Files of an area that know neither database nor Slack; what decides and what draws is among them. */
const PURE =
  /^src\/areas\/\w+\/(?:\w+-)?(types|facts|table|permissions|rules|evolve|words|sightings|elements|blocks|quiet|details|lines|answers|opening|address|forms|home|priority|later|days|list|changes|ledger|hashes|typed|layout|tabs|rows)\.ts$/;

/** Who may import whom, besides files of their own folder: folder → folders or files. ARCHITECTURE.md shows the same table. */
const MAY: Record<string, string[]> = {
  base: [],
  db: ['base'],
  gateways: ['base'],
  'env.ts': ['base'],
  'policy.ts': ['policy-calendar.ts', 'policy-funds.ts', 'base'],
  'policy-calendar.ts': ['base'],
  'policy-funds.ts': ['base'],
  areas: ['db', 'base'],
  jobs: ['areas', 'gateways', 'db', 'base'],
  bot: ['areas', 'db', 'base'],
  schedules: ['db', 'base'],
  demo: ['areas', 'gateways', 'db', 'base', 'env.ts', 'policy.ts'],
  cli: ['areas', 'gateways', 'schedules', 'db', 'base', 'env.ts', 'policy.ts'],
  'tasks.ts': ['areas', 'bot', 'jobs', 'db', 'base'],
  'main.ts': ['areas', 'base', 'bot', 'db', 'env.ts', 'gateways', 'jobs', 'policy.ts', 'schedules', 'tasks.ts'],
};

/** The first part of a path under src: a folder, or a file that stands alone. */
const folderOf = (path: string) => path.split('/')[1] ?? '';
const areaOf = (path: string) => (folderOf(path) === 'areas' ? path.split('/')[2] : undefined);

function wrongs(source: Source): string[] {
  const folder = folderOf(source.path);
  const allowed = MAY[folder];
  if (!allowed) return [`${source.path}: src/${folder} is not in the table of who may import whom`];
  return source.imports.filter((to) => !may(source.path, to, allowed)).map((to) => `${source.path} imports ${to}`);
}

function may(from: string, to: string, allowed: readonly string[]): boolean {
  const area = areaOf(from);
  if (PURE.test(from)) return folderOf(to) === 'base' || (areaOf(to) === area && PURE.test(to));
  // Another area's files are nobody's but its own; its tables are read by SQL (below).
  if (area !== undefined && folderOf(to) === 'areas') return areaOf(to) === area;
  if (folderOf(from) === folderOf(to)) return true;
  return allowed.some((one) => to === `src/${one}` || to.startsWith(`src/${one}/`));
}

/** Chains of imports that come back to their start, as far as they are found in one walk. */
function cycles(): string[] {
  const graph = new Map(SRC.map((s) => [s.path, s.needs]));
  const done = new Set<string>();
  const found: string[] = [];
  const walk = (path: string, way: string[]): void => {
    const at = way.indexOf(path);
    if (at >= 0) found.push([...way.slice(at), path].join(' → '));
    if (at >= 0 || done.has(path)) return;
    for (const to of graph.get(path) ?? []) walk(to, [...way, path]);
    done.add(path);
  };
  for (const path of graph.keys()) walk(path, []);
  return found;
}

/** Whose tables an area names in its SQL or imports, besides its own and those that are everybody's: area → areas. */
function readings(): Record<string, string[]> {
  const areas = [...new Set(SRC.flatMap((s) => areaOf(s.path) ?? []))].sort();
  // What GitHub says of a candidate is of releases.
  const ownerOf = (file: string) => (file === 'changes' ? 'releases' : file);
  const owners = new Map(
    SRC.filter((s) => s.path.startsWith('src/db/schema/')).flatMap((s) =>
      [...s.text.matchAll(/pgTable\(\s*'(\w+)'/g)].map(([, table]) => [
        table as string,
        ownerOf(/(\w+)\.ts$/.exec(s.path)?.[1] as string),
      ]),
    ),
  );
  const seen = (area: string) =>
    SRC.filter((s) => areaOf(s.path) === area).flatMap((s) => {
      const code = s.text.replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, '');
      const named = [...code.matchAll(/\b(?:from|join|into|update)\s+(\w+)/g)].map(([, table]) =>
        owners.get(table as string),
      );
      return [...named, ...s.imports.map((to) => ownerOf(/^src\/db\/schema\/(\w+)\.ts$/.exec(to)?.[1] ?? ''))];
    });
  const others = (area: string) => areas.filter((one) => one !== area && seen(area).includes(one));
  return Object.fromEntries(areas.map((area) => [area, others(area)]));
}

describe('imports', () => {
  it('follow the table: each folder imports only what it may', () => {
    expect(SRC.length).toBeGreaterThan(50);
    expect(SRC.flatMap(wrongs)).toEqual([]);
  });

  it('are told as they are in ARCHITECTURE.md', () => {
    const rows = Object.entries(MAY).map(([folder, allowed]) => {
      const more = folder === 'areas' ? '; never another area' : '';
      const text = folder === 'main.ts' ? 'everything but demo and cli' : allowed.join(', ') || 'nothing';
      return `| \`${folder}\` | ${text}${more} |`;
    });
    expect(read('ARCHITECTURE.md')).toContain(rows.join('\n'));
  });

  it('are none between areas: whose tables each reads is told as it is in ARCHITECTURE.md', () => {
    const rows = Object.entries(readings()).map(([area, others]) => `| ${area} | ${others.join(', ') || 'none'} |`);
    expect(read('ARCHITECTURE.md')).toContain(rows.join('\n'));
  });

  it('name the pure files as ARCHITECTURE.md does', () => {
    const names = /\(types\|([^)]*)\)/.exec(PURE.source)?.[1]?.split('|') ?? [];
    const told: string[] = /pure files \(([^)]*)\)/.exec(read('ARCHITECTURE.md'))?.[1]?.match(/\w+/g) ?? [];
    expect(names.length).toBeGreaterThan(20);
    expect(names.filter((name) => !told.includes(name))).toEqual([]);
  });

  it('of files of ours name files that exist, with their ending', () => {
    const known = new Set(SRC.map((s) => s.path));
    expect(SRC.flatMap((s) => s.imports.filter((to) => !known.has(to)).map((to) => `${s.path}: ${to}`))).toEqual([]);
  });

  it("keep the oracle of the chaos days free of the rules' own code", () => {
    const ours = sources('chaos').flatMap((s) => s.imports.map((to) => `${s.path} imports ${to}`));
    expect(ours.length).toBeGreaterThan(20);
    expect(ours.filter((line) => line.includes('src/areas/'))).toEqual([]);
  });

  it('make no cycles', () => {
    expect(cycles()).toEqual([]);
  });

  it('keep the pure files of areas free of packages and of Node', () => {
    const pure = SRC.filter((s) => PURE.test(s.path));
    expect(pure.length).toBeGreaterThan(10);
    expect(pure.flatMap((s) => s.packages.map((name) => `${s.path}: ${name}`))).toEqual([]);
    const impure = /\bprocess\.|\bDate\.now\(|new Date\(\)|Math\.random\(/;
    expect(pure.filter((s) => impure.test(s.text)).map((s) => s.path)).toEqual([]);
  });

  it('are the only way to the environment: process.env is read in src/env.ts, and handed on by the demo', () => {
    const reads = SRC.filter((s) => /process\.env\b/.test(s.text)).map((s) => s.path);
    expect(reads.filter((path) => path !== 'src/env.ts' && folderOf(path) !== 'demo')).toEqual([]);
  });
});
