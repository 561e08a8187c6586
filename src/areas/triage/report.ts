import { clean, isUrl } from '../../base/mrkdwn.ts';
import { nearest } from '../../base/nearest.ts';
import type { Policy } from '../../base/policy.ts';
import { MONEY, USERS, WORKAROUND } from './priority.ts';
import type { FoundIn } from './types.ts';

/** What a person filled in to report a bug: raw text, nothing checked. Keys are the form's block ids. */
export interface ReportForm {
  product: string;
  /** `REL-12` or a version; empty: the one that is open, or in production the one being watched. */
  release?: string;
  title: string;
  steps?: string;
  foundIn: string;
  blocking: string;
  recreatedBy?: string;
  production?: string;
  wallet?: string;
  browser?: string;
  device?: string;
  users?: string;
  money?: string;
  workaround?: string;
  feature?: string;
  link?: string;
}

export interface Report {
  product: string;
  release: { id?: number; version?: string };
  /** The candidate its form was drawn for (R3). */
  candidateId?: number;
  title: string;
  steps: string | null;
  foundIn: FoundIn;
  blocking: boolean;
  recreatedBy: string | null;
  inProduction: 'yes' | 'no' | 'not_yet';
  /** Only what was answered. */
  answers: Record<string, string>;
  link: string | null;
}

export type Faults = Partial<Record<keyof ReportForm, string>>;

const CHOICES: Partial<Record<keyof ReportForm, Record<string, string>>> = {
  users: USERS,
  money: MONEY,
  workaround: WORKAROUND,
};

/** Checks a report. @returns it, or what is wrong by field, each one sentence that says the right form */
export function readReport(form: ReportForm, policy: Policy): { report: Report } | { faults: Faults } {
  const faults: Faults = {};
  const key = form.product.trim().toLowerCase();
  const product = policy.products.find((p) => p.key === key);
  if (!product) {
    const keys = policy.products.map((p) => p.key);
    const guess = nearest(key, keys);
    faults.product = `there is no product ${key.slice(0, 40)}; ${guess ? `did you mean ${guess}?` : `the products are ${keys.join(', ')}`}`;
  }
  const text = (field: keyof ReportForm, max: number): string | null => {
    const value = clean(form[field]);
    if (value && value.length > max) faults[field] = `please keep it under ${max} characters (it has ${value.length})`;
    return value;
  };
  const title = text('title', 150)?.replace(/\s+/g, ' ');
  if (!title) faults.title = 'say in one line what is wrong';
  const link = text('link', 1000);
  if (link && !isUrl(link)) faults.link = 'a link starts with https:// or http://';
  const answers: Record<string, string> = {};
  for (const field of ['wallet', 'browser', 'device'] as const) {
    const value = text(field, 200);
    if (value) answers[field] = value;
  }
  for (const field of ['users', 'money', 'workaround'] as const) {
    const value = form[field];
    if (value && Object.hasOwn(CHOICES[field] ?? {}, value)) answers[field] = value;
  }
  const feature = clean(form.feature);
  if (feature && product?.keyFeatures.includes(feature)) answers.feature = feature;
  const release = readRelease(clean(form.release), key);
  if (!release) faults.release = 'a release is named by its version, like v1.2.3, or by its id, like REL-12';
  const steps = text('steps', 2800);
  if (!title || !release || Object.keys(faults).length) return { faults };
  const foundIn = form.foundIn === 'production' ? 'production' : 'candidate';
  const said = form.production === 'yes' || form.production === 'no' ? form.production : 'not_yet';
  return {
    report: {
      product: key,
      release,
      title,
      steps,
      foundIn,
      blocking: form.blocking === 'yes',
      recreatedBy: form.recreatedBy || null,
      // Found there: it happens there.
      inProduction: foundIn === 'production' ? 'yes' : said,
      answers,
      link,
    },
  };
}

/** `REL-12`, `v1.2.3`, `wallet v1.2.3` or nothing; undefined when it is none of these. */
function readRelease(text: string | null, product: string): Report['release'] | undefined {
  if (!text) return {};
  const words = text.toLowerCase().split(/\s+/);
  const word = words.length === 2 && words[0] === product ? words[1] : words.length === 1 ? words[0] : undefined;
  const id = /^rel-([1-9]\d{0,14})$/.exec(word ?? '');
  if (id) return { id: Number(id[1]) };
  if (!word || !/^[a-z0-9][a-z0-9._+-]{0,39}$/.test(word)) return undefined;
  return { version: /^\d/.test(word) ? `v${word}` : word };
}
