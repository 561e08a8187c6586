// Statements that come often are prepared under a name, once per connection: PostgreSQL takes longer to parse and plan most of ours than to do them.
import pg from 'pg';

/** From this time on a statement is one that comes often. */
const OFTEN = 5;
/** Each costs PostgreSQL memory on every connection. */
const NAMES_MAX = 200;
const COUNTED_MAX = 1_000;

/**
 * A client class for one pool, which gives names to the statements that come often, however they are written. Left alone are those with a name of
 * their own, those without parameters, and those with a `*`: a migration beside a running instance would change what they return, which PostgreSQL
 * refuses of a prepared one.
 */
export function preparingClient(): typeof pg.Client {
  /** By their texts. The text kept is the one sent: every connection remembers what it has prepared, and so all remember one string. */
  const names = new Map<string, { name: string; text: string }>();
  const counts = new Map<string, number>();

  const namedOf = (text: string): { name: string; text: string } | undefined => {
    const known = names.get(text);
    if (known !== undefined || names.size >= NAMES_MAX) return known;
    const n = (counts.get(text) ?? 0) + 1;
    // Texts that differ every time are forgotten with the others, which then merely take a little longer.
    if (counts.size >= COUNTED_MAX) counts.clear();
    counts.set(text, n);
    if (n < OFTEN || STAR.test(text)) return undefined;
    const named = { name: `often-${names.size + 1}`, text };
    counts.delete(text);
    names.set(text, named);
    return named;
  };

  return class extends pg.Client {
    // biome-ignore lint/suspicious/noExplicitAny: eight overloads of pg, handed on as they come
    override query(config: any, values?: any, callback?: any): any {
      const given = Array.isArray(values) ? values : config?.values;
      const text = typeof config === 'string' ? config : config?.text;
      const plain = typeof text === 'string' && config.name === undefined && config.submit === undefined;
      const named = plain && given?.length > 0 ? namedOf(text) : undefined;
      if (named === undefined) return super.query(config, values, callback);
      return super.query(typeof config === 'string' ? { ...named } : { ...config, ...named }, values, callback);
    }
  };
}

/** A star that is not a count's. */
const STAR = /(?<!\()\*/;
