// What the admins are told about a tab that is not where, or not as, it was.
import { escapeText } from '../../base/mrkdwn.ts';
import type { Cell, TabInfo } from '../../base/sheets.ts';
import { MARK_TITLE } from './rules.ts';
import type { Notice, Tab } from './types.ts';

/** It was made anew. @param now the one that it was; undefined: it was deleted */
export function goneNotice(tab: Tab, now: TabInfo | undefined): Notice {
  const text = now
    ? `The tab *${tab.title}* has another name now. I made a new one, for I keep the tab of that name. To go back to the old one, delete the new one and give the old one its name again.`
    : `The tab *${tab.title}* was deleted. I made it anew; columns that people had added are in the spreadsheet's version history (File → Version history).`;
  return { key: `gone:${tab.key}`, text };
}

/** It goes on in the tab that has its rows. @param name which that has now */
export function misnamedNotice(tab: Tab, name: string): Notice {
  const shown = escapeText(name.slice(0, 100));
  const text = `The tab *${tab.title}* is named *${shown}* now, and another tab has its name. I go on in the one that has its rows: give it its name back.`;
  return { key: `misnamed:${tab.key}`, text };
}

/** Why a tab is left alone, and what to do. @param header row 1 as it is */
export function headerNotice(tab: Tab, fault: 'header' | 'columns', header: readonly Cell[]): Notice {
  const titles = tab.columns.map((column) => column.title);
  const found = header.map((cell) => String(cell ?? '').trim());
  const missing = titles.filter((title) => !found.includes(title)).map((title) => `"${title}"`);
  const gone = missing.length
    ? ` Not there: ${missing.join(', ')}. If I lost the column, put an empty one with that title in its place, and I fill it; if it has another title, give it this one.`
    : '';
  const text =
    fault === 'header'
      ? `I leave the tab *${tab.title}* alone: its first row must be my header, with "${titles[0]}" in A1. Move the header back to row 1, or rename the tab and I make a new one.`
      : `I leave the tab *${tab.title}* alone: a column was put among mine, or one of mine is missing or has another title. Your own columns go to the right of "${MARK_TITLE}".${gone} Move yours there (or undo), or rename the tab and I make a new one.`;
  return { key: `${fault}:${tab.key}`, text };
}
