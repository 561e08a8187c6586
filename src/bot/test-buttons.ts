import { actOnCase } from '../areas/testing/actions.ts';
import { actNamed, type Drawn, readValue } from '../areas/testing/blocks.ts';
import { type Noted, noteForm } from '../areas/testing/forms.ts';
import { loadRun, newestRun } from '../areas/testing/store.ts';
import { bugForm } from '../areas/triage/forms.ts';
import { forbiddenToRead } from '../base/actor.ts';
import { tellRefusal } from '../base/answer.ts';
import type { View } from '../base/slack.ts';
import { afterwards, type BotDeps, BY_COMMAND, who } from './deps.ts';
import { cameTo, idsOf, nameOfPress, type Press, pressListener } from './press.ts';
import { areasOf, caseOf, casesOf } from './test-views.ts';

const GONE = ':x: I do not know that button any more. `/release test` shows the tests.';
const NO_RUN = ':x: This release has no test run yet. One begins when testing begins, if its product has a test spec.';

/** Every button of test runs: on the release card, in the thread, and in the modal, which shows what came of a press. */
export function testButton(deps: BotDeps) {
  return pressListener(deps, async (press) => {
    const stranger = forbiddenToRead(await who(deps, press.body.user.id));
    if (stranger) return tellRefusal(stranger).text;
    const { name, of } = nameOfPress(press.action.action_id, press.value, '|');
    if (name === 'open') return openTests(deps, press, idsOf(of)[0]);
    const at = readValue(of);
    return at ? pressed(deps, press, name.replace(/_(back|on)$/, ''), at) : GONE;
  });
}

async function openTests(deps: BotDeps, { body }: Press, releaseId: number | undefined): Promise<string | null> {
  const run = releaseId === undefined ? undefined : await newestRun(deps.db, releaseId);
  const view = run && (await areasOf(deps, run.id, 0));
  if (!view) return NO_RUN;
  await deps.slack.openView(body.trigger_id, view);
  return null;
}

async function pressed(deps: BotDeps, press: Press, name: string, at: Drawn): Promise<string | null> {
  const viewer = press.body.user.id;
  switch (name) {
    case 'areas':
      return show(deps, press, await areasOf(deps, at.runId, at.page));
    case 'area':
      return show(deps, press, await casesOf(deps, at, viewer));
    case 'blocked':
    case 'skip':
      return note(deps, press, name, at);
    case 'pass_note':
    case 'fail_note':
      return note(deps, press, name === 'pass_note' ? 'pass' : 'fail', at);
    default:
      return act(deps, press, name, at);
  }
}

async function act(deps: BotDeps, press: Press, name: string, at: Drawn): Promise<string | null> {
  const { body, cause } = press;
  const what = actNamed(name, null, at.askedAt);
  if (!what) return GONE;
  const actor = await who(deps, body.user.id);
  const done = await actOnCase(deps, cause, actor, at, what);
  const text = cameTo(deps, `test_${name}`, done);
  // A button of a message, in the thread or answered privately (which Slack does not send along): there is no view to show the answer in.
  const inMessage = body.message !== undefined || body.container.is_ephemeral === true;
  if (text === null || inMessage) return text;
  const fails = name === 'fail' && done.answer.outcome === 'accepted';
  const follow = async () => {
    const list = await casesOf(deps, at, body.user.id, text);
    const form = fails && (await bugFormFor(deps, at.runId, at.caseId, null));
    if (!form) return show(deps, press, list);
    // The failure is on record; the bug form that follows may be closed. The trigger lives 3 s: the form first, then what is under it.
    await deps.slack.pushView(body.trigger_id, form);
    if (list && body.view) await deps.slack.updateView(body.view.id, list);
    return null;
  };
  return afterwards(deps, follow, fails ? `${text} ${BY_COMMAND}` : text);
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
    candidateId: run.candidateId,
    title: `${c.title} (test ${c.caseId})`,
    steps: steps.join('\n'),
    foundIn: run.stage,
  });
}

async function note(deps: BotDeps, { body }: Press, result: Noted, at: Drawn): Promise<string | null> {
  const c = await caseOf(deps, at.runId, at.caseId);
  if (!c) return GONE;
  const form = noteForm(result, c, at, deps.clock());
  if (body.message) await deps.slack.openView(body.trigger_id, form);
  else await deps.slack.pushView(body.trigger_id, form);
  return null;
}

/** In place of the view whose button was pressed; from anywhere else as a new one. */
async function show(deps: BotDeps, { body }: Press, view: View | undefined): Promise<string | null> {
  if (!view) return GONE;
  if (body.view) await deps.slack.updateView(body.view.id, view);
  else await deps.slack.openView(body.trigger_id, view);
  return null;
}
