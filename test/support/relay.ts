// Stands between Slack and the bot's HTTP endpoint: hands requests on, or keeps them to be sent later, twice, or in another order.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DEFAULT_APP, signed } from './slack.ts';

/** One request of Slack's, exactly as it was signed. */
export interface SlackRequest {
  body: string;
  headers: Record<string, string>;
}

/** A request as Slack signs it; `at` in seconds since 1970. */
export function request(
  payload: Record<string, string>,
  secret = DEFAULT_APP.signingSecret,
  at?: number,
): SlackRequest {
  const body = new URLSearchParams(payload).toString();
  return { body, headers: { 'content-type': 'application/x-www-form-urlencoded', ...signed(secret, body, at) } };
}

export type Relay = Awaited<ReturnType<typeof startRelay>>;

/** @param port asks for the bot's port at each request, as it may have started again */
export async function startRelay(port: () => number) {
  const kept: SlackRequest[] = [];
  let keeping = false;

  /** Sends a request to the bot. @returns status and body of its answer */
  const send = async ({ body, headers }: SlackRequest): Promise<{ status: number; text: string }> => {
    const answer = await fetch(`http://127.0.0.1:${port()}/slack/events`, { method: 'POST', headers, body });
    return { status: answer.status, text: await answer.text() };
  };

  const server = createServer(async (req, res) => {
    let body = '';
    for await (const chunk of req) body += chunk;
    const names = ['content-type', 'x-slack-signature', 'x-slack-request-timestamp'];
    const headers = Object.fromEntries(names.map((name) => [name, String(req.headers[name])]));
    if (keeping) {
      kept.push({ body, headers });
      res.end();
      return;
    }
    const { status, text } = await send({ body, headers }).catch((err) => ({ status: 502, text: String(err) }));
    res.writeHead(status).end(text);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/slack/events`,
    send,
    /** Runs `act` while requests are kept. @returns those it caused, oldest first; the bot has seen none of them */
    keep: async (act: () => Promise<unknown>): Promise<SlackRequest[]> => {
      keeping = true;
      try {
        await act();
      } finally {
        keeping = false;
      }
      return kept.splice(0);
    },
    stop: () => new Promise<void>((done) => server.close(() => done())),
  };
}
