import { type Document, isMap, isNode, isPair, isScalar, LineCounter, parseDocument, type YAMLError } from 'yaml';
import { z } from 'zod';
import { nearest } from './nearest.ts';

/** One thing that is wrong in a YAML file: where (`products[0].key`, line from 1; 0: the file as a whole) and a sentence with the right form. */
export type Fault = { path: string; line: number; text: string };

/** Something found wrong, by its keys from the root. */
export type Found = { at: PropertyKey[]; text: string };

/**
 * Reads a YAML text and checks it. `also` finds what zod cannot say while other faults stand: rules between fields, on the raw value.
 * @returns the value, or every fault by path and line
 */
export function readYaml<T extends z.ZodType>(
  text: string,
  schema: T,
  also: (raw: unknown) => Found[],
): { value: z.output<T> } | { faults: Fault[] } {
  const lines = new LineCounter();
  const doc = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const broken = [...doc.errors, ...doc.warnings].map((err) => ({
    path: '',
    line: lines.linePos(err.pos[0]).line,
    text: brokenYaml(err, text),
  }));
  if (broken.length > 0) return { faults: broken };
  let raw: unknown;
  try {
    raw = doc.toJS() ?? {};
  } catch (err) {
    // Aliases that refer to nothing, or multiply beyond measure.
    const said = err instanceof Error ? err.message : 'cannot be read';
    const at = text.indexOf(`*${/: (\S+)$/.exec(said)?.[1]}`);
    return { faults: [{ path: '', line: at < 0 ? 0 : lines.linePos(at).line, text: said }] };
  }
  const parsed = schema.safeParse(raw);
  const found = [...(parsed.error?.issues ?? []).flatMap(faultsOf), ...also(raw)];
  if (parsed.success && found.length === 0) return { value: parsed.data };
  const faults = found.map(({ at, text }) => ({
    path: showPath(at),
    line: lineOf(doc, lines, at),
    text: `${text}${commentedOut(doc, at)}`,
  }));
  return { faults: faults.sort((a, b) => a.line - b.line) };
}

/** Faults as they are printed, one per line. */
export function showFaults(faults: readonly Fault[]): string {
  return faults
    .map(({ path, line, text }) => `  ${line === 0 ? '' : `line ${line}${path === '' ? '' : `, ${path}`}: `}${text}`)
    .join('\n');
}

/** What is wrong with the YAML itself, and what to do about it. */
function brokenYaml(err: YAMLError, text: string): string {
  const here = /^["']?([^\s:"']+)/.exec(text.slice(err.pos[0]))?.[1] ?? '';
  if (err.code === 'DUPLICATE_KEY')
    return `${here} is there twice: put what belongs to it under one, and delete the other`;
  if (err.code === 'TAB_AS_INDENT') return 'is indented with a tab: use spaces';
  return `is not valid YAML here (${err.message}): look for a bracket or quote that is not closed, or lines that do not begin below each other`;
}

/** A text of one form. `must` ends the sentence "must be …". */
export const word = (must: string, fits: (text: string) => boolean) =>
  z.string({ error: (issue) => wrong(issue.input, must) }).refine(fits, { error: (issue) => wrong(issue.input, must) });

/** A list of one kind of thing. `must` ends "must be …". */
export const list = <T extends z.ZodType>(item: T, must: string) =>
  z.array(item, { error: (issue) => wrong(issue.input, must) });

/** true or false. */
export const yesNo = z.boolean({ error: (issue) => wrong(issue.input, 'true or false') });

/** An object without unknown keys; for each it names the nearest known one. */
export const section = <T extends z.core.$ZodLooseShape>(shape: T) =>
  z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? issue.keys.map((key) => unknownKey(key, Object.keys(shape))).join('\n')
        : wrong(issue.input, `a section with ${Object.keys(shape).join(', ')}`),
  });

function faultsOf(issue: z.core.$ZodIssue): Found[] {
  if (issue.code !== 'unrecognized_keys') return [{ at: issue.path, text: issue.message }];
  const texts = issue.message.split('\n');
  return issue.keys.map((key, i) => ({ at: [...issue.path, key], text: texts[i] ?? issue.message }));
}

function unknownKey(key: string, known: string[]): string {
  const near = nearest(key, known);
  return near ? `is not a known key: did you mean ${near}?` : `is not a known key: known here are ${known.join(', ')}`;
}

/** The sentence of a fault. `must` ends "must be …". */
export function wrong(input: unknown, must: string): string {
  return input === undefined || input === null
    ? `is missing: it must be ${must}`
    : `must be ${must}, not ${show(input)}`;
}

/** A value as a fault quotes it. */
export function show(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}

/** Whether a raw value is a mapping. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What a raw value has under these keys; undefined when it is not there. */
export function get(value: unknown, ...path: string[]): unknown {
  return path.reduce<unknown>((at, key) => (isObject(at) ? at[key] : undefined), value);
}

/** The items of a raw value; none when it is no list. */
export function items(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

/** A fault for each raw value that was in the list before. @param at where the value of that index is, by keys from the root */
export function repeated(values: readonly unknown[], at: (index: number) => PropertyKey[]): Found[] {
  return values.flatMap((value, i) =>
    value !== undefined && values.indexOf(value) < i
      ? [{ at: at(i), text: `${show(value)} is there twice: keep one` }]
      : [],
  );
}

function showPath(at: PropertyKey[]): string {
  return at.map((key, i) => (typeof key === 'number' ? `[${key}]` : `${i > 0 ? '.' : ''}${String(key)}`)).join('');
}

/** What to do about a value that is a comment to YAML, such as `releases: #releases`; empty where it is none. A comment is written with a space behind the #. */
function commentedOut(doc: Document, at: PropertyKey[]): string {
  const node = doc.getIn(at, true);
  const meant = isScalar(node) && node.value === null && /^\S+/.exec(node.comment ?? '')?.[0];
  return meant ? ` (${show(`#${meant}`)} without quotes is a comment in YAML: put quotes around it)` : '';
}

/** The line of the key (or list item) at `at`, else of the nearest thing around it that is in the file. */
function lineOf(doc: Document, lines: LineCounter, at: PropertyKey[]): number {
  for (let depth = at.length; depth > 0; depth--) {
    const holder = doc.getIn(at.slice(0, depth - 1), true);
    const key = at[depth - 1];
    const pair = isMap(holder)
      ? holder.items.find((item) => isPair(item) && isScalar(item.key) && item.key.value === key)
      : undefined;
    const node = pair ? pair.key : doc.getIn(at.slice(0, depth), true);
    if (isNode(node) && node.range) return lines.linePos(node.range[0]).line;
  }
  return 1;
}
