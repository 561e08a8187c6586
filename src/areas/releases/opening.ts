import { readCommit } from '../../base/commit.ts';
import { parseId, showId } from '../../base/ids.ts';
import { clean, isUrl } from '../../base/mrkdwn.ts';
import { nearest } from '../../base/nearest.ts';
import type { Policy } from '../../base/policy.ts';
import type { Kind } from './types.ts';

/** What a person filled in to open a release: raw text, nothing checked. */
export interface OpeningForm {
  product: string;
  version: string;
  commit: string;
  kind: Kind;
  manager: string;
  opsOwner?: string;
  productOwner?: string;
  authors: string[];
  environmentUrl?: string;
  changes?: string;
  risks?: string;
  flags?: string;
  reason?: string;
  prodIssue?: string;
}

export type Opening = Omit<
  OpeningForm,
  'opsOwner' | 'productOwner' | 'environmentUrl' | 'changes' | 'risks' | 'flags' | 'reason' | 'prodIssue'
> & {
  opsOwner: string | null;
  productOwner: string | null;
  environmentUrl: string | null;
  changes: string | null;
  risks: string | null;
  flags: string | null;
  reason: string | null;
  prodIssue: string | null;
};

export type Faults = Partial<Record<keyof OpeningForm, string>>;

/** A version as it is kept: `1.2.3` and `V1.2.3` are `v1.2.3`; undefined when it is none. */
export function readVersion(text: string): string | undefined {
  const version = text.trim().toLowerCase();
  if (!/^[a-z0-9][a-z0-9._+-]{0,39}$/.test(version)) return undefined;
  return /^\d/.test(version) ? `v${version}` : version;
}

export const COMMIT_FORM = 'a commit is 7 to 40 hex digits, like `3f9c2ab`';
const PROD_ISSUE_FORM = 'a prod issue is given as `PI-3`, or as a link that starts with https:// or http://';
const VERSION_FORM = 'a version is like `v1.2.3` (letters, digits, dot, plus, minus; at most 40)';

/** That there is no such product, and which there are. @param key as it was typed, not escaped */
export function noProduct(key: string, keys: readonly string[]): string {
  const guess = nearest(key.toLowerCase(), keys);
  const some = keys.slice(0, 10).map((k) => `\`${k}\``);
  const list = `${some.join(', ')}${keys.length > 10 ? ` and ${keys.length - 10} more` : ''}`;
  const there = keys.length === 1 ? `there is only ${list}` : `the products are ${list}`;
  return `there is no product \`${key.slice(0, 40)}\`; ${guess ? `did you mean \`${guess}\`?` : there}`;
}

/** Checks a form. @returns the opening, or what is wrong by field, each one sentence that says the right form. */
export function readOpening(form: OpeningForm, policy: Policy): { opening: Opening } | { faults: Faults } {
  const faults: Faults = {};
  const key = form.product.trim().toLowerCase();
  const keys = policy.products.map((p) => p.key);
  if (!keys.includes(key)) faults.product = noProduct(key, keys);
  const version = readVersion(form.version);
  if (!version) faults.version = VERSION_FORM;
  const commit = readCommit(form.commit);
  if (!commit) faults.commit = COMMIT_FORM;
  const text = (field: 'changes' | 'risks' | 'flags' | 'reason' | 'prodIssue' | 'environmentUrl', max: number) => {
    const value = clean(form[field]);
    if (value && value.length > max) faults[field] = `please keep it under ${max} characters (it has ${value.length})`;
    return value;
  };
  const environmentUrl = text('environmentUrl', 1000);
  if (environmentUrl && !isUrl(environmentUrl)) faults.environmentUrl = 'a link starts with https:// or http://';
  const typed = text('prodIssue', 1000);
  const ours = parseId(typed ?? '');
  // One of ours is kept by its id, whatever case it was typed in.
  const own = ours?.prefix === 'PI' ? showId('PI', ours.id) : null;
  const prodIssue = own ?? typed;
  if (prodIssue && !own && !isUrl(prodIssue)) faults.prodIssue = PROD_ISSUE_FORM;
  const reason = text('reason', 500);
  if (form.kind === 'emergency' && !reason) faults.reason = 'an emergency needs a reason';
  if (form.kind === 'emergency' && !prodIssue)
    faults.prodIssue = 'an emergency needs its prod issue: `PI-3`, or a link';
  const rest = { changes: text('changes', 2500), risks: text('risks', 2500), flags: text('flags', 2500) };
  if (!version || !commit || Object.keys(faults).length) return { faults };
  const { kind, manager, authors } = form;
  const owners = { manager, opsOwner: form.opsOwner ?? null, productOwner: form.productOwner ?? null };
  return {
    opening: {
      product: key,
      version,
      commit,
      kind,
      ...owners,
      authors: [...new Set(authors)],
      environmentUrl,
      ...rest,
      reason,
      prodIssue,
    },
  };
}
