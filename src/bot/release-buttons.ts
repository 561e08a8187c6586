import { refused } from '../areas/releases/answers.ts';
import { type AskedFor, askForm, openForm } from '../areas/releases/forms.ts';
import { stalePush } from '../areas/releases/gate-rules.ts';
import { forbidden } from '../areas/releases/rules.ts';
import { loadFacts } from '../areas/releases/store.ts';
import type { Act } from '../areas/releases/types.ts';
import { afterwards, type BotDeps, who } from './deps.ts';
import { openFlags } from './flag-forms.ts';
import { cameTo, idsOf, nameOfPress, type Press, pressListener } from './press.ts';
import { actOn } from './release-act.ts';

const GONE = ':x: I do not know that button any more. Use the newest card, or `/release help`.';

/** Buttons that act at once. `second` is the candidate or hold the button was drawn for, `push` the push. */
const AT_ONCE: Record<string, (second: number | undefined, push: number | undefined) => Act> = {
  // R8: only the production check's carries what it was drawn for.
  ready: (candidateId) => ({ kind: 'ready', stage: candidateId === undefined ? 'candidate' : 'production' }),
  away: () => ({ kind: 'away' }),
  lgtm: (candidateId) => ({ kind: 'lgtm', road: 'button', candidateId }),
  verify: (candidateId) => ({ kind: 'verify', road: 'button', candidateId }),
  retract: () => ({ kind: 'retract' }),
  hold: () => ({ kind: 'hold', reason: null, road: 'button' }),
  unhold: (holdId) => ({ kind: 'unhold', holdId }),
  ship: (candidateId) => ({ kind: 'ship', candidateId }),
  ship_on_one: (candidateId) => ({ kind: 'ship_on_one', candidateId }),
  shipped: (candidateId, push) => ({ kind: 'shipped', candidateId, push }),
};

/** Buttons that ask something first. */
const ASKING: Record<string, AskedFor> = {
  reason: 'hold',
  failed: 'failed',
  rollback: 'rollback',
  cancel: 'cancel',
  review: 'review',
  candidate: 'candidate',
};

/** Every button of a release: acts and answers privately, or opens the form that asks first. */
export function releaseButton(deps: BotDeps) {
  return pressListener(deps, async (press) => {
    if (press.action.action_id === 'release_start') return start(deps, press);
    const { name, of } = nameOfPress(press.action.action_id, press.value);
    const [id, second, push] = idsOf(of);
    const asked = Object.hasOwn(ASKING, name) ? ASKING[name] : undefined;
    const act = Object.hasOwn(AT_ONCE, name) ? AT_ONCE[name]?.(second, push) : undefined;
    if (id === undefined) return GONE;
    if (name === 'flags') return flags(deps, press, id);
    if (asked) return ask(deps, press, asked, id, second, push);
    return act ? atOnce(deps, press, name, id, act) : GONE;
  });
}

const NO_RELEASE = ':x: That release does not exist. See `/release list`.';

async function ask(
  deps: BotDeps,
  { body }: Press,
  asked: AskedFor,
  id: number,
  second: number | undefined,
  push: number | undefined,
): Promise<string | null> {
  const f = await loadFacts(deps.db, id);
  if (!f) return NO_RELEASE;
  const actor = await who(deps, body.user.id);
  const may = forbidden(asked === 'hold' ? 'reason' : asked, actor, f.release.manager);
  if (may) return refused(may, f).text;
  const stale = asked === 'hold' ? null : stalePush(f, { candidateId: second, push });
  if (stale) return refused(stale, f).text;
  await deps.slack.openView(body.trigger_id, askForm(asked, f, asked === 'hold' ? second : undefined));
  return null;
}

async function atOnce(
  deps: BotDeps,
  { body, cause }: Press,
  name: string,
  id: number,
  act: Act,
): Promise<string | null> {
  const f = await loadFacts(deps.db, id);
  if (!f) return NO_RELEASE;
  const actor = await who(deps, body.user.id);
  const done = await actOn(deps, cause, actor, id, act);
  if (done.answer.holdId !== undefined && !done.repeated) {
    // The hold is set already; the form only asks why.
    await afterwards(
      deps,
      () => deps.slack.openView(body.trigger_id, askForm('hold', f, done.answer.holdId)),
      undefined,
    );
  }
  return cameTo(deps, name, done);
}

async function flags(deps: BotDeps, { body }: Press, id: number): Promise<string | null> {
  const f = await loadFacts(deps.db, id);
  if (!f) return NO_RELEASE;
  return (await openFlags(deps, body.trigger_id, await who(deps, body.user.id), f.release))?.text ?? null;
}

async function start(deps: BotDeps, { body }: Press): Promise<null> {
  await deps.slack.openView(body.trigger_id, openForm(deps.policy, { kind: 'scheduled', manager: body.user.id }));
  return null;
}
