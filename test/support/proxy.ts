import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';

export type Args = Record<string, string>;

/** What happens to one call of a method; all of it optional. */
export interface Rule {
  delayMs?: number;
  /** Answered by the proxy; local-slack never hears of the call. `body` is sent as JSON, a string as it is. */
  answer?: { status?: number; headers?: Record<string, string>; body?: unknown };
  /** Cuts the connection: before the call is made, or after it was applied (a lost answer). */
  drop?: 'before' | 'after';
  /** Headers and body changes on local-slack's own answer. */
  headers?: Record<string, string>;
  edit?: (body: Record<string, unknown>) => unknown;
}

export type SlackProxy = Awaited<ReturnType<typeof startProxy>>;

/**
 * Stands in front of local-slack for what that lacks: faults, lost answers, rate limits, methods and headers it does not
 * know. Socket Mode goes through it too, so that connections can be cut.
 * @param target local-slack's address, e.g. http://127.0.0.1:4000
 */
export async function startProxy(target: string) {
  const { hostname, port } = new URL(target);
  const rules = new Map<string, (args: Args, nth: number) => Rule | undefined>();
  const calls: { method: string; args: Args }[] = [];
  const sockets = new Set<Duplex>();
  const counts = new Map<string, number>();
  let here = '';

  const forward = (
    req: IncomingMessage,
    body: Buffer,
    then: (res: IncomingMessage, body: Buffer) => void,
    fail: () => void,
  ) => {
    const headers = { ...req.headers, host: `${hostname}:${port}` };
    const out = request({ hostname, port, path: req.url, method: req.method, headers }, (res) => {
      collect(res).then((data) => then(res, data), fail);
    });
    out.once('error', fail);
    out.end(body);
  };

  const handle = async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
    const body = await collect(req);
    const method = req.url?.match(/^\/api\/([a-zA-Z.]+)/)?.[1] ?? '';
    const args = Object.fromEntries(new URLSearchParams(body.toString()));
    const nth = (counts.get(method) ?? 0) + 1;
    counts.set(method, nth);
    if (method !== '') calls.push({ method, args });
    const rule = rules.get(method)?.(args, nth) ?? {};
    if (rule.delayMs) await new Promise((resolve) => setTimeout(resolve, rule.delayMs));
    if (rule.drop === 'before') return void req.socket.destroy();
    if (rule.answer) {
      const { status = 200, headers = {}, body: given = '' } = rule.answer;
      const sent = typeof given === 'string' ? given : JSON.stringify(given);
      return void res.writeHead(status, { 'content-type': 'application/json', ...headers }).end(sent);
    }
    forward(
      req,
      body,
      (from, data) => {
        if (rule.drop === 'after') return req.socket.destroy();
        const changed = change(method, data, rule);
        const { 'content-length': _, 'transfer-encoding': __, connection: ___, ...headers } = from.headers;
        res.writeHead(from.statusCode ?? 502, { ...headers, ...rule.headers }).end(changed);
      },
      () => req.socket.destroy(),
    );
  };

  const change = (method: string, data: Buffer, rule: Rule): Buffer | string => {
    // Socket Mode's address is local-slack's own: it must lead through here.
    if (method === 'apps.connections.open')
      return data.toString().replace(`ws://${hostname}:${port}`, here.replace('http', 'ws'));
    return rule.edit ? JSON.stringify(rule.edit(JSON.parse(data.toString()))) : data;
  };

  const server = createServer((req, res) => {
    handle(req, res).catch(() => req.socket.destroy());
  });
  server.on('upgrade', (req, socket, head) => {
    const to: Socket = connect(Number(port), hostname, () => {
      const lines = Object.entries(req.headers).map(([name, value]) => `${name}: ${value}`);
      to.write(`${req.method} ${req.url} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
      to.write(head);
      socket.pipe(to).pipe(socket);
    });
    sockets.add(socket);
    const shut = (): void => {
      sockets.delete(socket);
      socket.destroy();
      to.destroy();
    };
    for (const end of [socket, to]) end.on('error', shut).on('close', shut);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  here = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  return {
    url: here,
    apiUrl: `${here}/api/`,
    /** Every Web API call, oldest first. */
    calls,
    /** Sets (or replaces) what happens to a method's calls; `nth` counts from 1 since then. @returns what undoes it */
    on: (method: string, rule: Rule | ((args: Args, nth: number) => Rule | undefined)): (() => void) => {
      counts.delete(method);
      rules.set(method, typeof rule === 'function' ? rule : () => rule);
      return () => rules.delete(method);
    },
    clear: (): void => rules.clear(),
    /** Cuts all WebSockets, as a network does. */
    cutSockets: (): void => {
      for (const socket of sockets) socket.destroy();
    },
    sockets: (): number => sockets.size,
    stop: async (): Promise<void> => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      });
    },
  };
}

async function collect(stream: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}
