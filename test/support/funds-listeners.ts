// The listeners of /funds, its buttons and forms, called as Bolt would call them.
import { makeMetrics } from '../../src/base/metrics.ts';
import type { Block, View } from '../../src/base/slack.ts';
import type { BotDeps } from '../../src/bot/deps.ts';
import { fundsButton } from '../../src/bot/funds-buttons.ts';
import { fundsCommand } from '../../src/bot/funds-command.ts';
import type { Db } from '../../src/db/client.ts';
import { loadPolicy } from '../../src/policy.ts';
import { keptLog } from './quiet.ts';

type Handler = (args: never) => Promise<void>;

/** A hash of Ethereum's form, another one for each number. */
export const hash = (n: number) => `0x${`${n}`.padStart(64, 'c')}`;

/** The listeners on a database, with the demo's policy. U0GUEST is a guest, everybody else a member. */
export function fundsListeners(db: Db) {
  const opened: View[] = [];
  let serial = 0;
  const slack = {
    openView: async (_trigger: string, view: View) => opened.push(view),
    userInfo: async (id: string) => ({
      ...{ id, name: id.toLowerCase(), tz: 'Europe/London', isBot: false, deleted: false, guest: id === 'U0GUEST' },
      ...{ teamId: 'T0SHIPSHAPE', stranger: false },
    }),
  };
  const policy = loadPolicy('src/demo/policy.yml');
  const base = { db, policy, slack, log: keptLog().log, clock: () => new Date(), metrics: makeMetrics() };
  const deps = { ...base, botUserId: 'U0SHIPBOT' } as unknown as BotDeps;

  /** Types a command. @returns the private answer, blocks included */
  async function type(
    user: string,
    line: string,
    listener: (d: BotDeps) => Handler = fundsCommand,
    given = deps,
  ): Promise<string> {
    const answers: unknown[] = [];
    const keep = async (answer: unknown) => void answers.push(answer);
    const command = { text: line, user_id: user, trigger_id: `T${++serial}`, channel_id: 'C0RELEASES' };
    await listener(given)({ command, ack: keep, respond: keep } as never);
    return JSON.stringify(answers);
  }

  /** Presses a button. @returns the private answer, or the callback id of the form that opened */
  async function press(user: string, actionId: string, value: string, given = deps): Promise<string> {
    const answers: unknown[] = [];
    const before = opened.length;
    const body = { user: { id: user }, trigger_id: `T${++serial}`, response_url: 'https://slack.example/r' };
    const menu = actionId === 'funds_more' ? { selected_option: { value } } : { value };
    const action = { type: 'button', action_id: actionId, action_ts: `${serial}.1`, block_id: 'b', ...menu };
    const respond = async (answer: unknown) => void answers.push(answer);
    await fundsButton(given)({ ack: async () => {}, respond, body, action } as never);
    return (opened[before]?.callback_id as string | undefined) ?? JSON.stringify(answers);
  }

  /** Submits a form, by default the one that opened last; menus keep what they were drawn with. @returns what it was acknowledged with */
  async function submit(
    handler: (d: BotDeps) => Handler,
    user: string,
    fields: Record<string, string> = {},
    from = opened.at(-1) as View,
    id = `V${serial + 1}`,
  ): Promise<{ errors?: Record<string, string>; view?: View }> {
    const acked: Record<string, unknown>[] = [];
    const values = Object.fromEntries(from.blocks.flatMap((b) => stateFor(b, fields)));
    serial += 1;
    const view = { ...from, id, state: { values } };
    const body = { user: { id: user }, trigger_id: `T${serial}`, view };
    await handler(deps)({ ack: async (a?: Record<string, unknown>) => void acked.push(a ?? {}), body, view } as never);
    return acked[0] as { errors?: Record<string, string>; view?: View };
  }

  /** `opened`: the forms that opened, the latest last. */
  return { deps, opened, type, press, submit };
}

function stateFor(block: Block, fields: Record<string, string>): [string, unknown][] {
  const { block_id: id, element } = block as Block & { element?: Record<string, unknown> };
  if (!id || !element) return [];
  if (element.type !== 'static_select') return [[id, { [id]: { value: fields[id] ?? element.initial_value ?? null } }]];
  const chosen = fields[id] === undefined ? element.initial_option : { value: fields[id] };
  return [[id, { [id]: { selected_option: chosen ?? null } }]];
}

/** What a field of a form is filled in with. */
export const initialOf = (view: View | undefined, id: string) => {
  const block = view?.blocks.find((b) => b.block_id === id) as unknown as
    | { element: { initial_option?: { value: string }; initial_value?: string } }
    | undefined;
  return block?.element.initial_option?.value ?? block?.element.initial_value;
};
