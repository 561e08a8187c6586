import { request as http } from 'node:http';
import { request as https } from 'node:https';

/**
 * POSTs JSON that is there as bytes already, in parts, without copying any: what `fetch` makes of a body is as large again, each time.
 * The bytes may be used for something else when the promise is settled. @throws what the network throws, and on a time-out
 */
export function postBytes(
  url: string,
  headers: Record<string, string>,
  parts: readonly Uint8Array[],
  timeoutMs: number,
): Promise<{ status: number; text: string }> {
  const length = parts.reduce((sum, part) => sum + part.byteLength, 0);
  const all = { ...headers, 'content-type': 'application/json', 'content-length': `${length}` };
  const signal = AbortSignal.timeout(timeoutMs);
  return new Promise((resolve, reject) => {
    const send = url.startsWith('https:') ? https : http;
    const request = send(url, { method: 'POST', headers: all, signal }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() }));
    });
    request.on('error', reject);
    for (const part of parts) request.write(part);
    request.end();
  });
}
