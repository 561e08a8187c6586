import { WebSocket } from 'undici';

/** A modal or Home view as the page shows it. */
export interface PageView {
  id: string;
  type: 'modal' | 'home';
  callback_id?: string;
  private_metadata?: string;
  title?: { text: string };
  // biome-ignore lint/suspicious/noExplicitAny: blocks are read ad hoc by tests and the demo
  blocks: any[];
}

export interface Page {
  currentView(): Promise<PageView | undefined>;
  home(user: string, appId: string): Promise<PageView | undefined>;
  /** @returns errors by block id, or null when the form was taken */
  submit(user: string, values: Record<string, unknown>): Promise<Record<string, string> | null>;
  close(user: string): Promise<void>;
  closed(): boolean;
  stop(): void;
}

// biome-ignore lint/suspicious/noExplicitAny: messages of a page protocol we do not own
type Message = any;

/**
 * The local Slack's browser page without a browser: modals can be submitted only over its WebSocket. It keeps the modals
 * and Homes the server announces, which are in no other interface.
 */
export async function openPage(url: string): Promise<Page> {
  const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/ui`);
  const waiting = new Set<(message: Message) => void>();
  let stack: PageView[] = [];
  let homes: Record<string, Record<string, PageView>> = {};
  let closed = false;

  const next = (wanted: (message: Message) => boolean, ms: number): Promise<Message> =>
    new Promise((resolve, reject) => {
      const hear = (message: Message): void => {
        if (!wanted(message)) return;
        clearTimeout(timer);
        waiting.delete(hear);
        resolve(message);
      };
      const timer = setTimeout(() => {
        waiting.delete(hear);
        reject(new Error(`local-slack's page answered nothing within ${ms} ms`));
      }, ms);
      waiting.add(hear);
    });

  socket.addEventListener('message', (event) => {
    const message: Message = JSON.parse(String(event.data));
    if (message.t === 'init') {
      stack = message.state.modalStack;
      homes = message.state.homeViews;
    }
    if (message.t === 'view') stack = message.stack;
    if (message.t === 'home')
      homes = { ...homes, [message.user]: { ...homes[message.user], [message.appId]: message.view } };
    for (const hear of waiting) hear(message);
  });
  socket.addEventListener('close', () => {
    closed = true;
  });
  socket.addEventListener('error', () => {
    closed = true;
  });
  const send = (message: unknown): void => socket.send(JSON.stringify(message));
  await next((message) => message.t === 'init', 5_000);

  return {
    currentView: async () => stack.at(-1),
    home: async (user, appId) => homes[user]?.[appId],
    submit: async (user, values) => {
      const view = stack.at(-1);
      if (view === undefined) throw new Error('no modal is open');
      const answer = next((message) => message.t === 'view' || message.t === 'view_errors', 10_000);
      send({ t: 'view_submit', user, values: stateOf(view, values) });
      const heard = await answer;
      return heard.t === 'view_errors' ? heard.errors : null;
    },
    close: async (user) => {
      const answer = next((message) => message.t === 'view', 5_000);
      send({ t: 'view_close', user });
      await answer;
    },
    closed: () => closed,
    stop: () => socket.close(),
  };
}

/**
 * The state Slack would send for a filled-in form: every input with what was typed, else its initial value.
 * @throws when a value names no input of the form
 */
export function stateOf(view: PageView, values: Record<string, unknown>): Record<string, Record<string, unknown>> {
  const state: Record<string, Record<string, unknown>> = {};
  const used = new Set<string>();
  for (const { type, block_id, element } of view.blocks) {
    if (type !== 'input') continue;
    const key = [block_id, element.action_id].find((name) => Object.hasOwn(values, name));
    if (key !== undefined) used.add(key);
    state[block_id] = { [element.action_id]: filled(element, key === undefined ? undefined : values[key]) };
  }
  const unknown = Object.keys(values).filter((key) => !used.has(key));
  if (unknown.length > 0) throw new Error(`the form has no input ${unknown.join(', ')}`);
  return state;
}

function filled(element: Message, given: unknown): Record<string, unknown> {
  const { type } = element;
  if (typeof given === 'object' && given !== null && 'type' in given) return given as Record<string, unknown>;
  const option = (value: unknown): Message => {
    const groups = element.option_groups?.flatMap((group: Message) => group.options);
    const found = (element.options ?? groups ?? []).find((one: Message) => one.value === value);
    if (found === undefined) throw new Error(`${element.action_id} has no option ${String(value)}`);
    return found;
  };
  const many = (value: unknown): unknown[] => (Array.isArray(value) ? value : [value]);
  switch (type) {
    case 'static_select':
    case 'radio_buttons':
      return { type, selected_option: given === undefined ? (element.initial_option ?? null) : option(given) };
    case 'checkboxes':
    case 'multi_static_select':
      return {
        type,
        selected_options: given === undefined ? (element.initial_options ?? []) : many(given).map(option),
      };
    case 'users_select':
      return { type, selected_user: given ?? element.initial_user ?? null };
    case 'multi_users_select':
      return { type, selected_users: given === undefined ? (element.initial_users ?? []) : many(given) };
    case 'datepicker':
      return { type, selected_date: given ?? element.initial_date ?? null };
    case 'timepicker':
      return { type, selected_time: given ?? element.initial_time ?? null };
    default:
      return { type, value: given ?? element.initial_value ?? null };
  }
}
