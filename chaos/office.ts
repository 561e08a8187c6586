// Stands between the bot and the local Slack: its Web API with faults, its Socket Mode (deliveries.ts), the forms that are open,
// and for each person what they did and what they were answered.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { WebSocket } from 'undici';
import type { LocalSlack } from '../src/demo/local-slack.ts';
import { type PageView, stateOf } from '../src/demo/local-slack-page.ts';
import { type Envelope, makeDeliveries, type Payload } from './deliveries.ts';
import { type Random, randomOf } from './random.ts';
import type { Deed } from './record.ts';

export type Office = Awaited<ReturnType<typeof openOffice>>;

export interface OpenForm {
  view: PageView;
  /** Whose it is. */
  person: string;
}

/**
 * limit: 429. error: 500, nothing done. garbage: no JSON, nothing done. before: cut, nothing done. after: done, and cut. late: done,
 * and 500. slow: done a while later. hang: done, and never answered.
 */
type Fault = 'limit' | 'error' | 'garbage' | 'before' | 'after' | 'late' | 'slow' | 'hang';

const ODDS: readonly (readonly [Fault, number])[] = [
  ['limit', 0.012],
  ['error', 0.015],
  ['garbage', 0.01],
  ['before', 0.015],
  ['after', 0.03],
  ['late', 0.015],
  ['slow', 0.04],
  ['hang', 0.001],
];

function faultOf(random: Random): Fault | undefined {
  let at = random.next();
  for (const [fault, odds] of ODDS) {
    at -= odds;
    if (at < 0) return fault;
  }
  return undefined;
}

/** @param guests people whom Slack says to be guests: the local Slack knows none */
export async function openOffice(slack: LocalSlack, seed: number, guests: readonly string[]) {
  const state = { faulty: false, apiFaults: 0, apiCalls: 0 };
  const deliveries = makeDeliveries(seed, () => state.faulty);
  /** What each person does now: the next thing Slack hears of them belongs to it. */
  const doing = new Map<string, Deed>();
  const triggers = new Map<string, string>();
  const replies = new Map<string, Deed>();
  const forms: OpenForm[] = [];
  const counts = new Map<string, number>();
  let here = '';
  let views = 0;

  const apply = async (req: IncomingMessage, body: Buffer): Promise<{ status: number; text: string }> => {
    const headers = {
      'content-type': req.headers['content-type'] ?? '',
      authorization: req.headers.authorization ?? '',
    };
    const answer = await fetch(`${slack.url}${req.url}`, { method: req.method, headers, ...(body.length && { body }) });
    return { status: answer.status, text: await answer.text() };
  };

  /** What local Slack lacks, or has one of for the whole workspace. @returns undefined when it is to be asked */
  const own = (method: string, args: URLSearchParams): Payload => {
    if (method === 'apps.connections.open') return { ok: true, url: `${here.replace('http', 'ws')}/socket` };
    if (method !== 'views.open' && method !== 'views.push' && method !== 'views.update') return undefined;
    const view = JSON.parse(args.get('view') ?? '{}') as PageView;
    if (method === 'views.update') {
      const old = forms.find((form) => form.view.id === args.get('view_id'));
      if (old) old.view = { ...view, id: old.view.id };
      return { ok: true, view: { ...view, id: args.get('view_id') } };
    }
    const person = triggers.get(args.get('trigger_id') ?? '');
    if (person === undefined) return { ok: false, error: 'expired_trigger_id' };
    views += 1;
    const shown = { ...view, id: `V${seed}X${views}` };
    forms.push({ view: shown, person });
    return { ok: true, view: shown };
  };

  const api = async (req: IncomingMessage, body: Buffer): Promise<{ status: number; text: string }> => {
    const method = methodOf(req);
    const args = new URLSearchParams(body.toString());
    const mine = own(method, args);
    if (mine !== undefined) return { status: 200, text: JSON.stringify(mine) };
    const answer = await apply(req, body);
    if (req.url?.startsWith('/_hooks/response/') && answer.status === 200) heard(req.url, body);
    if (method !== 'users.info' || !guests.includes(args.get('user') ?? '')) return answer;
    const said = JSON.parse(answer.text) as Payload;
    return { ...answer, text: JSON.stringify({ ...said, user: { ...said.user, is_restricted: true } }) };
  };

  const heard = (path: string, body: Buffer) => {
    const text = body.toString();
    const said = text.startsWith('{') ? JSON.parse(text) : Object.fromEntries(new URLSearchParams(text));
    replies.get(path)?.answers.push(String(said.text ?? ''));
  };

  const serve = async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
    const body = await collect(req);
    const method = methodOf(req);
    const nth = (counts.get(method) ?? 0) + 1;
    counts.set(method, nth);
    state.apiCalls += 1;
    const random = randomOf(seed, 'call', method, nth);
    const fault = state.faulty ? faultOf(random) : undefined;
    if (fault) state.apiFaults += 1;
    const answer = (status: number, text: string, headers: Record<string, string> = {}) =>
      res.writeHead(status, { 'content-type': 'application/json', ...headers }).end(text);
    if (fault === 'limit') return void answer(429, '{"ok":false,"error":"ratelimited"}', { 'retry-after': '1' });
    if (fault === 'error') return void answer(500, 'Internal Server Error');
    if (fault === 'garbage')
      return void answer(200, '<html>We will be right back</html>', { 'content-type': 'text/html' });
    if (fault === 'before') return void req.socket.destroy();
    if (fault === 'slow') await wait(random.between(100, 1_500));
    const done = await api(req, body);
    if (fault === 'after') return void req.socket.destroy();
    if (fault === 'late') return void answer(500, 'Internal Server Error');
    if (fault === 'hang') await wait(11_000);
    answer(done.status, done.text);
  };

  const server = createServer((req, res) => {
    serve(req, res).catch(() => req.socket.destroy());
  });
  server.on('upgrade', (req, socket) => deliveries.connect(req, socket));
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  here = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  /** What comes from the local Slack, on to the bot. Events are acknowledged at once: seeing to them is ours from here. */
  const take = async (envelope: Envelope & { envelope_id: string }, acknowledge: (payload?: Payload) => void) => {
    const { payload } = envelope;
    const person = personOf(payload);
    const deed = person === undefined ? undefined : doing.get(person);
    if (envelope.type === 'events_api') {
      deed?.events.push(payload.event_id);
      acknowledge();
      return deliveries.event(envelope, deed);
    }
    if (person !== undefined) triggers.set(payload.trigger_id, person);
    if (deed && payload.response_url) replies.set(new URL(payload.response_url).pathname, deed);
    const answer = await deliveries.ask(envelope, deed);
    if (answer && deed) deed.taken = true;
    if (answer?.payload?.text && deed) deed.answers.push(answer.payload.text);
    acknowledge(answer?.payload);
  };

  const opened = await fetch(`${slack.apiUrl}apps.connections.open`, {
    method: 'POST',
    headers: { authorization: `Bearer ${slack.app.appToken}` },
  });
  const upstream = new WebSocket(((await opened.json()) as { url: string }).url);
  upstream.addEventListener('message', ({ data }) => {
    // Answers to commands come through here too.
    const envelope = JSON.parse(String(data).replaceAll(slack.url, here));
    if (envelope.envelope_id === undefined) return;
    const { envelope_id, accepts_response_payload: accepts } = envelope;
    const acknowledge = (payload?: Payload) =>
      upstream.send(JSON.stringify({ envelope_id, ...(accepts && payload && { payload }) }));
    take(envelope, acknowledge).catch((err) => console.error(err));
  });
  await new Promise((done) => upstream.addEventListener('open', done));

  return {
    apiUrl: `${here}/api/`,
    state,
    deliveries,
    /** From here on what Slack hears of this person belongs to this deed. */
    begin: (deed: Deed): void => void doing.set(deed.person, deed),
    /** Waits for a form that opens for this person. */
    form: async (person: string, ms: number): Promise<OpenForm | undefined> => {
      for (const end = Date.now() + ms; Date.now() < end; await wait(20)) {
        const form = forms.find((one) => one.person === person);
        if (form) return form;
      }
      return undefined;
    },
    /** Closes all of a person's forms. */
    closeForms: (person: string): void => {
      for (const form of forms.filter((one) => one.person === person)) forms.splice(forms.indexOf(form), 1);
    },
    /** Submits a form. It stays open when the bot answers with errors, or not at all. */
    submit: async (deed: Deed, form: OpenForm, values: Record<string, unknown>): Promise<void> => {
      const { view, person } = form;
      views += 1;
      const trigger_id = `T${seed}.${views}`;
      triggers.set(trigger_id, person);
      const shown = { ...view, state: { values: stateOf(view, values) } };
      const user = { id: person, username: person, name: person, team_id: 'T01SHIP' };
      const team = { id: 'T01SHIP', domain: 'shipshape' };
      const payload = { type: 'view_submission', team, user, api_app_id: 'A01SHIP', trigger_id, view: shown };
      const answer = await deliveries.ask({ type: 'interactive', payload, accepts_response_payload: true }, deed);
      if (!answer) return;
      deed.taken = true;
      if (answer.payload?.response_action === 'errors') {
        deed.errors = answer.payload.errors;
        return;
      }
      if (answer.payload?.response_action === 'update')
        deed.answers.push(JSON.stringify(answer.payload.view.blocks ?? []));
      const at = forms.indexOf(form);
      if (at >= 0) forms.splice(at, 1);
    },
    stop: async (): Promise<void> => {
      deliveries.stop();
      upstream.close();
      await new Promise((done) => {
        server.close(done);
        server.closeAllConnections();
      });
    },
  };
}

function methodOf(req: IncomingMessage): string {
  return /^\/api\/([a-zA-Z.]+)/.exec(req.url ?? '')?.[1] ?? 'response';
}

/** Whose doing it is, by the payload. */
function personOf(payload: Payload): string | undefined {
  const { event } = payload;
  return payload.user_id ?? payload.user?.id ?? event?.message?.user ?? event?.previous_message?.user ?? event?.user;
}

async function collect(stream: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
