import type { Act } from '../areas/releases/types.ts';

/** Every subcommand of /release: what follows it, what it does, and under which head the help has it. The help, the refusals and the manifest's hint are made from this. */
export const SUBCOMMANDS = {
  open: ['<product> <version> <commit>', 'open a release (fewer words open a form)', 'Opening'],
  candidate: ['[product] [version] <commit> [tree]', 'name a new candidate', 'Opening'],
  emergency: [
    '<product> <version> <commit> <PI-3 or link> <reason>',
    'open an emergency (fewer words open a form)',
    'Opening',
  ],
  ready: ['[product] [version]', 'say that you are here and testing (:eyes:)', 'Testing and signing'],
  away: ['[product] [version]', 'step away', 'Testing and signing'],
  lgtm: ['[product] [version]', 'sign off the candidate', 'Testing and signing'],
  retract: ['[product] [version]', 'take your sign-off back', 'Testing and signing'],
  test: [
    '[product] [version] [<case> pass|fail|blocked|skip|… [note]]',
    'open the test cases, or say what came of one (`next` takes one)',
    'Testing and signing',
  ],
  flag: ['[product] [version] [flag …]', 'test it with feature flags (no flag opens a form)', 'Testing and signing'],
  unflag: ['[product] [version] <flag …>', "test it with production's setting of them again", 'Testing and signing'],
  waive: [
    '[product] [version] <suite> <reason>',
    'wait no more for a suite of automated tests that will not report any more',
    'Testing and signing',
  ],
  report: ['[product] [version]', "post the test run's report in its thread", 'Testing and signing'],
  ship: ['[product] [version]', 'begin the push (`ship on one` for an emergency with one sign-off)', 'Shipping'],
  shipped: ['[product] [version]', 'say that it is live', 'Shipping'],
  failed: ['[product] [version] [reason]', 'say that the push failed', 'Shipping'],
  verify: ['[product] [version]', 'sign off production', 'Shipping'],
  review: ['[product] [version] [note]', 'give the review a ship on one owes', 'Shipping'],
  hold: ['[product] [version] [reason]', 'put it on hold', 'Holds and trouble'],
  unhold: ['[product] [version]', 'lift a hold', 'Holds and trouble'],
  rollback: ['[product] [version] [reason]', 'record a roll-back', 'Holds and trouble'],
  cancel: ['[product] [version] [reason]', 'cancel it, before shipping', 'Holds and trouble'],
  freeze: [
    '[product|all] <from> <to> <reason>',
    'let no scheduled release ship from then to then (fewer words open a form)',
    'Holds and trouble',
  ],
  thaw: ['[product|all|FRZ-3]', 'end a freeze early', 'Holds and trouble'],
  status: ['[product] [version]', 'show its card, only to you', 'Looking'],
  list: ['', 'slots and freezes, the open releases and the last ten', 'Looking'],
  help: ['', 'this list', 'Looking'],
} as const satisfies Record<string, readonly [form: string, does: string, head: string]>;

export type Subcommand = keyof typeof SUBCOMMANDS;

/** Whether /release knows this word. @param word in lower case */
export function isSubcommand(word: string): word is Subcommand {
  return Object.hasOwn(SUBCOMMANDS, word);
}

/** The right form of a subcommand, as it is typed. */
export function formOf(sub: Subcommand): string {
  return `\`/release ${`${sub} ${SUBCOMMANDS[sub][0]}`.trim()}\``;
}

/** The help text. */
export function help(): string {
  const groups = new Map<string, string[]>();
  for (const sub of Object.keys(SUBCOMMANDS) as Subcommand[]) {
    const [, does, head] = SUBCOMMANDS[sub];
    groups.set(head, [...(groups.get(head) ?? []), `${formOf(sub)} — ${does}`]);
  }
  const parts = [...groups].map(([head, lines]) => `*${head}*\n${lines.join('\n')}`);
  const roads =
    'In the thread: :eyes: and :lgtm: on the card, a message that says LGTM and nothing else, :octagonal_sign: for a hold. Undoing one takes it back.';
  return `*Releases*: two operators look before anything ships.\n\n${parts.join('\n\n')}\n\n${roads}\nLeave out the product when there is one, and the version when one release is open.`;
}

/** Subcommands that are one act on one release, and what text may follow the address. */
export const ACTS = {
  ready: { text: false, act: () => ({ kind: 'ready' }) },
  away: { text: false, act: () => ({ kind: 'away' }) },
  lgtm: { text: false, act: () => ({ kind: 'lgtm', road: 'command' }) },
  verify: { text: false, act: () => ({ kind: 'verify', road: 'command' }) },
  retract: { text: false, act: () => ({ kind: 'retract' }) },
  hold: { text: true, act: (reason) => ({ kind: 'hold', reason, road: 'command' }) },
  unhold: { text: false, act: () => ({ kind: 'unhold' }) },
  ship: { text: false, act: () => ({ kind: 'ship' }) },
  shipped: { text: false, act: () => ({ kind: 'shipped' }) },
  failed: { text: true, act: (reason) => ({ kind: 'failed', reason }) },
  rollback: { text: true, act: (reason) => ({ kind: 'rollback', reason }) },
  cancel: { text: true, act: (reason) => ({ kind: 'cancel', reason }) },
  review: { text: true, act: (note) => ({ kind: 'review', note }) },
} as const satisfies Partial<Record<Subcommand, { text: boolean; act: (text: string | null) => Act }>>;
