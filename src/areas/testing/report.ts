import { createHash } from 'node:crypto';
import { countsText } from './blocks.ts';
import type { Counts, Given, Run, RunCase } from './types.ts';
import { showState } from './words.ts';

/** A run's report as two files. Equal hashes say the same. */
export interface Report {
  hash: string;
  files: { name: string; title: string; text: string }[];
}

/** The report of a run: Markdown for people, JUnit XML for tools. @param names people by id, as far as they are known */
export function makeReport(
  run: Run,
  counts: Counts,
  cases: readonly RunCase[],
  names: ReadonlyMap<string, string>,
): Report {
  const { product, version } = run.release;
  const base = `${product}-${version}-${run.stage}-${run.commit.slice(0, 7)}`.replace(/[^\w.-]+/g, '_');
  const markdown = asMarkdown(run, counts, cases, names);
  const junit = asJUnit(run, cases, names);
  const files = [
    { name: `${base}.md`, title: `Test run of ${product} ${version}, ${run.stage}`, text: markdown },
    { name: `${base}.xml`, title: `The same as JUnit XML`, text: junit },
  ];
  return { hash: createHash('sha256').update(markdown).update(junit).digest('hex'), files };
}

function byArea(cases: readonly RunCase[]): [string, RunCase[]][] {
  const areas = new Map<string, RunCase[]>();
  for (const c of cases) areas.set(c.area, [...(areas.get(c.area) ?? []), c]);
  return [...areas];
}

function asMarkdown(run: Run, counts: Counts, cases: readonly RunCase[], names: ReadonlyMap<string, string>): string {
  const { product, version } = run.release;
  const head = [
    `# Test run of ${cell(`${product} ${version}`)}`,
    '',
    `- ${run.stage === 'production' ? 'Production' : 'Candidate'}: \`${run.commit}\``,
    `- Begun: ${run.startedAt.toISOString()}`,
    ...(run.carriedFrom ? [`- With what was tested on \`${run.carriedFrom}\`, which has the same tree`] : []),
    `- ${countsText(counts)} (${counts.required} required)`,
  ];
  const areas = byArea(cases).flatMap(([area, list]) => [
    '',
    `## ${cell(area)}`,
    '',
    '| case | title | required | result | who said what |',
    '|---|---|---|---|---|',
    ...list.map((c) => {
      const said = c.results.map((r) => cell(saying(r, names))).join('<br>');
      return `| ${c.caseId} | ${cell(c.title)} | ${c.required ? 'yes' : 'no'} | ${showState(c)} | ${said} |`;
    }),
  ]);
  return `${[...head, ...areas].join('\n')}\n`;
}

function saying(r: Given, names: ReadonlyMap<string, string>): string {
  const at = r.at.toISOString().replace('T', ' ').slice(0, 16);
  return `${names.get(r.person) ?? r.person}: ${r.result.replace('_', ' ')} (${at} UTC)${r.note ? `: ${r.note}` : ''}`;
}

/** Typed text inside a table's cell: on one line, and nothing in it is Markdown or HTML. */
function cell(text: string): string {
  return text.replace(/\s+/g, ' ').replace(/[\\`*_{}[\]<>|#!&]/g, (c) => `&#${c.charCodeAt(0)};`);
}

function asJUnit(run: Run, cases: readonly RunCase[], names: ReadonlyMap<string, string>): string {
  const counts = (list: readonly RunCase[]) => {
    const failures = list.filter((c) => c.state === 'failed').length;
    const skipped = list.filter((c) => c.state !== 'failed' && c.state !== 'passed').length;
    return `tests="${list.length}" failures="${failures}" errors="0" skipped="${skipped}"`;
  };
  const suites = byArea(cases).map(([area, list]) => {
    const shown = list.map((c) => junitCase(area, c, names));
    return `  <testsuite name="${attr(area)}" ${counts(list)}>\n${shown.join('\n')}\n  </testsuite>`;
  });
  const name = attr(`${run.release.product} ${run.release.version} ${run.stage} ${run.commit}`);
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="${name}" ${counts(cases)}>\n${suites.join('\n')}\n</testsuites>\n`;
}

function junitCase(area: string, c: RunCase, names: ReadonlyMap<string, string>): string {
  const said = attr(c.results.map((r) => saying(r, names)).join('; '));
  const head = `    <testcase classname="${attr(area)}" name="${attr(c.caseId)}: ${attr(c.title)}"`;
  if (c.state === 'passed') return `${head}/>`;
  const inside =
    c.state === 'failed'
      ? `<failure message="${said}"/>`
      : `<skipped message="${attr(showState(c))}${said && `; ${said}`}"/>`;
  return `${head}>${inside}</testcase>`;
}

/** Text inside an XML attribute. Characters XML does not know are replaced. */
function attr(text: string): string {
  return text
    .replace(/[&<>"'\n\r\t]/g, (c) => `&#${c.charCodeAt(0)};`)
    .replace(/[\p{Cc}\p{Cs}\ufffe\uffff]/gu, '\ufffd');
}
