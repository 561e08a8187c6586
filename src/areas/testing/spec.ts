import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { z } from 'zod';
import { ShipshapeError } from '../../base/errors.ts';
import {
  type Fault,
  type Found,
  get,
  items,
  list,
  readYaml,
  section,
  show,
  showFaults,
  word,
  yesNo,
} from '../../base/yaml.ts';
import { FLAG } from './flag-rules.ts';
import type { Spec, SpecCase, Specs } from './types.ts';

/** One file of test cases as it was read: `path` is for people. */
export interface SpecFile {
  product: string;
  path: string;
  text: string;
}

/** Test specs cannot be used; the message lists every fault of every file by line and path. */
export class SpecError extends ShipshapeError {
  readonly faults: (Fault & { file: string })[];

  constructor(faults: (Fault & { file: string })[]) {
    const files = [...new Set(faults.map((f) => f.file))];
    const shown = files.map((file) => `${file}:\n${showFaults(faults.filter((f) => f.file === file))}`);
    const count = faults.length === 1 ? '1 fault' : `${faults.length} faults`;
    super({
      code: 'specs',
      message: `The test specs have ${count}:\n${shown.join('\n')}`,
      next: 'Correct them and start again; docs/test-specs.md has the form.',
    });
    this.faults = faults;
  }
}

/**
 * What to say where no product has a spec: no required case holds a release back then, and nobody would notice (a container without the folder).
 * @param there whether the folder is @param named whether the policy names it: it was meant to be there, then
 */
export function noSpecs(
  folder: string,
  there: boolean,
  named: boolean,
): { level: 'WARN' | 'FAIL'; text: string; todo: string } {
  const mount = 'in a container, mount it beside the policy';
  const missing = there
    ? ''
    : named
      ? ', which testing.specs in the policy names and which is not there'
      : ', which is not there';
  return {
    level: named && !there ? 'FAIL' : 'WARN',
    text: `there are none in ${folder}${missing}: no release has test cases, and none waits for them`,
    todo: `put test cases there (docs/test-specs.md; ${mount})${named && !there ? ', or take the line out of the policy to test without them' : ', or leave it so if you test without them'}`,
  };
}

/** The most cases of one product: a run's gate, report and modals are made for so many. */
const CASES_MAX = 2000;

const fits = (pattern: RegExp) => (text: string) => pattern.test(text);
const upTo = (max: number) =>
  word(`a text of 1 to ${max} characters`, (text) => text.trim() !== '' && text.length <= max);
const oneLine = (max: number) =>
  word(
    `one line of 1 to ${max} characters`,
    (text) => text.trim() !== '' && text.length <= max && !text.includes('\n'),
  );

const STAGES = ['candidate', 'production'] as const;
const stage = z.enum(STAGES, { error: (issue) => `must be candidate or production, not ${show(issue.input)}` });

const caseSchema = section({
  id: word(
    '2 to 60 of a-z, 0-9 and -, beginning with a letter, such as send-eth (and not next)',
    (id) => /^[a-z][a-z0-9-]{1,59}$/.test(id) && id !== 'next',
  ),
  title: oneLine(120),
  steps: list(oneLine(150), 'a list of what to do, step by step')
    .min(1, 'needs at least one step')
    .max(12, 'has more than 12 steps: make it two cases'),
  expected: upTo(400),
  area: section({ wallet: oneLine(40), feature: oneLine(40) }),
  environments: list(stage, 'a list of candidate, production, or both')
    .min(1, 'needs candidate, production, or both')
    .default(['candidate']),
  flag: word('the name of a feature flag: a-z, 0-9, _, - and single dots inside', fits(FLAG)).optional(),
  needs_funds: yesNo.default(false),
  required: yesNo.default(true),
  passes_required: z
    .int({ error: (issue) => `must be a whole number from 1 to 10, not ${show(issue.input)}` })
    .min(1, 'must be at least 1')
    .max(10, 'must be at most 10')
    .default(1),
});

const schema = section({ cases: list(caseSchema, 'a list of test cases').min(1, 'needs at least one case') });

/**
 * Checks spec files and puts them together by product. Ids are unique within a product, and are none of `reserved` (words of the command).
 * @throws SpecError with every fault of every file
 */
export function parseSpecs(files: readonly SpecFile[], reserved: readonly string[]): Specs {
  const faults: (Fault & { file: string })[] = [];
  const specs = new Map<string, { cases: SpecCase[]; texts: string[] }>();
  const seen = new Map<string, string>();
  for (const { product, path, text } of [...files].sort((a, b) => (a.path < b.path ? -1 : 1))) {
    const read = readYaml(text, schema, (raw) => idFaults(raw, product, path, seen, reserved));
    if ('faults' in read) {
      faults.push(...read.faults.map((f) => ({ ...f, file: path })));
      continue;
    }
    const spec = specs.get(product) ?? { cases: [], texts: [] };
    spec.cases.push(...read.value.cases.map(toCase));
    spec.texts.push(basename(path), text);
    specs.set(product, spec);
    if (spec.cases.length > CASES_MAX) {
      faults.push({ file: path, path: 'cases', line: 1, text: `${product} has more than ${CASES_MAX} cases` });
    }
  }
  if (faults.length) throw new SpecError(faults);
  return new Map(
    [...specs].map(([product, { cases, texts }]): [string, Spec] => [product, { product, cases, hash: hashOf(texts) }]),
  );
}

/** Ids that are there twice, in this file or another of the product. `seen` is where each was, and grows. */
function idFaults(
  raw: unknown,
  product: string,
  path: string,
  seen: Map<string, string>,
  reserved: readonly string[],
): Found[] {
  return items(get(raw, 'cases')).flatMap((each, i): Found[] => {
    const id = get(each, 'id');
    if (typeof id !== 'string') return [];
    const at = ['cases', i, 'id'];
    if (reserved.includes(id)) return [{ at, text: `${show(id)} is the name of a product: use another` }];
    const key = `${product}/${id}`;
    const other = seen.get(key);
    if (other === undefined) seen.set(key, path);
    else
      return [{ at, text: `${show(id)} is there twice${other === path ? '' : ` (also in ${other})`}: ids are unique` }];
    return [];
  });
}

function toCase(c: z.output<typeof caseSchema>): SpecCase {
  const { needs_funds, passes_required, flag, environments, ...rest } = c;
  return {
    ...rest,
    environments: STAGES.filter((s) => environments.includes(s)),
    ...(flag !== undefined && { flag }),
    needsFunds: needs_funds,
    passesRequired: passes_required,
  };
}

function hashOf(texts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(texts)).digest('hex');
}
