/**
 * One line of a CSV file (RFC 4180), without its end. What a spreadsheet would take for a formula (`=…`, `+…`, `-…`, `@…`) gets an apostrophe before
 * it; plain numbers stay as they are, negative ones too. Control characters but line breaks and tabs are left out.
 */
export function csvLine(cells: readonly (string | number | bigint | null)[]): string {
  return cells.map(cell).join(',');
}

function cell(value: string | number | bigint | null): string {
  const text = `${value ?? ''}`.replace(/[^\P{Cc}\n\t]/gu, '');
  const safe = /^\s*[=+\-@\t\uff1d\uff0b\uff0d\uff20]/.test(text) && !/^-?\d+(\.\d+)?$/.test(text) ? `'${text}` : text;
  return /[",\n\t']/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
