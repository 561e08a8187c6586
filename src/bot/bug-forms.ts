import { actOnBug } from '../areas/triage/actions.ts';
import { ASK_FIELD } from '../areas/triage/forms.ts';
import { report } from '../areas/triage/open.ts';
import { type ReportForm, readReport } from '../areas/triage/report.ts';
import { type Act, PRIORITIES } from '../areas/triage/types.ts';
import { clean } from '../base/mrkdwn.ts';
import { readBugId } from './bug-words.ts';
import type { BotDeps } from './deps.ts';
import { formListener } from './form.ts';
import { fieldOf } from './form-values.ts';

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
  return formListener(deps, 'title', async ({ view, values, cause, actor }) => {
    const get = (id: keyof ReportForm) => fieldOf(values, id);
    const form: ReportForm = {
      ...Object.fromEntries(FIELDS.map((id) => [id, get(id)])),
      product: get('product') ?? '',
      title: get('title') ?? '',
      foundIn: get('foundIn') ?? '',
      blocking: get('blocking') ?? '',
    };
    const read = readReport(form, deps.policy);
    if ('faults' in read) return read;
    const { candidateId } = JSON.parse(view.private_metadata || '{}') as { candidateId?: number };
    const { answer } = await report(deps, cause, await actor(), { ...read.report, candidateId });
    return { answer, as: 'bug_report', faults: answer.faults };
  });
}

/** The submitted forms with one question about a bug. */
export function bugAskSubmitted(deps: BotDeps) {
  return formListener(deps, ASK_FIELD, async ({ view, values, cause, actor }) => {
    const { bugId } = JSON.parse(view.private_metadata) as { bugId: number };
    const what = view.callback_id.replace('bug_ask_', '');
    const act = actOf(what, clean(fieldOf(values, ASK_FIELD)), fieldOf(values, 'priority'));
    if (typeof act === 'string') return { faults: { [ASK_FIELD]: act } };
    const { answer } = await actOnBug(deps, cause, await actor(), bugId, act);
    return { answer, as: `bug_${act.kind}` };
  });
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
