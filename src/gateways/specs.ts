import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

/** Where it is, whether it is there, its files `<product>/*.yml` (or .yaml), and the names of folders that are no product's. */
export interface SpecFolder {
  folder: string;
  there: boolean;
  files: { product: string; path: string; text: string }[];
  unknown: string[];
}

/**
 * Reads the spec files of these products. A folder that is not there has none.
 * @param configPath of the policy file @param given `testing.specs` of the policy, relative to that file; undefined: ./specs
 * @throws what the file system throws when something in it cannot be read
 */
export function readSpecFolder(configPath: string, given: string | undefined, products: readonly string[]): SpecFolder {
  const dir = resolve(dirname(configPath), given ?? './specs');
  const folders = entries(dir).filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'));
  const known = folders.filter((entry) => products.includes(entry.name));
  const files = known.flatMap(({ name: product }) =>
    entries(join(dir, product))
      .filter((entry) => entry.isFile() && /^[^.].*\.ya?ml$/.test(entry.name))
      .map((entry) => {
        const path = join(dir, product, entry.name);
        return { product, path, text: readFileSync(path, 'utf8') };
      }),
  );
  return {
    folder: dir,
    there: existsSync(dir),
    files,
    unknown: folders.map((entry) => entry.name).filter((name) => !products.includes(name)),
  };
}

function entries(dir: string) {
  try {
    return readdirSync(dir, { withFileTypes: true });
  } catch (err) {
    if (err instanceof Error && 'code' in err && err.code === 'ENOENT') return [];
    throw err;
  }
}
