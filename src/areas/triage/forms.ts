import { input, plainText, section, select, textInput } from '../../base/elements.ts';
import { showId } from '../../base/ids.ts';
import { escapeText, truncate } from '../../base/mrkdwn.ts';
import type { Policy } from '../../base/policy.ts';
import type { View } from '../../base/slack.ts';
import { fixable } from './later.ts';
import { MONEY, USERS, WORKAROUND } from './priority.ts';
import { type BugFacts, type FoundIn, PRIORITIES } from './types.ts';

/** What is known already when the form opens. */
export interface Prefill {
  product?: string;
  releaseId?: number;
  /** The candidate that the card, message or test it is opened from is about: it travels with the form (R3). */
  candidateId?: number;
  title?: string;
  steps?: string;
  link?: string;
  foundIn?: FoundIn;
  wallet?: string;
  /** Chosen where the product has a key feature of that name. */
  feature?: string;
}

const optional = { optional: true };
/** A longer link is left out: Slack refuses a form whose initial value is over its field's limit, and a part of a link leads nowhere. */
const LINK_MAX = 1000;
const pairs = (of: Record<string, string>) => Object.entries(of);

const FOUND = { candidate: 'On the candidate', production: 'In production' };
const BLOCKS = { no: 'No: into triage', yes: 'Yes, or I suspect so: nothing ships until it is looked at' };
const IN_PRODUCTION = { yes: 'Yes', no: 'No', not_yet: 'Not tried yet' };

/** The form that reports a bug; its block ids are the names in ReportForm, and faults go back to them. The callback id is `bug_report`. */
export function bugForm(policy: Policy, p: Prefill): View {
  const products = policy.products.slice(0, 100).map((x) => [x.key, x.name] as const);
  const product = p.product ?? products[0]?.[0];
  const asked = policy.products.find((x) => x.key === product);
  // Of the product the form opens for when that is known, else of all.
  const features = [...new Set((p.product && asked ? [asked] : policy.products).flatMap((x) => x.keyFeatures))];
  const line = { max_length: 200 };
  return {
    type: 'modal',
    callback_id: 'bug_report',
    ...(p.candidateId !== undefined && { private_metadata: JSON.stringify({ candidateId: p.candidateId }) }),
    title: plainText('Report a bug'),
    submit: plainText('Report'),
    close: plainText('Cancel'),
    blocks: [
      input('title', 'What is wrong, in one line', textInput(p.title?.slice(0, 150), { max_length: 150 })),
      input(
        'steps',
        'What happened, and the steps',
        textInput(p.steps?.slice(0, 2800), { multiline: true, max_length: 2800 }),
        optional,
      ),
      input('product', 'Product', select(products, product)),
      input('release', 'Release', textInput(p.releaseId ? showId('REL', p.releaseId) : undefined, { max_length: 80 }), {
        optional: true,
        hint: 'Version or REL-12. Empty: the one that is open; in production the one being watched.',
      }),
      input('foundIn', 'Found', select(pairs(FOUND), p.foundIn ?? 'candidate')),
      input('blocking', 'Does it block the release?', select(pairs(BLOCKS), 'no')),
      input('recreatedBy', 'Recreated by', { type: 'users_select' }, optional),
      input('production', 'Does it happen in current production?', select(pairs(IN_PRODUCTION), 'not_yet')),
      input('wallet', 'Wallet', textInput(p.wallet, line), optional),
      input('browser', 'Browser', textInput(undefined, line), optional),
      input('device', 'Device', textInput(undefined, line), optional),
      input('users', 'How many users meet it?', select(pairs(USERS), 'unknown')),
      input('money', 'Can users still move their money?', select(pairs(MONEY), 'unknown')),
      input('workaround', 'Does one of these help?', select(pairs(WORKAROUND), 'untried')),
      ...(features.length
        ? [
            input(
              'feature',
              'Key feature it touches',
              select(
                features.slice(0, 100).map((x) => [x, x]),
                p.feature,
              ),
              optional,
            ),
          ]
        : []),
      input(
        'link',
        'Link to a message or a screenshot',
        textInput(p.link && p.link.length <= LINK_MAX ? p.link : undefined, { max_length: LINK_MAX }),
        optional,
      ),
    ],
  };
}

/** The forms with one question about a bug. */
export type BugAsk = 'fix' | 'downgrade' | 'reject' | 'block' | 'ticket' | 'wontfix' | 'duplicate' | 'priority';

const ASKS: Record<Exclude<BugAsk, 'fix' | 'priority'>, { title: string; label: string; submit: string }> = {
  downgrade: { title: 'Downgrade', label: 'Why does it not block?', submit: 'Ask for it' },
  reject: { title: 'Reject', label: 'Why is it no bug?', submit: 'Ask for it' },
  block: { title: 'It blocks', label: 'Why?', submit: 'Block releases' },
  ticket: { title: 'Ticket', label: 'Link to the ticket', submit: 'Save' },
  wontfix: { title: "Won't fix", label: 'Why?', submit: 'Close it' },
  duplicate: { title: 'Duplicate', label: 'Of which bug? (BUG-12)', submit: 'Close it' },
};

/** Where a form has its text; faults go there. */
export const ASK_FIELD = 'text';

/** A form with one question about a bug, which travels in its private_metadata; the callback id is `bug_ask_<what>`. */
export function askForm(what: BugAsk, f: BugFacts): View {
  const { bug } = f;
  const area = textInput(undefined, { multiline: true, max_length: 500 });
  const line = textInput(undefined, { max_length: 1000 });
  const fixes = fixable(f).slice(0, 100);
  const view = (title: string, submit: string, blocks: View['blocks']): View => ({
    type: 'modal',
    callback_id: `bug_ask_${what}`,
    private_metadata: JSON.stringify({ bugId: bug.id }),
    title: plainText(title),
    submit: plainText(submit),
    close: plainText('Close'),
    blocks: [section(truncate(`*${showId('BUG', bug.id)}*: ${escapeText(bug.title)}`, 3000)), ...blocks],
  });
  switch (what) {
    case 'fix': {
      const choices = fixes.map((c) => [`${c.id}`, `${c.commit.slice(0, 7)} (${c.release})`] as const);
      return view('Name the fix', 'Name it', [
        input(ASK_FIELD, 'Which candidate has the fix?', select(choices, choices[0]?.[0])),
      ]);
    }
    case 'priority': {
      const levels = PRIORITIES.map((x) => [x, x] as const);
      return view('Priority', 'Set it', [
        input('priority', 'Priority', select(levels, bug.priority ?? 'P2')),
        input(ASK_FIELD, 'Why?', area),
      ]);
    }
    default: {
      const a = ASKS[what];
      const element = what === 'ticket' || what === 'duplicate' ? line : area;
      return view(a.title, a.submit, [input(ASK_FIELD, a.label, element)]);
    }
  }
}
