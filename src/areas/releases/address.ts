import type { Refusal } from '../../base/errors.ts';
import { parseId } from '../../base/ids.ts';
import { escapeText } from '../../base/mrkdwn.ts';
import { nameOf } from './blocks.ts';
import { current, short } from './facts.ts';
import { readVersion } from './opening.ts';
import { TABLE } from './table.ts';
import type { ActKind, Facts } from './types.ts';

/** The words of a command, split into what names the release and the rest. */
export interface Address {
  product?: string;
  version?: string;
  /** From REL-12. */
  id?: number;
  rest: string[];
}

/**
 * Reads `[product] [version] rest…` or `REL-12 rest…`. A word is a version when it has a dot after a digit, or is the version of a release that
 * is `known`; so a reason or a commit is not taken for one. A word before a full version (`paymnts v1.2.3`) is a product even when there is none
 * of that name: else a slip of the pen would act on whichever release is open.
 */
export function readAddress(words: readonly string[], products: readonly string[], known: readonly string[]): Address {
  const [first, second] = words;
  const id = first && parseId(first);
  if (id && id.prefix === 'REL') return { id: id.id, rest: words.slice(1) };
  const full = /^v?\d+\.\d+\.\d/i;
  const isProduct = first && (products.includes(first.toLowerCase()) || (!full.test(first) && full.test(second ?? '')));
  const product = isProduct ? first.toLowerCase() : undefined;
  const word = product ? second : first;
  const version = word === undefined ? undefined : readVersion(word);
  const isVersion =
    version !== undefined && word !== undefined && (/^v?\d+\.\d/i.test(word) || known.includes(version));
  const rest = words.slice((product ? 1 : 0) + (isVersion ? 1 : 0));
  return { ...(product && { product }), ...(isVersion && { version }), rest };
}

/** Acts with words of one's own behind the address. */
const WITH_TEXT: readonly (ActKind | 'status')[] = ['hold', 'failed', 'rollback', 'cancel', 'review'];

/** The same words where what looks like a version is none: at most a product, and a reason. */
function withoutVersion(words: readonly string[], products: readonly string[]): Address {
  const product = words[0]?.toLowerCase() ?? '';
  return products.includes(product) ? { product, rest: words.slice(1) } : { rest: [...words] };
}

/** The one release that `address` means for this act among the live ones, or a refusal that says how to name it. */
export function pick(
  address: Address,
  live: readonly Facts[],
  act: ActKind | 'status',
  command: string,
): Facts | Refusal {
  const { product, version, id } = address;
  const named = live.filter(
    (f) =>
      (id === undefined || f.release.id === id) &&
      (!product || f.release.product === product) &&
      (!version || f.release.version === version),
  );
  if (!named.length) {
    const which = version ? `no open release \`${version}\`` : id ? 'no such open release' : undefined;
    const reasoned = version && WITH_TEXT.includes(act);
    return {
      code: 'no_release',
      reason: which
        ? `there is ${which}${product ? ` of \`${escapeText(product.slice(0, 40))}\`` : ''}`
        : 'no release is open',
      next: reasoned
        ? `See \`/release list\`. Text that begins with a number comes behind the release: \`/release ${command} <product> <version> <text>\`.`
        : 'See `/release list`; open one with `/release open <product> <version> <commit>`.',
    };
  }
  // Nobody signs off or ships by a guess: only the one open release is meant without being named. What is done and watched is
  // meant when nothing is open; when it is what the act fits, and something else is open, the person says which.
  const open = named.filter((f) => f.release.state !== 'done');
  const fits = (f: Facts) => act === 'status' || act in TABLE[f.release.state];
  const done = named.filter((f) => f.release.state === 'done' && fits(f));
  const meant = open.length ? open : named;
  const [one] = meant;
  if (meant.length > 1 || one === undefined) return ambiguous(meant, command);
  return fits(one) || !done.length ? one : ambiguous([one, ...done], command);
}

function ambiguous(group: readonly Facts[], command: string): Refusal {
  const names = group.slice(0, 10).map((f) => `\`${nameOf(f)}\` (\`${short(current(f).commit)}\`)`);
  return {
    code: 'ambiguous',
    reason: `which release: ${names.join(', ')}`,
    next: `Name it: \`/release ${command} <product> <version>\`.`,
  };
}

/**
 * R6: a hold is never kept waiting by a question. What is no version of an open release is part of its reason, where there is more of one. A version on its
 * way behind what is no product (`paymnts v1.2.3`, `since v1.2.3`) means that release, whichever else is open.
 */
export function heldAnyway(
  { product, version }: Address,
  words: readonly string[],
  products: readonly string[],
  live: readonly Facts[],
): { f: Facts; rest: string[] } | Refusal {
  const slip = product && !products.includes(product) && live.some((f) => f.release.version === version);
  const address = slip ? { version, rest: [...words] } : withoutVersion(words, products);
  const among = slip ? live : live.filter((f) => f.release.state !== 'done');
  const f = pick({ ...address }, among, 'hold', 'hold');
  return 'code' in f ? f : { f, rest: address.rest };
}
