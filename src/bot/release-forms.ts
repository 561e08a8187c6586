import type {
  AllMiddlewareArgs,
  GlobalShortcut,
  SlackShortcutMiddlewareArgs,
  SlackViewMiddlewareArgs,
  ViewSubmitAction,
} from '@slack/bolt';
import type { Answer } from '../areas/releases/answers.ts';
import { openForm } from '../areas/releases/forms.ts';
import { COMMIT_FORM, clean, type OpeningForm, readCommit, readOpening } from '../areas/releases/opening.ts';
import type { Act } from '../areas/releases/types.ts';
import { plain } from '../base/mrkdwn.ts';
import type { Cause, Source } from '../db/act.ts';
import { type BotDeps, sorry, who } from './deps.ts';
import { actOn, openRelease } from './release-act.ts';

type ViewArgs = SlackViewMiddlewareArgs<ViewSubmitAction> & AllMiddlewareArgs;
type Values = ViewSubmitAction['view']['state']['values'];

/** One field of a form, whatever its element: text, chosen option, person or people. */
function field(values: Values, id: string): string | undefined {
  const f = values[id]?.[id];
  return f?.value ?? f?.selected_option?.value ?? f?.selected_user ?? undefined;
}

/** A form's cause. A view's trigger is new for every submission; without one the view itself is the cause. */
function causeOf(deps: BotDeps, body: ViewSubmitAction, source: Source): Cause {
  const key = `view:${body.view.id}:${(body as { trigger_id?: string }).trigger_id ?? ''}`;
  return { key, source, actor: body.user.id, eventTime: deps.clock() };
}

/** A message without mrkdwn, as a form's field shows it. */
function bare(text: string): string {
  return plain(text)
    .replace(/:[a-z_]+: /g, '')
    .replace(/[`*]/g, '');
}

/** Shows a form's faults beside the fields they belong to; those of no field go to `other`. */
const errors = (faults: Record<string, string>) => ({ response_action: 'errors' as const, errors: faults });

/** Where the opening form shows a refusal; all others at the version. */
const OPEN_FAULTS: Record<string, keyof OpeningForm> = {
  one_open: 'product',
  no_such_commit: 'commit',
  no_prod_issue: 'prodIssue',
};

/** The submitted form that opens a release. Nothing is lost: with faults the form stays open, each fault at its field. */
export function openSubmitted(deps: BotDeps) {
  return async ({ ack, body, view }: ViewArgs): Promise<void> => {
    try {
      const { values } = view.state;
      const get = (id: keyof OpeningForm) => field(values, id);
      const form: OpeningForm = {
        product: get('product') ?? '',
        version: get('version') ?? '',
        commit: get('commit') ?? '',
        kind: get('kind') === 'emergency' ? 'emergency' : 'scheduled',
        manager: get('manager') ?? body.user.id,
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
      const read = readOpening(form, deps.policy);
      if ('faults' in read) {
        const faults = Object.entries(read.faults).map(([id, text]) => [id, bare(text)]);
        return await ack(errors(Object.fromEntries(faults)));
      }
      const actor = await who(deps, body.user.id);
      const { answer } = await openRelease(deps, causeOf(deps, body, 'modal'), actor, read.opening);
      deps.metrics.commands.inc({ command: 'form', subcommand: 'open', outcome: answer.outcome });
      await closeOr(ack, answer, OPEN_FAULTS[answer.code ?? ''] ?? 'version');
    } catch (err) {
      await ack(errors({ version: bare(sorry(deps, err)) }));
    }
  };
}

/** Closes the form, or keeps it open with the refusal at a field. */
async function closeOr(ack: ViewArgs['ack'], answer: Answer, at: string): Promise<void> {
  if (answer.outcome === 'refused') await ack(errors({ [at]: bare(answer.text) }));
  else await ack();
}

/** The submitted forms with one question about a release: reason of a hold, roll-back, cancel, failed push, review, new candidate. */
export function askSubmitted(deps: BotDeps) {
  return async ({ ack, body, view }: ViewArgs): Promise<void> => {
    try {
      const { releaseId, holdId } = JSON.parse(view.private_metadata) as { releaseId: number; holdId?: number };
      const text = clean(field(view.state.values, 'text'));
      const act = actOf(view.callback_id.replace('release_ask_', ''), text, view.state.values, holdId);
      if ('faults' in act) return await ack(errors(act.faults));
      const actor = await who(deps, body.user.id);
      const { answer } = await actOn(deps, causeOf(deps, body, 'modal'), actor, releaseId, act);
      deps.metrics.commands.inc({ command: 'form', subcommand: act.kind, outcome: answer.outcome });
      await closeOr(ack, answer, 'text');
    } catch (err) {
      await ack(errors({ text: bare(sorry(deps, err)) }));
    }
  };
}

function actOf(
  what: string,
  text: string | null,
  values: Values,
  holdId: number | undefined,
): Act | { faults: Record<string, string> } {
  switch (what) {
    case 'hold':
      if (holdId === undefined || !text) return { faults: { text: 'Please give a reason.' } };
      return { kind: 'reason', holdId, reason: text };
    case 'candidate': {
      const commit = readCommit(text ?? '');
      const typed = clean(field(values, 'tree'));
      const tree = typed ? readCommit(typed) : null;
      if (!commit) return { faults: { text: bare(COMMIT_FORM) } };
      return tree === undefined
        ? { faults: { tree: bare(COMMIT_FORM.replace('commit', 'tree')) } }
        : { kind: 'candidate', commit, tree };
    }
    case 'review':
      return { kind: 'review', note: text };
    case 'rollback':
    case 'cancel':
    case 'failed':
      return { kind: what, reason: text };
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
