import type { AllMiddlewareArgs, SlackViewMiddlewareArgs, ViewSubmitAction } from '@slack/bolt';
import { actOnBug } from '../areas/triage/actions.ts';
import { ASK_FIELD } from '../areas/triage/forms.ts';
import { report } from '../areas/triage/open.ts';
import { clean, type ReportForm, readReport } from '../areas/triage/report.ts';
import { type Act, PRIORITIES } from '../areas/triage/types.ts';
import { plain } from '../base/mrkdwn.ts';
import type { Cause } from '../db/act.ts';
import { readBugId } from './bug-words.ts';
import { type BotDeps, sorry, who } from './deps.ts';

type ViewArgs = SlackViewMiddlewareArgs<ViewSubmitAction> & AllMiddlewareArgs;
type Values = ViewSubmitAction['view']['state']['values'];

function field(values: Values, id: string): string | undefined {
  const f = values[id]?.[id];
  return f?.value ?? f?.selected_option?.value ?? f?.selected_user ?? undefined;
}

function causeOf(deps: BotDeps, body: ViewSubmitAction): Cause {
  const key = `view:${body.view.id}:${(body as { trigger_id?: string }).trigger_id ?? ''}`;
  return { key, source: 'modal', actor: body.user.id, eventTime: deps.clock(), form: body.view.id };
}

/** A message without mrkdwn, as a form's field shows it. */
function bare(text: string): string {
  return plain(text)
    .replace(/:[a-z_]+: /g, '')
    .replace(/[`*]/g, '');
}

function errors(faults: Record<string, string>) {
  const shown = Object.entries(faults).map(([id, text]) => [id, bare(text)]);
  return { response_action: 'errors' as const, errors: Object.fromEntries(shown) };
}

const FIELDS = [
  'release',
  'steps',
  'recreatedBy',
  'production',
  'wallet',
  'browser',
  'device',
  'users',
  'money',
  'workaround',
  'feature',
  'link',
] as const satisfies (keyof ReportForm)[];

/** The submitted report. Nothing is lost: with faults the form stays open, each fault at its field. */
export function reportSubmitted(deps: BotDeps) {
  return async ({ ack, body, view }: ViewArgs): Promise<void> => {
    try {
      const { values } = view.state;
      const get = (id: keyof ReportForm) => field(values, id);
      const form: ReportForm = {
        ...Object.fromEntries(FIELDS.map((id) => [id, get(id)])),
        product: get('product') ?? '',
        title: get('title') ?? '',
        foundIn: get('foundIn') ?? '',
        blocking: get('blocking') ?? '',
      };
      const read = readReport(form, deps.policy);
      if ('faults' in read) return await ack(errors(read.faults));
      const actor = await who(deps, body.user.id);
      const { answer } = await report(deps, causeOf(deps, body), actor, read.report);
      deps.metrics.commands.inc({ command: 'form', subcommand: 'bug_report', outcome: answer.outcome });
      if (answer.outcome === 'refused') await ack(errors(answer.faults ?? { title: answer.text }));
      else await ack();
    } catch (err) {
      await ack(errors({ title: sorry(deps, err) }));
    }
  };
}

/** The submitted forms with one question about a bug. */
export function bugAskSubmitted(deps: BotDeps) {
  return async ({ ack, body, view }: ViewArgs): Promise<void> => {
    try {
      const { bugId } = JSON.parse(view.private_metadata) as { bugId: number };
      const { values } = view.state;
      const act = actOf(
        view.callback_id.replace('bug_ask_', ''),
        clean(field(values, ASK_FIELD)),
        field(values, 'priority'),
      );
      if (typeof act === 'string') return await ack(errors({ [ASK_FIELD]: act }));
      const actor = await who(deps, body.user.id);
      const { answer } = await actOnBug(deps, causeOf(deps, body), actor, bugId, act);
      deps.metrics.commands.inc({ command: 'form', subcommand: `bug_${act.kind}`, outcome: answer.outcome });
      if (answer.outcome === 'refused') await ack(errors({ [ASK_FIELD]: answer.text }));
      else await ack();
    } catch (err) {
      await ack(errors({ [ASK_FIELD]: sorry(deps, err) }));
    }
  };
}

/** @returns the act, or what is wrong with the text */
function actOf(what: string, text: string | null, level: string | undefined): Act | string {
  switch (what) {
    case 'fix':
      return { kind: 'fix', candidateId: Number(text) };
    case 'downgrade':
    case 'reject':
      return { kind: 'ask', what, reason: text };
    case 'block':
    case 'wontfix':
      return { kind: what, reason: text };
    case 'ticket':
      return { kind: 'ticket', link: text };
    case 'duplicate': {
      const of = readBugId(text ?? undefined);
      return of === undefined ? 'A bug is named by its id, like BUG-12.' : { kind: 'duplicate', of };
    }
    case 'priority':
      return { kind: 'priority', priority: PRIORITIES.find((p) => p === level) ?? 'P2', reason: text };
    default:
      throw new Error(`an unknown form: ${what}`);
  }
}
