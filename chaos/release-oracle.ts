// Releases: what their threads tell is allowed by the rules, agrees with what people did and were answered, and is what the cards show.
import { CHANNELS } from '../test/support/slack.ts';
import { allMessages, type Seen } from './messages.ts';
import { answered, type Deed, denied, formTaken, told } from './record.ts';
import { follow, type Model, type Said } from './release-model.ts';
import { nameOf, type Release } from './story.ts';
import { CASES, isOperator, TESTED } from './team.ts';
import type { Evidence } from './verdict.ts';

const { releases: CHANNEL } = CHANNELS;

export async function checkReleases({ world, releases, deeds }: Evidence): Promise<string[]> {
  const messages = await allMessages(world.slack.url);
  const start = Math.min(...deeds.map((deed) => deed.began));
  return releases.flatMap((release) => {
    const name = nameOf(release);
    const mine = deeds.filter((deed) => deed.about === name);
    const { wrong, trail } = checkOne(release, mine, messages);
    if (!wrong.length) return [];
    const facts = [...trail, ...mine.map((deed) => told(deed, start))];
    return [
      `${name}: ${wrong.join(`\n  ${name}: `)}
${facts.map((fact) => `      ${fact}`).join('\n')}`,
    ];
  });
}

function checkOne(
  release: Release,
  deeds: readonly Deed[],
  messages: readonly Seen[],
): { wrong: string[]; trail: string[] } {
  const name = nameOf(release);
  const cards = messages.filter((m) => m.channel === CHANNEL && m.text.startsWith(`release ${name} (`));
  const opened = deeds.filter((d) => d.what === 'open' && (answered(d, ':white_check_mark: Opened') || formTaken(d)));
  const [card] = cards;
  const only = (text: string) => ({ wrong: [text], trail: [] });
  if (cards.length > 1) return only(`it has ${cards.length} cards`);
  if (!card) return opened.length ? only('it was opened, and has no card') : { wrong: [], trail: [] };
  if (!deeds.some((d) => d.what === 'open' && d.sent)) return only('it has a card, and nobody opened it');
  const lines = linesOf(messages, card.ts);
  const model = follow(lines, { commit: release.commit, barred: [release.manager] });
  const wrong = [
    ...model.wrong,
    ...likeTheCard(model, card),
    ...likeTheDeeds(model, deeds),
    ...standing(release, model, deeds, messages, card),
    ...tested(release, model, deeds),
  ];
  return { wrong, trail: lines.map(({ text }) => text) };
}

/** The thread's lines, in the order in which Slack shows them. The production check and the details are none. */
function linesOf(messages: readonly Seen[], root: string): Said[] {
  return messages
    .filter((m) => m.thread_ts === root && m.ts !== root && m.bot_id && m.subtype !== 'ephemeral')
    .filter((m) => !/^(Details of release|Production check of)/.test(m.text))
    .sort((a, b) => (a.ts < b.ts ? -1 : 1))
    .flatMap((m) => {
      const files = (m.files ?? []).map(({ name, size }) => `${name} of ${size} bytes`).join(', ');
      return m.text.split('\n').map((text) => ({ text, ts: m.ts, files }));
    });
}

/** What the card shows in the end is what the lines came to. */
function likeTheCard(model: Model, card: Seen): string[] {
  const wrong: string[] = [];
  const [, commit, state] = /\((\w+)\): (.*)$/.exec(card.text) ?? [];
  const expected = `${model.commit} ${model.state.replace('_', ' ')}`;
  if (`${commit} ${state}` !== expected)
    wrong.push(`the card shows ${commit} ${state}, and the thread came to ${expected}`);
  const fields: string[] = (card.blocks ?? []).flatMap((b) => (b.fields ?? []).map((f: { text: string }) => f.text));
  const field = (title: string) => fields.find((text) => text.startsWith(`*${title}*`));
  const shown = (text: string) => [...text.matchAll(/<@(\w+)>/g)].map(([, who = '']) => who).toSorted();
  const same = (title: string, people: Iterable<string>) => {
    const text = field(title);
    if (text === undefined) return;
    const wanted = [...new Set(people)].toSorted();
    if (shown(text).join() !== wanted.join())
      wrong.push(
        `the card's ${title} are ${shown(text).join(', ') || 'nobody'}, and the thread's ${wanted.join(', ') || 'nobody'}`,
      );
  };
  same('Eyes', model.here.candidate);
  same('Eyes on production', model.here.production);
  same(
    'Sign-offs',
    model.signed.filter((s) => s.stage === 'candidate').map((s) => s.person),
  );
  same(
    'Production sign-offs',
    model.signed.filter((s) => s.stage === 'production').map((s) => s.person),
  );
  return wrong;
}

/** R7: nothing is counted that nobody did, and what was answered with yes is in the thread. */
function likeTheDeeds(model: Model, deeds: readonly Deed[]): string[] {
  const wrong: string[] = [];
  const kinds = [
    ['lgtm', 'your sign-off counts'],
    ['verify', 'your production sign-off counts'],
    // With the colon and the full stop: a refusal may say how to be counted ("say you are here then").
    ['eyes', ': you are here.'],
    ['hold', 'your hold is set'],
  ] as const;
  for (const [what, yes] of kinds) {
    // What Slack could not deliver is found where it stands (reconcile).
    const heard = (d: Deed) => d.sent > 0 || (d.ts !== undefined && !d.skipped);
    const did = deeds.filter(
      (d) => !d.undo && heard(d) && (d.what === what || (what === 'eyes' && d.what === 'check')),
    );
    const lines = model.happened.filter((h) => h.what === what);
    for (const person of new Set([...did, ...lines].map((one) => one.person))) {
      const theirs = did.filter((d) => d.person === person && !denied(d));
      const counted = lines.filter((h) => h.person === person);
      counted.forEach((line, n) => {
        // The local Slack tells seconds; what follows is a count.
        const before = theirs.filter((d) => d.began < (Math.floor(Number(line.ts)) + 1) * 1000).length;
        if (before <= n)
          wrong.push(`the thread says for the ${n + 1}. time that ${person} did ${what}, and they had ${before} times`);
      });
      const accepted = theirs.filter((d) => answered(d, yes)).length;
      if (accepted > counted.length)
        wrong.push(`${person} was answered "${yes}" ${accepted} times, and the thread has it ${counted.length} times`);
    }
  }
  return wrong;
}

/** R16: no approval before each required test case was passed by somebody who may. */
function tested(release: Release, model: Model, deeds: readonly Deed[]): string[] {
  if (!TESTED.includes(release.product)) return [];
  return model.happened
    .filter((h) => h.what === 'approved')
    .flatMap(({ ts }) =>
      CASES.filter((one) => {
        const passes = deeds.filter((d) => d.what === 'pass' && d.sent && d.text?.includes(` ${one} pass`));
        return !passes.some((d) => isOperator(d.person) && d.began < (Math.floor(Number(ts)) + 1) * 1000);
      }).map((one) => `it was approved, and nobody had passed the test ${one} (R16)`),
    );
}

/** The states in which a sign-off can still be taken back. */
const BEFORE = ['waiting', 'testing', 'approved'];

/** Milliseconds that an event may wait at most while a bot that took it ends, and the other does its work. */
const WAITS_AT_MOST = 10_000;

/** A release that was cancelled takes nothing back any more (R7); what somebody took back just before may be handled after it. */
function overtaken(person: string, model: Model, deeds: readonly Deed[]): boolean {
  if (model.state !== 'cancelled') return false;
  const ends = deeds.filter((d) => d.what === 'cancel' && d.sent);
  return deeds.some(
    (d) =>
      d.person === person && d.what === 'lgtm' && d.undo && ends.some((end) => end.began - d.began < WAITS_AT_MOST),
  );
}

/** Claims: an LGTM that stands in Slack counts, or its owner was told; nobody is signed off who took back everything they said. */
function standing(
  release: Release,
  model: Model,
  deeds: readonly Deed[],
  messages: readonly Seen[],
  card: Seen,
): string[] {
  const wrong: string[] = [];
  const name = nameOf(release);
  const words = messages
    .filter((m) => m.thread_ts === card.ts && !m.bot_id && m.text === 'LGTM')
    .map((m) => String(m.user));
  const reactions = (card.reactions ?? []).find((r) => r.name === 'lgtm')?.users ?? [];
  const shows = new Set([...words, ...reactions]);
  for (const person of shows) {
    const signed = model.signed.some((s) => s.person === person && s.stage === 'candidate');
    // Whichever road they took it back by, it took back the others too.
    const tookBack = model.happened.some((h) => h.what === 'retract' && h.person === person);
    const told = messages.some(
      (m) => m.dmOf === person && m.bot_id && `${m.text}${JSON.stringify(m.blocks ?? '')}`.includes(name),
    );
    if (!signed && !tookBack && !told)
      wrong.push(`${person}'s LGTM stands in Slack, does not count, and nobody told them`);
  }
  for (const { person } of model.signed.filter(
    (s) => s.stage === 'candidate' && !['shipping', 'verifying', 'done', 'rolled_back'].includes(model.state),
  )) {
    const theirs = deeds.filter((d) => d.person === person && d.what === 'lgtm' && !d.undo && d.sent);
    const firm = theirs.filter((d) => d.road === 'command' || d.road === 'button');
    if (!shows.has(person) && !firm.length && !overtaken(person, model, deeds))
      wrong.push(`${person} is signed off, and Slack shows no LGTM of theirs any more`);
  }
  for (const person of new Set(deeds.map((d) => d.person))) {
    const about = deeds.filter((d) => d.person === person && !d.skipped && ['lgtm', 'retract'].includes(d.what));
    const last = about.findLast((d) => !d.undo);
    const signed = model.signed.some((s) => s.person === person && s.stage === 'candidate');
    if (last?.what === 'retract' && answered(last, 'is taken back') && signed && BEFORE.includes(model.state))
      wrong.push(`${person} took their sign-off back last of all, and is signed off (R7)`);
  }
  return wrong;
}
