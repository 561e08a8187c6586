import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The folder's files `<product>/*.yml` (or .yaml), and the names of folders that are no product's. */
export interface SpecFolder {
  files: { product: string; path: string; text: string }[];
  unknown: string[];
}

/**
 * Reads the spec files of these products. A folder that is not there has none.
 * @throws what the file system throws when something in it cannot be read
 */
export function readSpecFolder(dir: string, products: readonly string[]): SpecFolder {
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
  return { files, unknown: folders.map((entry) => entry.name).filter((name) => !products.includes(name)) };
}

function entries(dir: string) {
  try {
    return readdirSync(dir, { withFileTypes: true });
  } catch (err) {
    if (err instanceof Error && 'code' in err && err.code === 'ENOENT') return [];
    throw err;
  }
}
