import type { AllMiddlewareArgs, BlockAction, SlackActionMiddlewareArgs } from '@slack/bolt';
import { actOnCase } from '../areas/testing/actions.ts';
import { actNamed, type Drawn, readValue } from '../areas/testing/blocks.ts';
import { type Noted, noteForm } from '../areas/testing/forms.ts';
import { loadRun, newestRun } from '../areas/testing/store.ts';
import type { Answer } from '../areas/testing/types.ts';
import { bugForm } from '../areas/triage/forms.ts';
import type { View } from '../base/slack.ts';
import type { Cause } from '../db/act.ts';
import { type BotDeps, sorry, who } from './deps.ts';
import { areasOf, caseOf, casesOf } from './test-views.ts';

const GONE = ':x: I do not know that button any more. `/release test` shows the tests.';
const NO_RUN = ':x: This release has no test run yet. One begins when testing begins, if its product has a test spec.';

type Press = SlackActionMiddlewareArgs<BlockAction> & AllMiddlewareArgs;

/** Every button of test runs: on the release card, in the thread, and in the modal, which shows what came of a press. */
export function testButton(deps: BotDeps) {
  return async ({ ack, body, action, respond }: Press): Promise<void> => {
    await ack();
    const tell = async (text: string) => {
      if (body.response_url) await respond({ response_type: 'ephemeral', replace_original: false, text });
    };
    try {
      const menu = action.action_id === 'test_more';
      const given = 'selected_option' in action ? action.selected_option?.value : 'value' in action ? action.value : '';
      const [head = '', tail = ''] = String(given ?? '').split('|');
      const name = menu ? head : action.action_id.replace(/^test_/, '').replace(/_(back|on)$/, '');
      const key = `action:${'action_ts' in action ? action.action_ts : ''}:${body.user.id}:${action.action_id}`;
      if (name === 'open') return await openTests(deps, body, Number(head), tell);
      const at = readValue(menu ? tail : head);
      if (!at) return await tell(GONE);
      await pressed({ deps, body, key, tell }, name, at);
    } catch (err) {
      await tell(sorry(deps, err));
    }
  };
}

async function openTests(
  deps: BotDeps,
  body: BlockAction,
  releaseId: number,
  tell: (text: string) => Promise<void>,
): Promise<void> {
  const run = Number.isSafeInteger(releaseId) ? await newestRun(deps.db, releaseId) : undefined;
  const view = run && (await areasOf(deps, run.id, 0));
  if (view) await deps.slack.openView(body.trigger_id, view);
  else await tell(NO_RUN);
}

interface Call {
  deps: BotDeps;
  body: BlockAction;
  key: string;
  tell: (text: string) => Promise<void>;
}

async function pressed(call: Call, name: string, at: Drawn): Promise<void> {
  const { deps, body } = call;
  const viewer = body.user.id;
  switch (name) {
    case 'areas':
      return show(call, await areasOf(deps, at.runId, at.page));
    case 'area':
      return show(call, await casesOf(deps, at, viewer));
    case 'blocked':
    case 'skip':
      return note(call, name, at);
    case 'pass_note':
    case 'fail_note':
      return note(call, name === 'pass_note' ? 'pass' : 'fail', at);
    default:
      return act(call, name, at);
  }
}

async function act(call: Call, name: string, at: Drawn): Promise<void> {
  const { deps, body, key, tell } = call;
  const what = actNamed(name, null, at.askedAt);
  if (!what) return tell(GONE);
  const actor = await who(deps, body.user.id);
  const cause: Cause = { key, source: 'button', actor: actor.id, eventTime: deps.clock() };
  const { answer, repeated } = await actOnCase(deps, cause, actor, at, what);
  deps.metrics.commands.inc({ command: 'button', subcommand: `test_${name}`, outcome: answer.outcome });
  if (repeated) return;
  // A button in the thread: there is no view to show the answer in.
  if (body.message) return tell(answer.text);
  const list = await casesOf(deps, at, body.user.id, answer.text);
  if (name === 'fail' && answer.outcome === 'accepted') return failed(call, at, answer, list);
  await show(call, list);
}

/** The failure is on record; the bug form that follows may be closed. */
async function failed(call: Call, at: Drawn, answer: Answer, list: View | undefined): Promise<void> {
  const { deps, body } = call;
  const form = await bugFormFor(deps, at.runId, at.caseId, null);
  if (!form) return call.tell(answer.text);
  // The trigger lives 3 s: the form first, then what is under it.
  await deps.slack.pushView(body.trigger_id, form);
  if (list && body.view) await deps.slack.updateView(body.view.id, list);
}

/** The bug form, filled in from a failed case. */
export async function bugFormFor(
  deps: BotDeps,
  runId: number,
  caseId: string,
  said: string | null,
): Promise<View | undefined> {
  const run = await loadRun(deps.db, runId, false);
  const c = await caseOf(deps, runId, caseId);
  if (!run || !c) return undefined;
  const steps = [
    ...c.spec.steps.map((s, i) => `${i + 1}. ${s}`),
    `Expected: ${c.spec.expected}`,
    `Instead: ${said ?? ''}`,
  ];
  return bugForm(deps.policy, {
    product: run.release.product,
    releaseId: run.releaseId,
    title: `${c.title} (test ${c.caseId})`,
    steps: steps.join('\n'),
    foundIn: run.stage,
  });
}

async function note(call: Call, result: Noted, at: Drawn): Promise<void> {
  const { deps, body } = call;
  const c = await caseOf(deps, at.runId, at.caseId);
  if (!c) return call.tell(GONE);
  const form = noteForm(result, c, at, deps.clock());
  if (body.message) await deps.slack.openView(body.trigger_id, form);
  else await deps.slack.pushView(body.trigger_id, form);
}

/** In place of the view whose button was pressed; from anywhere else as a new one. */
async function show(call: Call, view: View | undefined): Promise<void> {
  const { deps, body } = call;
  if (!view) return call.tell(GONE);
  if (body.view) await deps.slack.updateView(body.view.id, view);
  else await deps.slack.openView(body.trigger_id, view);
}
