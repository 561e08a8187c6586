import type { AllMiddlewareArgs, GlobalShortcut, SlackShortcutMiddlewareArgs } from '@slack/bolt';
import { type Asked, openForm } from '../areas/releases/forms.ts';
import { COMMIT_FORM, type OpeningForm, readOpening } from '../areas/releases/opening.ts';
import type { Act } from '../areas/releases/types.ts';
import { readCommit } from '../base/commit.ts';
import { clean } from '../base/mrkdwn.ts';
import type { BotDeps } from './deps.ts';
import { formListener } from './form.ts';
import { fieldOf, type Values } from './form-values.ts';
import { actOn, openRelease } from './release-act.ts';

/** Where the opening form shows a refusal; all others at the version. */
const OPEN_FAULTS: Record<string, keyof OpeningForm> = {
  one_open: 'product',
  manager: 'manager',
  no_such_commit: 'commit',
  no_prod_issue: 'prodIssue',
};

/** The submitted form that opens a release. Nothing is lost: with faults the form stays open, each fault at its field. */
export function openSubmitted(deps: BotDeps) {
  return formListener(deps, 'version', async ({ body, values, cause, actor }) => {
    const read = readOpening(openingOf(values, body.user.id), deps.policy);
    if ('faults' in read) return read;
    const { answer } = await openRelease(deps, cause, await actor(), read.opening);
    return { answer, as: 'open', at: OPEN_FAULTS[answer.code ?? ''] };
  });
}

function openingOf(values: Values, person: string): OpeningForm {
  const get = (id: keyof OpeningForm) => fieldOf(values, id);
  return {
    product: get('product') ?? '',
    version: get('version') ?? '',
    commit: get('commit') ?? '',
    kind: get('kind') === 'emergency' ? 'emergency' : 'scheduled',
    manager: get('manager') ?? person,
    opsOwner: get('opsOwner'),
    productOwner: get('productOwner'),
    authors: values.authors?.authors?.selected_users ?? [],
    environmentUrl: get('environmentUrl'),
    changes: get('changes'),
    risks: get('risks'),
    flags: get('flags'),
    reason: get('reason'),
    prodIssue: get('prodIssue'),
  };
}

/** The submitted forms with one question about a release: reason of a hold, roll-back, cancel, failed push, review, new candidate. */
export function askSubmitted(deps: BotDeps) {
  return formListener(deps, 'text', async ({ view, values, cause, actor }) => {
    const about = JSON.parse(view.private_metadata) as Asked;
    const text = clean(fieldOf(values, 'text'));
    const act = actOf(view.callback_id.replace('release_ask_', ''), text, values, about);
    if ('faults' in act) return act;
    const { answer } = await actOn(deps, cause, await actor(), about.releaseId, act);
    return { answer, as: act.kind };
  });
}

function actOf(
  what: string,
  text: string | null,
  values: Values,
  { holdId, candidateId, push }: Asked,
): Act | { faults: Record<string, string> } {
  switch (what) {
    case 'hold':
      if (holdId === undefined || !text) return { faults: { text: 'Please give a reason.' } };
      return { kind: 'reason', holdId, reason: text };
    case 'candidate': {
      const commit = readCommit(text ?? '');
      const typed = clean(fieldOf(values, 'tree'));
      const tree = typed ? readCommit(typed) : null;
      if (!commit) return { faults: { text: COMMIT_FORM } };
      return tree === undefined
        ? { faults: { tree: COMMIT_FORM.replace('commit', 'tree') } }
        : { kind: 'candidate', commit, tree };
    }
    case 'review':
      return { kind: 'review', note: text, candidateId, push };
    case 'cancel':
      return { kind: what, reason: text };
    case 'rollback':
    case 'failed':
      return { kind: what, reason: text, candidateId, push };
    default:
      throw new Error(`an unknown form: ${what}`);
  }
}

/** The global shortcut "Open a release". */
export function openShortcut(deps: BotDeps) {
  return async ({ ack, shortcut }: SlackShortcutMiddlewareArgs<GlobalShortcut> & AllMiddlewareArgs): Promise<void> => {
    await ack();
    await deps.slack
      .openView(shortcut.trigger_id, openForm(deps.policy, { kind: 'scheduled', manager: shortcut.user.id }))
      .catch((err) => deps.log.error({ err }, 'the form could not be opened'));
  };
}
