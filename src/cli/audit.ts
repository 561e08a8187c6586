import type { Command } from 'commander';
import { and, asc, desc, eq, gt } from 'drizzle-orm';
import { readVersion } from '../areas/releases/opening.ts';
import { ShipshapeError } from '../base/errors.ts';
import { parseId, showId } from '../base/ids.ts';
import type { Db } from '../db/client.ts';
import { parseHead, readHeads } from '../db/heads.ts';
import { auditEvents } from '../db/schema/audit.ts';
import { people } from '../db/schema/people.ts';
import { releases } from '../db/schema/releases.ts';
import type { Head } from '../db/seal.ts';
import { type AuditReport, verifyAudit } from '../db/verify.ts';
import { withDatabase } from './database.ts';
import { many } from './many.ts';
import { printable } from './printable.ts';

const PAGE = 500;

/** `shipshape audit verify|show`: R26's trail, checked and read. */
export function registerAudit(program: Command): void {
  const audit = program.command('audit').description('the trail of everything that was done');
  audit
    .command('verify')
    .description('find edits, gaps and a cut end; exits 1 when there are any')
    .option('--head <position:hash...>', 'heads from the daily messages to the admins, to be found in the chain')
    .action(async ({ head = [] }: { head?: string[] }) => {
      const given = head.map(parseHead);
      const report = await withDatabase(async (db, dataDir) => {
        const heads = [...(await readHeads(dataDir)), ...given];
        return { ...(await verifyAudit(db, heads)), heads };
      });
      console.log(showReport(report));
      if (!report.ok) process.exitCode = 1;
    });
  audit
    .command('show')
    .description('print the trail, oldest first: all of it, or what is about one thing')
    .argument('[what...]', 'REL-12, BUG-7, PI-3, FR-3 …, or the product and version of a release')
    .action((words: string[]) => withDatabase((db) => show(db, words)));
}

function showReport(report: AuditReport & { heads: Head[] }): string {
  const { events, sealed, unsealed, heads, faults } = report;
  const counts = `${many(events, 'event')}, ${sealed} sealed, ${unsealed} waiting for their seal, ${many(heads.length, 'published head')}.`;
  return report.ok
    ? `The audit trail is whole: ${counts}`
    : [...faults, `The audit trail is NOT whole: ${counts}`].join('\n');
}

async function show(db: Db, words: string[]): Promise<void> {
  const subject = words.length > 0 ? await subjectOf(db, words) : undefined;
  let after = 0;
  for (;;) {
    const rows = await db
      .select({ event: auditEvents, name: people.name })
      .from(auditEvents)
      .leftJoin(people, eq(people.id, auditEvents.actor))
      .where(and(gt(auditEvents.id, after), subject === undefined ? undefined : eq(auditEvents.subject, subject)))
      .orderBy(asc(auditEvents.id))
      .limit(PAGE);
    for (const { event, name } of rows) console.log(line(event, name));
    if (rows.length < PAGE) {
      if (after > 0 || rows.length > 0) return;
      if (subject === undefined) return console.log('Nothing is recorded yet.');
      const next = 'Look whether the id is right; `audit show` alone prints everything.';
      throw new ShipshapeError({ code: 'subject', message: `Nothing is recorded about ${subject}.`, next });
    }
    after = rows.at(-1)?.event.id ?? after;
  }
}

/** The subject as audit events name it. @throws ShipshapeError when it is no id, and when there is no such release. */
async function subjectOf(db: Db, words: string[]): Promise<string> {
  const typed = words.join(' ');
  const id = parseId(typed);
  if (id) return showId(id.prefix, id.id);
  const [product, ...rest] = typed.toLowerCase().split(/\s+/);
  const version = rest.length === 1 ? readVersion(rest[0] ?? '') : undefined;
  const next = 'Say an id (REL-12, BUG-7, PI-3, FR-3 …), or product and version of a release: wallet v2.4.0.';
  const wrong = (message: string) => new ShipshapeError({ code: 'release', message, next });
  if (product === undefined || version === undefined) throw wrong(`"${typed}" is no id and no release.`);
  const [found] = await db
    .select({ id: releases.id })
    .from(releases)
    .where(and(eq(releases.product, product), eq(releases.version, version)))
    .orderBy(desc(releases.id))
    .limit(1);
  if (!found) throw wrong(`There is no release ${version} of ${product}.`);
  return showId('REL', found.id);
}

function line(event: typeof auditEvents.$inferSelect, name: string | null): string {
  const time = event.eventTime
    .toISOString()
    .replace('T', ' ')
    .replace(/\.\d+Z$/, 'Z');
  const actor = name === null ? event.actor : `${name} (${event.actor})`;
  const shown = [time, actor, event.verb, event.subject, JSON.stringify(event.data), `[${event.source}]`].join('  ');
  return printable(shown);
}
