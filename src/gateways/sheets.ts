import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Logger } from '../base/log.ts';
import type { Policy } from '../base/policy.ts';
import {
  type Area,
  type Block,
  type Cell,
  type Change,
  type Sheets,
  SheetsError,
  type SheetsErrorKind,
  type WorkbookTab,
} from '../base/sheets.ts';
import { isLoopback } from './loopback.ts';
import { postBytes } from './post.ts';
import { workbookWriter } from './workbook.ts';

/** Google gives up on a request after 180 s: what is not answered by then will not be done any more. */
const TIMEOUT_MS = 190_000;
const TRIES = 5;
const FIRST_PAUSE_MS = 1_000;
const MAX_PAUSE_MS = 32_000;
const SCOPE = 'https://www.googleapis.com/auth/spreadsheets';

export interface SheetsOptions {
  log: Logger;
  /** Another API than Google's own. When it is on this machine, nobody logs in. */
  apiUrl?: string | undefined;
  /** A service account's key file; undefined: whatever the machine offers (workload identity, gcloud). */
  credentials?: string | undefined;
  timeoutMs?: number;
  firstPauseMs?: number;
  /** Once it is aborted nothing more is waited for: reading fails, which the queue does again; what is being written is not cut off. */
  stopping?: AbortSignal;
}

/** Google Sheets by its API, version 4. The client library is loaded here, for it is large: only who has sheets pays for it. */
export async function makeSheets(options: SheetsOptions): Promise<Sheets> {
  const { sheets, auth } = await import('googleapis/build/src/apis/sheets/index.js');
  const { apiUrl, credentials, log, stopping } = options;
  const root = (apiUrl ?? 'https://sheets.googleapis.com/').replace(/\/*$/, '/');
  const login =
    apiUrl !== undefined && isLoopback(apiUrl)
      ? undefined
      : new auth.GoogleAuth({ scopes: [SCOPE], ...(credentials === undefined ? {} : { keyFile: credentials }) });
  const api = sheets({
    version: 'v4',
    ...(login ? { auth: login } : {}),
    rootUrl: root,
  });
  // The library's own retries are off: it would repeat without a pause that fits, and knows nothing of what must not be repeated.
  const request = { timeout: options.timeoutMs ?? TIMEOUT_MS, retry: false };
  const once = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (err) {
      throw sheetsError(err);
    }
  };
  const patiently = async <T>(work: () => Promise<T>): Promise<T> => {
    for (let attempt = 1; ; attempt++) {
      try {
        return await once(() => unlessStopped(work, stopping));
      } catch (err) {
        if (
          stopping?.aborted ||
          !(err instanceof SheetsError) ||
          attempt === TRIES ||
          (err.kind !== 'doubtful' && err.kind !== 'limited')
        )
          throw err;
        const ms = pauseMs(attempt, options.firstPauseMs);
        log.warn({ err, attempt, ms }, 'Google Sheets cannot be read yet');
        await wait(ms, undefined, { signal: stopping });
      }
    }
  };
  return {
    tabs: async (spreadsheetId) => {
      const fields = 'sheets.properties(sheetId,title,gridProperties(rowCount,columnCount))';
      const { data } = await patiently(() => api.spreadsheets.get({ spreadsheetId, fields }, request));
      return (data.sheets ?? []).map(({ properties: p }) => ({
        sheetId: p?.sheetId ?? 0,
        title: p?.title ?? '',
        rows: p?.gridProperties?.rowCount ?? 0,
        columns: p?.gridProperties?.columnCount ?? 0,
      }));
    },
    heads: async (spreadsheetId, sheetIds) => {
      const dataFilters = sheetIds.map((sheetId) => ({ gridRange: { sheetId, startRowIndex: 0, endRowIndex: 1 } }));
      const fields = 'sheets(properties.sheetId,data.rowData.values.effectiveValue)';
      const params = { spreadsheetId, requestBody: { dataFilters }, fields };
      const { data } = await patiently(() => api.spreadsheets.getByDataFilter(params, request));
      return new Map(
        (data.sheets ?? []).map(({ properties, data: grid }) => {
          const cells = grid?.[0]?.rowData?.[0]?.values ?? [];
          const values = cells.map(({ effectiveValue: v }) => v?.stringValue ?? v?.numberValue ?? null);
          return [properties?.sheetId ?? 0, values];
        }),
      );
    },
    read: async (spreadsheetId, areas) => {
      const requestBody = {
        dataFilters: areas.map((gridRange) => ({ gridRange })),
        majorDimension: 'COLUMNS',
        valueRenderOption: 'UNFORMATTED_VALUE',
        dateTimeRenderOption: 'SERIAL_NUMBER',
      };
      const params = { spreadsheetId, requestBody, fields: 'valueRanges(valueRange(range,values),dataFilters)' };
      return patiently(async () => {
        const { data } = await api.spreadsheets.values.batchGetByDataFilter(params, request);
        const all = data.valueRanges ?? [];
        // Each says what it was asked for by; nothing is said of their order.
        const said = all.flatMap((one) => (one.dataFilters ?? []).map((f) => ({ ...one, by: f.gridRange ?? {} })));
        return areas.map((area, i) => {
          const found = (said.length ? said.find(({ by }) => isAskedBy(area, by)) : all[i])?.valueRange;
          // Another area's cells in its place would be written over.
          if (!found) throw new SheetsError('doubtful', 200, 'Google Sheets left out an area that it was asked for');
          return { title: titleIn(found.range ?? ''), columns: (found.values ?? []) as Cell[][] };
        });
      });
    },
    write: (spreadsheetId, blocks: readonly Block[]) =>
      once(async () => {
        const data = blocks.map(({ rows, ...at }) => ({
          dataFilter: { gridRange: rangeOf(at, rows) },
          majorDimension: 'ROWS',
          values: rows,
        }));
        const requestBody = { valueInputOption: 'RAW', data };
        const params = { spreadsheetId, requestBody, fields: 'spreadsheetId' };
        await api.spreadsheets.values.batchUpdateByDataFilter(params, request);
      }),
    // Not by the library, which wants the rows as objects.
    append: (spreadsheetId, title, rows) =>
      once(async () => {
        const range = encodeURIComponent(`'${title.replaceAll("'", "''")}'!A:A`);
        const query = 'valueInputOption=RAW&insertDataOption=INSERT_ROWS&fields=spreadsheetId';
        const url = `${root}v4/spreadsheets/${encodeURIComponent(spreadsheetId)}/values/${range}:append?${query}`;
        const headers = Object.fromEntries(new Headers(login ? await login.getRequestHeaders(url) : undefined));
        const { status, text } = await postBytes(url, headers, [OPEN, rows, CLOSE], request.timeout);
        if (status !== 200) throw { response: { status, data: asJson(text) } };
      }),
    change: (spreadsheetId, changes: readonly Change[]) =>
      once(async () => {
        const requestBody = { requests: [...changes] };
        await api.spreadsheets.batchUpdate({ spreadsheetId, requestBody, fields: 'spreadsheetId' }, request);
      }),
    account: async () => {
      try {
        return (await login?.getCredentials())?.client_email;
      } catch {
        return undefined;
      }
    },
  };
}

/**
 * Fails as soon as the bot stops, and begins nothing then. The request itself is not aborted: node-fetch, when it is just about to send one,
 * answers an abort by an `error` of the body, which nobody can listen to and which would end the process.
 */
function unlessStopped<T>(work: () => Promise<T>, stopping: AbortSignal | undefined): Promise<T> {
  if (!stopping) return work();
  return new Promise((resolve, reject) => {
    stopping.throwIfAborted();
    const end = () => reject(stopping.reason);
    stopping.addEventListener('abort', end);
    work()
      .finally(() => stopping.removeEventListener('abort', end))
      .then(resolve, reject);
  });
}

function rangeOf({ sheetId, row, column }: Omit<Block, 'rows'>, rows: readonly Cell[][]) {
  const width = Math.max(0, ...rows.map((cells) => cells.length));
  return {
    sheetId,
    startRowIndex: row,
    endRowIndex: row + rows.length,
    startColumnIndex: column,
    endColumnIndex: column + width,
  };
}

/** Whether an answer is to this area, by the bounds it says; it may leave out what is 0, and fill in an end that was left open. */
function isAskedBy(area: Area, said: { [K in keyof Area]?: number | null | undefined }): boolean {
  const starts = (['sheetId', 'startRowIndex', 'startColumnIndex'] as const).every(
    (at) => (area[at] ?? 0) === (said[at] ?? 0),
  );
  return starts && (['endRowIndex', 'endColumnIndex'] as const).every((at) => (area[at] ?? said[at]) === said[at]);
}

/** The tab's name in a range: `'Ola''s tab'!A2:A`. */
function titleIn(range: string): string {
  const [, quoted, plain = ''] = /^(?:'((?:[^']|'')*)'|([^!]*))!/.exec(range) ?? [];
  return quoted?.replaceAll("''", "'") ?? plain;
}

const OPEN = Buffer.from('{"majorDimension":"ROWS","values":');
const CLOSE = Buffer.from('}');

function asJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

/**
 * What keeping the sheets needs of the outside: Google where a spreadsheet is named, in the environment or in the policy, and the
 * workbook in `dataDir`. @param stopping see `SheetsOptions`
 */
export async function sheetsAndWorkbook(
  env: { dataDir: string; sheets?: { spreadsheet?: string; apiUrl?: string; credentials?: string } },
  policy: Pick<Policy, 'sheets'>,
  log: Logger,
  stopping?: AbortSignal,
): Promise<Outside> {
  const { spreadsheet, apiUrl, credentials } = env.sheets ?? {};
  const named = spreadsheet !== undefined || Object.keys(policy.sheets ?? {}).length > 0;
  const writeWorkbook = workbookWriter(join(env.dataDir, WORKBOOK));
  return {
    google: named
      ? { sheets: await makeSheets({ log, apiUrl, credentials, ...(stopping && { stopping }) }), spreadsheet }
      : undefined,
    pause: (attempt) => wait(pauseMs(attempt), undefined, { signal: stopping }),
    writeWorkbook: async (tabs) => {
      // With a PostgreSQL of its own the bot may never have needed the folder.
      await mkdir(env.dataDir, { recursive: true });
      await writeWorkbook(tabs);
    },
  };
}

interface Outside {
  google: { sheets: Sheets; spreadsheet: string | undefined } | undefined;
  pause(attempt: number): Promise<void>;
  writeWorkbook(tabs: WorkbookTab[]): Promise<void>;
}

/** In DATA_DIR. */
const WORKBOOK = 'shipshape.xlsx';

/** How long to wait before the next attempt: twice as long each time, up to 32 s, half of it by chance, so that instances do not meet again. */
export function pauseMs(attempt: number, first = FIRST_PAUSE_MS): number {
  const full = Math.min(first * 2 ** (attempt - 1), MAX_PAUSE_MS);
  return Math.round(full / 2 + (Math.random() * full) / 2);
}

/** Sorts whatever a call threw into the one error the rest of the bot knows. */
export function sheetsError(err: unknown): SheetsError {
  if (err instanceof SheetsError) return err;
  const thrown = (typeof err === 'object' && err !== null ? err : {}) as {
    response?: { status?: number; data?: { error?: { message?: unknown } | string; error_description?: unknown } };
    status?: number;
    message?: string;
  };
  const status = thrown.response?.status ?? 0;
  const said = thrown.response?.data?.error;
  const words = typeof said === 'object' ? String(said.message ?? '') : (thrown.message ?? '');
  if (status === 0) {
    // Credentials that cannot be found or read never get as far as an answer.
    if (/credentials|invalid_grant|ENOENT|private key|PEM|DECODER/i.test(words))
      return new SheetsError('access', 0, `Google's login does not work: ${words}`, err);
    return new SheetsError('doubtful', 0, 'Google Sheets does not answer', err);
  }
  if (said === 'invalid_grant' || said === 'invalid_client')
    return new SheetsError('access', status, `Google does not accept the key (${said})`, err);
  return new SheetsError(kindOf(status), status, `Google Sheets says ${status}: ${words.slice(0, 300)}`, err);
}

function kindOf(status: number): SheetsErrorKind {
  if (status === 429) return 'limited';
  if (status === 401 || status === 403 || status === 404) return 'access';
  return status >= 500 || status === 408 ? 'doubtful' : 'invalid';
}
