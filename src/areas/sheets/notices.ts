// What the admins are told about the sheets: once, and once more when it is well again.
import { sql } from 'drizzle-orm';
import { escapeText } from '../../base/mrkdwn.ts';
import type { SheetsError } from '../../base/sheets.ts';
import type { Db } from '../../db/client.ts';
import { post } from '../../db/outbox.ts';
import type { Synced } from './sync.ts';
import type { Notice, Tab } from './types.ts';

/** How many ids a message names. */
const NAMED = 10;
/** What lasts until somebody does something about it; the rest just happened. */
const LASTING = /^(access|refused|header|columns|misnamed|orphans)\b/;

/** The notices of a sync that went through. */
export function noticesOf(synced: Synced, tabs: readonly Tab[]): Notice[] {
  const found = [...synced.notices];
  for (const { tab, restored, orphans } of synced.tabs) {
    const title = tabs.find((t) => t.key === tab)?.title ?? tab;
    if (restored.length) {
      const text = `Somebody changed cells that I keep in the sheet *${title}*, in ${named(restored)}. I put them back: what they show is changed in Slack. Columns to the right of mine are yours.`;
      found.push({ key: `restored:${tab}`, text });
    }
    if (orphans.length) {
      const text = `In the sheet *${title}* there are rows that are not mine any more, or twice: ${named(orphans)}. I marked them in the last of my columns and leave them otherwise; delete them when you do not need them.`;
      found.push({ key: `orphans:${tab}`, text });
    }
  }
  return found;
}

function named(ids: readonly string[]): string {
  const some = ids.slice(0, NAMED).map((id) => escapeText(id.slice(0, 60)));
  return ids.length > NAMED ? `${some.join(', ')} and ${ids.length - NAMED} more` : some.join(', ');
}

/** Why nothing can be read or written, and what to do. @param account whom the spreadsheet must be shared with, if known */
export function accessNotice(err: SheetsError, spreadsheet: string, account: string | undefined): Notice {
  const link = `<https://docs.google.com/spreadsheets/d/${spreadsheet}|the spreadsheet>`;
  if (err.kind === 'invalid') {
    const text = `Google refuses my changes of ${link}: ${escapeText(err.message)}. If cells of mine are protected there, let me change them. I try again every 15 minutes.`;
    return { key: 'refused', text };
  }
  const whom = account ? `\`${escapeText(account)}\`` : 'my service account';
  const todo =
    err.status === 404
      ? 'There is no such spreadsheet: check its id in the environment and in shipshape.yml.'
      : err.status === 403
        ? `Share it with ${whom} as an editor, and see that the Google Sheets API is enabled in its project.`
        : 'Check GOOGLE_APPLICATION_CREDENTIALS: the key may have been deleted.';
  const text = `I cannot get at ${link} (${escapeText(err.message)}). ${todo} docs/setup-sheets.md has it step by step. I try again every 15 minutes; nothing is lost meanwhile.`;
  return { key: 'access', text };
}

/**
 * Posts to the admins what is new among the notices of a spreadsheet, and that what was wrong is well again; in one transaction with
 * the memory of it, so that each is told once.
 */
export async function tell(db: Db, admins: string, spreadsheet: string, notices: readonly Notice[]): Promise<void> {
  await db.transaction(async (tx) => {
    const { rows } = await tx.execute<{ key: string; text: string }>(
      sql`select key, text from sheet_notices where spreadsheet = ${spreadsheet} for update`,
    );
    const told = new Map(rows.map((row) => [row.key, row.text]));
    const say = (text: string) => post(tx, { role: 'line', target: admins, text });
    for (const { key, text } of notices) {
      if (LASTING.test(key) && told.get(key) === text) continue;
      await say(`:warning: ${text}`);
      if (LASTING.test(key))
        await tx.execute(sql`insert into sheet_notices (spreadsheet, key, text) values (${spreadsheet}, ${key}, ${text})
          on conflict (spreadsheet, key) do update set text = excluded.text, told_at = now()`);
    }
    for (const { key } of rows) {
      if (notices.some((notice) => notice.key === key)) continue;
      // What could not be looked at may be as it was.
      if (notices.some((notice) => notice.key === 'access' || notice.key === 'refused')) continue;
      await tx.execute(sql`delete from sheet_notices where spreadsheet = ${spreadsheet} and key = ${key}`);
      if (!key.startsWith('orphans')) await say(':white_check_mark: The sheets are up to date again.');
    }
  });
}
