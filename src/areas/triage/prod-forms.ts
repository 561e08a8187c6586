import { input, plainText, section, select, textInput } from '../../base/elements.ts';
import { showId } from '../../base/ids.ts';
import { escapeText, truncate } from '../../base/mrkdwn.ts';
import type { Block, View } from '../../base/slack.ts';
import { ROLE_SAYS } from './prod-blocks.ts';
import { ANSWER_MAX, NOTE_MAX } from './prod-rules.ts';
import { type ProdFacts, type ProdRole, QUESTIONS, ROLES } from './prod-types.ts';

/** The forms about a prod issue. Faults that belong to no field go to the first one. */
export type ProdAsk = 'roles' | 'release' | 'review' | 'reopen';
export const PROD_ASKS: readonly ProdAsk[] = ['roles', 'release', 'review', 'reopen'];

/** The choice "no release brought it". */
export const NO_RELEASE = 'none';

const TITLES: Record<ProdAsk, string> = {
  roles: 'Who does what',
  release: 'Which release',
  review: 'Review',
  reopen: 'It is back',
};

/** Where a fault of the whole form is shown. */
export const FIRST_FIELD: Record<ProdAsk, string> = {
  roles: 'owner',
  release: 'release',
  review: 'happened',
  reopen: 'reason',
};

/** Who has which role; the form carries it, so that a submission changes only what its sender changed. */
function rolesOf(issue: ProdFacts['issue']): Record<ProdRole, string | null> {
  return { owner: issue.owner, engineer: issue.engineer, communication: issue.communication };
}

/** A form about a prod issue, which travels in its private_metadata; the callback id is `pi_ask_<what>`. */
export function prodForm(what: ProdAsk, f: ProdFacts): View {
  const { issue } = f;
  return {
    type: 'modal',
    callback_id: `pi_ask_${what}`,
    private_metadata: JSON.stringify({ prodId: issue.id, ...(what === 'roles' && { drawn: rolesOf(issue) }) }),
    title: plainText(TITLES[what]),
    submit: plainText('Save'),
    close: plainText('Close'),
    blocks: [section(truncate(`*${showId('PI', issue.id)}*: ${escapeText(issue.title)}`, 3000)), ...questions(what, f)],
  };
}

function questions(what: ProdAsk, f: ProdFacts): Block[] {
  const { issue } = f;
  switch (what) {
    case 'roles':
      return ROLES.map((role) => {
        const now = issue[role];
        const element = { type: 'users_select', ...(now && { initial_user: now }) };
        return input(role, ROLE_SAYS[role], element, { optional: role !== 'owner' });
      });
    case 'release': {
      const before = f.releases.filter((r) => r.shippedAt <= issue.declaredAt).slice(0, 99);
      const choices = before.map((r) => [`${r.id}`, r.name] as const);
      const initial = issue.releaseId === null ? NO_RELEASE : `${issue.releaseId}`;
      const all = [...choices, [NO_RELEASE, 'No release: it was there before'] as const];
      return [input('release', 'Which release brought it?', select(all, initial))];
    }
    case 'review':
      return Object.entries(QUESTIONS).map(([key, question]) =>
        input(key, question, textInput(issue.review?.[key], { multiline: true, max_length: ANSWER_MAX })),
      );
    case 'reopen':
      return [
        input('reason', 'What is still broken?', textInput(undefined, { multiline: true, max_length: NOTE_MAX })),
      ];
  }
}
