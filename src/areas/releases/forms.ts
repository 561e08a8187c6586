import { truncate } from '../../base/mrkdwn.ts';
import type { Policy } from '../../base/policy.ts';
import type { Block, View } from '../../base/slack.ts';
import { nameOf } from './blocks.ts';
import { current, pushOf, short } from './facts.ts';
import type { Facts, Kind, Push } from './types.ts';

const plain = (text: string) => ({ type: 'plain_text', text, emoji: true });

function input(
  id: string,
  label: string,
  element: Record<string, unknown>,
  options: { optional?: boolean; hint?: string } = {},
): Block {
  return {
    type: 'input',
    block_id: id,
    label: plain(label),
    optional: options.optional ?? false,
    element: { action_id: id, ...element },
    ...(options.hint && { hint: plain(options.hint) }),
  };
}

/** Slack refuses a form whose initial value is over the field's own limit: what was typed too long is cut there. */
const text = (initial: string | undefined, more: { max_length: number; [key: string]: unknown }) => ({
  type: 'plain_text_input',
  ...(initial && { initial_value: initial.slice(0, more.max_length) }),
  ...more,
});
const person = (initial?: string) => ({ type: 'users_select', ...(initial && { initial_user: initial }) });
const option = (label: string, value: string) => ({ text: plain(label.slice(0, 75)), value });

/** What is known already when the form opens. */
export interface Prefill {
  kind: Kind;
  manager: string;
  product?: string;
  version?: string;
  commit?: string;
  reason?: string;
  prodIssue?: string;
}

/** The form that opens a release. Its fields' block ids are the names in OpeningForm; faults go back to them. */
export function openForm(policy: Policy, p: Prefill): View {
  const products = policy.products.slice(0, 100).map((x) => option(x.name, x.key));
  const chosen = products.find((o) => o.value === p.product) ?? products[0];
  const kinds = [option('Scheduled', 'scheduled'), option('Emergency (outside the cadence)', 'emergency')];
  const environment = policy.products.find((x) => x.key === chosen?.value)?.environments.candidate;
  const emergency = p.kind === 'emergency';
  const area = { multiline: true, max_length: 2500 };
  const reason = [
    input('reason', 'Emergency: why now?', text(p.reason, { max_length: 500 }), { optional: !emergency }),
    input('prodIssue', 'Emergency: its prod issue (PI-3 or a link)', text(p.prodIssue, { max_length: 1000 }), {
      optional: !emergency,
    }),
  ];
  return {
    type: 'modal',
    callback_id: 'release_open',
    title: plain(emergency ? 'Open an emergency' : 'Open a release'),
    submit: plain('Open'),
    close: plain('Cancel'),
    blocks: [
      input('product', 'Product', { type: 'static_select', options: products, initial_option: chosen }),
      input('version', 'Version', text(p.version, { placeholder: plain('v1.2.3'), max_length: 40 })),
      input(
        'commit',
        'Commit of the candidate',
        text(p.commit, { placeholder: plain('7 to 40 hex digits'), max_length: 40 }),
      ),
      input('kind', 'Kind', { type: 'static_select', options: kinds, initial_option: kinds[emergency ? 1 : 0] }),
      ...(emergency ? reason : []),
      input('manager', 'Engineering owner (release manager)', person(p.manager)),
      input('opsOwner', 'Operations owner', person(), { optional: true }),
      input('productOwner', 'Product owner', person(), { optional: true }),
      input(
        'authors',
        'Authors of the changes',
        { type: 'multi_users_select' },
        { optional: true, hint: 'They cannot sign off their own changes.' },
      ),
      input('environmentUrl', 'Link to the environment under test', text(environment, { max_length: 1000 }), {
        optional: true,
      }),
      input('changes', 'User-facing changes', text(undefined, area), {
        optional: true,
        hint: 'In words an operator can test from.',
      }),
      input('risks', 'Possible regressions and risks', text(undefined, area), { optional: true }),
      input('flags', 'Feature flags to test', text(undefined, area), {
        optional: true,
        hint: "Others are tested with production's flags.",
      }),
      ...(emergency ? [] : reason),
    ],
  };
}

export type AskedFor = 'hold' | 'rollback' | 'cancel' | 'failed' | 'review' | 'candidate';

const ASKS: Record<AskedFor, { title: string; label: string; submit: string; optional: boolean }> = {
  hold: { title: 'Why the hold?', label: 'Reason', submit: 'Save', optional: false },
  rollback: { title: 'Roll back', label: 'What is broken?', submit: 'Roll back', optional: true },
  cancel: { title: 'Cancel the release', label: 'Why?', submit: 'Cancel release', optional: true },
  failed: { title: 'The push failed', label: 'What happened?', submit: 'Note it', optional: true },
  review: { title: 'Review', label: 'What did you check?', submit: 'Give the review', optional: true },
  candidate: { title: 'New candidate', label: 'Commit', submit: 'Name it', optional: false },
};

/** What travels with a form about a release: which push it is for (R3), and of a hold which. */
export interface Asked extends Push {
  releaseId: number;
  holdId?: number;
}

/** A form with one question about a release. What it is about travels with it; the callback id is `release_ask_<what>`. */
export function askForm(what: AskedFor, f: Facts, holdId?: number): View {
  const a = ASKS[what];
  const commit = short(current(f).commit);
  const field =
    what === 'candidate'
      ? [
          input('text', a.label, text(undefined, { max_length: 40, placeholder: plain('7 to 40 hex digits') })),
          input('tree', 'Tree, if you know it is the same', text(undefined, { max_length: 40 }), {
            optional: true,
            hint: 'Then each signer is offered a one-tap "still LGTM".',
          }),
        ]
      : [input('text', a.label, text(undefined, { multiline: true, max_length: 500 }), { optional: a.optional })];
  const about: Asked = { releaseId: f.release.id, ...pushOf(f), ...(holdId !== undefined && { holdId }) };
  const said = what === 'hold' ? `${nameOf(f)} is on hold.` : `${nameOf(f)}, candidate ${commit}.`;
  return {
    type: 'modal',
    callback_id: `release_ask_${what}`,
    private_metadata: JSON.stringify(about),
    title: plain(a.title),
    submit: plain(a.submit),
    close: plain('Close'),
    blocks: [{ type: 'section', text: plain(truncate(said, 3000)) }, ...field],
  };
}
