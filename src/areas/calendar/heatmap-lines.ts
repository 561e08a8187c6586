// The coverage of a month as an SVG picture: wallets across, features down. Every state has its own colour AND its own mark and pattern, so
// that it can be read without seeing colours; the colours are Okabe and Ito's, which stay apart in all kinds of colour blindness.
import { countCells, coverageSays, showMonth } from './lines.ts';
import type { CellState } from './types.ts';

const ROW = 40;
/** A column is as wide as its wallet's name, up to so many characters. */
const NAME_MAX = 16;
const PAD = 24;
const HEAD = 76;
const COLUMN_HEAD = 44;
const FOOT = 64;

/** What people see of each state. `ink` is the mark's colour; the pattern lies under it. */
const LOOK: Record<CellState['state'], { fill: string; ink: string; pattern?: string; says: string }> = {
  passed: { fill: '#009E73', ink: '#ffffff', says: 'passed' },
  failed: { fill: '#D55E00', ink: '#ffffff', pattern: 'stripes', says: 'failed' },
  missed: { fill: '#F0E442', ink: '#000000', pattern: 'dots', says: 'missed' },
  skipped: { fill: '#56B4E9', ink: '#000000', says: 'skipped' },
  todo: { fill: '#ffffff', ink: '#666666', says: 'to come' },
  none: { fill: '#e6e6e6', ink: '#666666', says: 'left out' },
};

/** Characters of XML that text may not have as they are, and control characters that XML has no way to say. */
function xml(text: string): string {
  return text
    .replace(/[^\t\n\r\P{Cc}]|\p{Cs}|[\ufffe\uffff]/gu, '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

const cut = (text: string, max: number) => (text.length > max ? `${text.slice(0, max - 1)}…` : text);

/** A mark as lines, so that no font needs to have it; drawn around the middle. */
function mark(state: CellState['state'], x: number, y: number): string {
  const { ink } = LOOK[state];
  const line = (d: string) =>
    `<path d="${d}" fill="none" stroke="${ink}" stroke-width="3.5" stroke-linecap="round" stroke-linejoin="round"/>`;
  switch (state) {
    case 'passed':
      return line(`M${x - 8} ${y} l6 6 l11 -13`);
    case 'failed':
      return line(`M${x - 7} ${y - 7} l14 14 M${x + 7} ${y - 7} l-14 14`);
    case 'missed':
      return line(`M${x} ${y - 9} v11 M${x} ${y + 8} v0.1`);
    case 'skipped':
      return line(`M${x - 9} ${y - 7} l7 7 l-7 7 M${x + 1} ${y - 7} l7 7 l-7 7`);
    case 'todo':
      return `<circle cx="${x}" cy="${y}" r="3" fill="${ink}"/>`;
    case 'none':
      return line(`M${x - 7} ${y} h14`);
  }
}

function box(cell: CellState, x: number, y: number, width: number): string {
  const { fill, ink, pattern } = LOOK[cell.state];
  const rect = (paint: string, more = '') =>
    `<rect x="${x + 2}" y="${y + 2}" width="${width - 4}" height="${ROW - 4}" rx="5" fill="${paint}"${more}/>`;
  const several = cell.planned > 1;
  const middle = x + width / 2 - (several ? 16 : 0);
  const count = several
    ? `<text x="${middle + 34}" y="${y + ROW / 2 + 5}" font-size="14" text-anchor="middle" fill="${ink}">${cell.tested}/${cell.planned}</text>`
    : '';
  return [
    rect(fill, ' stroke="#8c8c8c" stroke-width="1"'),
    pattern ? rect(`url(#${pattern})`) : '',
    mark(cell.state, middle, y + ROW / 2),
    count,
  ].join('');
}

const PATTERNS = `<defs>
<pattern id="stripes" width="9" height="9" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect width="3" height="9" fill="#000000" fill-opacity="0.22"/></pattern>
<pattern id="dots" width="8" height="8" patternUnits="userSpaceOnUse"><circle cx="2" cy="2" r="1.4" fill="#000000" fill-opacity="0.35"/></pattern>
</defs>`;

/** The picture as SVG, and its size in pixels. Texts are in DejaVu Sans. @param cells every area of the month */
export function heatmap(month: string, cells: readonly CellState[]): { svg: string; width: number; height: number } {
  const wallets = [...new Set(cells.map((c) => c.wallet))];
  const features = [...new Set(cells.map((c) => c.feature))];
  const names = Math.min(240, 16 + Math.max(...features.map((f) => Math.min(f.length, 26))) * 9);
  const column = Math.max(96, Math.max(...wallets.map((w) => Math.min(w.length, NAME_MAX))) * 9 + 12);
  const legend = legendOf(cells);
  const title = `Regression coverage, ${showMonth(month)}`;
  const says = coverageSays(cells);
  const least = Math.max(legend.width, title.length * 13, says.length * 8.6);
  const width = Math.round(Math.max(PAD * 2 + names + wallets.length * column, least + PAD * 2));
  const top = HEAD + COLUMN_HEAD;
  const height = top + features.length * ROW + FOOT;
  const heads = wallets.map((wallet, i) => {
    const x = PAD + names + (i + 0.5) * column;
    return `<text x="${x}" y="${top - 14}" font-size="14" text-anchor="middle">${xml(cut(wallet, NAME_MAX))}</text>`;
  });
  const rows = features.map((feature, row) => {
    const y = top + row * ROW;
    const key = cells.some((c) => c.feature === feature && c.key);
    const name = `<text x="${PAD}" y="${y + ROW / 2 + 5}" font-size="14"${key ? ' font-weight="bold"' : ''}>${xml(cut(feature, 26))}</text>`;
    const boxes = wallets.map((wallet, i) => {
      const cell = cells.find((c) => c.wallet === wallet && c.feature === feature);
      return cell ? box(cell, PAD + names + i * column, y, column) : '';
    });
    return name + boxes.join('');
  });
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="DejaVu Sans" fill="#1d1c1d">
${PATTERNS}<rect width="${width}" height="${height}" fill="#ffffff"/>
<text x="${PAD}" y="36" font-size="21" font-weight="bold">${xml(title)}</text>
<text x="${PAD}" y="62" font-size="14">${xml(says)}</text>
${heads.join('\n')}
${rows.join('\n')}
${legend.at(PAD, height - FOOT / 2)}
</svg>`;
  return { svg, width, height };
}

/** What the marks mean: those that are there, with how many. */
function legendOf(cells: readonly CellState[]): { width: number; at: (x: number, y: number) => string } {
  const n = countCells(cells);
  const shown = (Object.keys(LOOK) as CellState['state'][]).filter((state) => n[state]);
  const step = 128;
  const at = (x: number, y: number) =>
    shown
      .map((state, i) => {
        const left = x + i * step;
        const { fill, pattern, says } = LOOK[state];
        const rect = (paint: string) =>
          `<rect x="${left}" y="${y - 12}" width="32" height="24" rx="4" fill="${paint}" stroke="#8c8c8c" stroke-width="1"/>`;
        const text = `<text x="${left + 40}" y="${y + 5}" font-size="13">${says} ${n[state]}</text>`;
        return rect(fill) + (pattern ? rect(`url(#${pattern})`) : '') + mark(state, left + 16, y) + text;
      })
      .join('\n');
  return { width: shown.length * step, at };
}
