// The project's own files and what they import, read as text: TypeScript 7 has no API to ask.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export interface Source {
  /** From the project's root: `src/base/ids.ts`. */
  path: string;
  text: string;
  /** Files of ours it imports, by path; what comes from packages is in `packages`. */
  imports: string[];
  /** Those of them that are there when it runs: what is imported as types only is not. */
  needs: string[];
  packages: string[];
}

const IMPORT = /^(?:import|export)\s(?:[^;'"]*?\sfrom\s+)?'([^']+)'|\bimport\('([^']+)'\)/gm;

/** Every TypeScript file under `folder`, which may not exist yet. */
export function sources(folder: string): Source[] {
  return list(folder)
    .filter((path) => path.endsWith('.ts'))
    .map((path) => {
      const text = read(path);
      const found = [...text.matchAll(IMPORT)].map((m) => ({
        name: (m[1] ?? m[2]) as string,
        type: /^(?:import|export) type /.test(m[0]),
      }));
      const ours = found.filter(({ name }) => name.startsWith('.'));
      const paths = (list: typeof found) => list.map(({ name }) => join(dirname(path), name));
      return {
        path,
        text,
        imports: paths(ours),
        needs: paths(ours.filter(({ type }) => !type)),
        packages: found.map(({ name }) => name).filter((name) => !name.startsWith('.')),
      };
    });
}

/** Every file under `folder`, from the project's root. */
export function list(folder: string): string[] {
  try {
    const entries = readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true });
    return entries
      .filter((e) => e.isFile())
      .map((e) => join(e.parentPath, e.name).slice(ROOT.length))
      .sort();
  } catch (err) {
    if ((err as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw err;
  }
}

export function read(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}
