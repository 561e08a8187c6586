// R26: the audit chain's heads as they were published, in a file that the database cannot change.
import { appendFile, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ShipshapeError } from '../base/errors.ts';
import type { Head } from './seal.ts';

const fileIn = (dataDir: string) => join(dataDir, 'audit-heads.jsonl');

/** Adds one line, `{position, hash, at}`, to `audit-heads.jsonl` in `dataDir`. @throws when it cannot be written. */
export async function appendHead(dataDir: string, head: Head, at: Date): Promise<void> {
  await mkdir(dataDir, { recursive: true });
  const { position, hash } = head;
  await appendFile(fileIn(dataDir), `${JSON.stringify({ position, hash, at })}\n`);
}

/**
 * The heads published so far, oldest first; none when there is no file yet.
 * @throws ShipshapeError when a line is not a head: a file that was tampered with proves nothing.
 */
export async function readHeads(dataDir: string): Promise<Head[]> {
  const text = await readFile(fileIn(dataDir), 'utf8').catch((err: NodeJS.ErrnoException) => {
    if (err.code === 'ENOENT') return '';
    throw err;
  });
  return text
    .split('\n')
    .flatMap((line, i) => (line === '' ? [] : [headIn(line, `${fileIn(dataDir)}, line ${i + 1}`)]));
}

/** A head as the daily message shows it: `<position>:<hash>`. @throws ShipshapeError when it is none. */
export function parseHead(text: string): Head {
  const match = /^(\d{1,15}):([0-9a-f]{64})$/.exec(text.trim().toLowerCase());
  if (!match) throw notAHead(`"${text}"`);
  return { position: Number(match[1]), hash: match[2] as string };
}

function headIn(line: string, where: string): Head {
  try {
    const { position, hash } = JSON.parse(line) as Head;
    return parseHead(`${position}:${hash}`);
  } catch {
    throw notAHead(where);
  }
}

function notAHead(what: string): ShipshapeError {
  return new ShipshapeError({
    code: 'audit_head',
    message: `${what} is not the head of an audit chain.`,
    next: 'A head is <position>:<hash>, with 64 hexadecimal digits, as in the daily message to the admins.',
  });
}
