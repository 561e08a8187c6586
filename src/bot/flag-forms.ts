import { FLAGS_FIELD, type FlagsAbout, flagsForm, knownFlags } from '../areas/testing/flag-forms.ts';
import { type FlagsAsk, flagsBarred, readFlag } from '../areas/testing/flag-rules.ts';
import { askFlags } from '../areas/testing/flags.ts';
import { flagsSaid } from '../areas/testing/flags-store.ts';
import type { ReleaseRow } from '../areas/testing/store.ts';
import type { Actor } from '../base/actor.ts';
import { tellRefusal } from '../base/answer.ts';
import { escapeText } from '../base/mrkdwn.ts';
import type { Cause } from '../db/act.ts';
import { FILL_IN, type Reply, replyOf, replyTo } from './answer.ts';
import type { BotDeps } from './deps.ts';
import { formListener } from './form.ts';
import { textOf } from './form-values.ts';

/** The release that flags are asked for. */
export type Flagged = Pick<ReleaseRow, 'id' | 'product' | 'version' | 'state' | 'manager' | 'flags'>;

/** Opens the form with a release's flags. @returns what to tell who may not ask for any */
export async function openFlags(deps: BotDeps, triggerId: string, actor: Actor, r: Flagged): Promise<Reply | null> {
  const no = flagsBarred(r, actor);
  if (no) return replyOf(tellRefusal(no, `*${r.product} ${r.version}*`));
  const spec = deps.specs?.get(r.product)?.cases ?? [];
  const flags = knownFlags(r.flags, await flagsSaid(deps.db, r.id), spec);
  await deps.slack.openView(triggerId, flagsForm(`${r.product} ${r.version}`, r.id, flags, spec));
  return null;
}

/** `/release flag [flags]` and `/release unflag <flags>`; without any, the form. */
export async function flagWords(
  call: { deps: BotDeps; actor: Actor; cause: Cause; triggerId: string },
  sub: 'flag' | 'unflag',
  r: Flagged,
  words: readonly string[],
): Promise<Reply> {
  const { deps, actor, cause, triggerId } = call;
  if (!words.length) return (await openFlags(deps, triggerId, actor, r)) ?? FILL_IN;
  const read = readFlags(words);
  if ('fault' in read) return replyOf(tellRefusal({ code: 'flag', reason: read.fault, next: FORM }));
  const ask: FlagsAsk = sub === 'flag' ? { add: read.flags, drop: [] } : { add: [], drop: read.flags };
  return replyTo(await askFlags(deps, deps.specs ?? new Map(), cause, actor, r.id, ask));
}

const FORM = 'A flag is one word of a-z, 0-9, _, - and dots, such as `new-fees`.';
const MOST = 50;

function readFlags(words: readonly string[], known: readonly string[] = []): { flags: string[] } | { fault: string } {
  const news = words.filter((word) => !known.includes(word)).length;
  if (news > MOST) return { fault: `those are ${news} flags, and ${MOST} are the most at a time` };
  const bad = words.find((word) => readFlag(word) === undefined);
  if (bad !== undefined) return { fault: `\`${escapeText(bad.slice(0, 60))}\` is no name of a flag` };
  return { flags: words.map((word) => readFlag(word) as string) };
}

/** The submitted form: what was added is asked for, what was deleted no longer. */
export function flagsSubmitted(deps: BotDeps) {
  return formListener(deps, FLAGS_FIELD, async ({ view, values, cause, actor }) => {
    const { releaseId, shown } = JSON.parse(view.private_metadata) as FlagsAbout;
    const read = readFlags((textOf(values, FLAGS_FIELD) ?? '').split(/[\s,;]+/).filter(Boolean), shown);
    if ('fault' in read) return { faults: { [FLAGS_FIELD]: `${read.fault}. ${FORM}` } };
    const add = read.flags.filter((flag) => !shown.includes(flag));
    const drop = shown.filter((flag) => !read.flags.includes(flag));
    const { answer } = await askFlags(deps, deps.specs ?? new Map(), cause, await actor(), releaseId, { add, drop });
    return { answer, as: 'flags' };
  });
}
