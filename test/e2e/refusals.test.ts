import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TEAM } from '../support/bot.ts';
import { CHANNELS } from '../support/slack.ts';
import { openStage, type Play, type Stage, shows } from '../support/stage.ts';

const { ana, ben, cem, mia, zoe, gus, rob } = TEAM;
const { releases } = CHANNELS;
let s: Stage;
beforeAll(async () => {
  s = await openStage();
});
afterAll(() => s?.close());

const ROADS = ['button', 'command', 'reaction', 'word'] as const;

/** Says LGTM by one road. @returns the answer, which only that person sees: beside the card, or by DM */
async function sayLgtm(r: Play, road: (typeof ROADS)[number], person: string): Promise<string> {
  if (road === 'command') return r.command(person, 'lgtm');
  if (road === 'button') return s.pressAs(person, releases, r.ts, await lgtmButton(r));
  return shows(await s.dmAfter(person, () => (road === 'reaction' ? r.react(person, 'lgtm') : r.say(person, 'LGTM'))));
}

/** The card's LGTM button, also while the card does not show it. */
async function lgtmButton(r: Play) {
  const { rows } = await s.db.execute(sql`select max(id) as id from candidates where release_id = ${r.id}`);
  return { action_id: 'release_lgtm', value: `${r.id}:${rows[0]?.id}` };
}

async function twoHere(authors: string[] = []): Promise<Play> {
  const r = await s.open(s.product(), { authors });
  await r.eyes(ana, ben);
  return r;
}

const CASES: {
  name: string;
  person: string;
  play(): Promise<Play>;
  reason: string;
  next: string;
}[] = [
  {
    name: 'R4: who is not an operator',
    person: zoe,
    play: () => twoHere(),
    reason: 'only an operator can do that',
    next: 'Ask one of them',
  },
  {
    name: 'R4: an author of the changes',
    person: cem,
    play: () => twoHere([cem]),
    reason: 'you wrote some of its changes',
    next: 'Two other operators test it',
  },
  {
    name: 'R4: its manager, an operator too',
    person: cem,
    play: async () => {
      const r = await s.open(s.product());
      await s.db.execute(sql`update releases set manager = ${cem} where id = ${r.id}`);
      await r.eyes(ana, ben);
      return r;
    },
    reason: 'you are its release manager',
    next: 'Two other operators test it',
  },
  {
    name: 'R5: before testing',
    person: ana,
    play: async () => {
      const r = await s.open(s.product());
      await r.eyes(ana);
      return r;
    },
    reason: 'it is waiting for two sets of eyes',
    next: 'Two operators say they are here first',
  },
  {
    name: 'R5: while it is held',
    person: ana,
    play: async () => {
      const r = await twoHere();
      await r.command(zoe, 'hold', 'the fees look wrong');
      return r;
    },
    reason: 'it is on hold: the fees look wrong',
    next: 'lifts it with `/release unhold`',
  },
  {
    name: 'R4: who has not said that they are here',
    person: cem,
    play: () => twoHere(),
    reason: 'you have not said that you are here and testing',
    next: '/release ready',
  },
  {
    name: 'R7: a guest',
    person: gus,
    play: () => twoHere(),
    reason: 'guests cannot act on releases',
    next: 'Ask a member of this workspace',
  },
];

describe.each(CASES)(
  'an LGTM is refused, with the reason and the next step: $name',
  ({ person, play, reason, next }) => {
    it('by button, command, reaction and word', async () => {
      const r = await play();
      await s.settled();
      const [state, audit, lines] = [await r.state(), await r.audit(), (await r.thread()).length];
      for (const road of ROADS) {
        const answer = await sayLgtm(r, road, person);
        expect(answer, road).toContain(`:x: `);
        expect(answer, road).toContain(r.product);
        expect(answer, road).toContain(reason);
        expect(answer.replaceAll('\\"', '"'), road).toContain(next);
      }
      await s.settled();
      expect(await r.signOffs()).toEqual([]);
      expect(await r.state()).toBe(state);
      expect(await r.audit()).toEqual(audit);
      // The word itself is the one message more.
      expect((await r.thread()).length).toBe(lines + 1);
    });
  },
);

describe('what else is refused', () => {
  it('R3: a button drawn for an earlier candidate', async () => {
    const r = await twoHere();
    const old = await lgtmButton(r);
    await r.command(mia, 'candidate', 'bbbbbbb2');
    const answer = await s.pressAs(ana, releases, r.ts, old);
    expect(answer).toContain('that was for `aaaaaaa`; the candidate is now `bbbbbbb`');
    expect(answer).toContain('Test that one and sign off from the card');
    expect(await r.signOffs()).toEqual([]);
  });

  it('R7: a bot, which is not even answered', async () => {
    const r = await twoHere();
    await r.react(rob, 'lgtm');
    await r.say(rob, 'LGTM');
    await s.settled();
    expect(await r.signOffs()).toEqual([]);
    expect(await s.slack.dms(rob)).toEqual([]);
  });

  it('R7: a refused reaction that still stands never signs by itself later', async () => {
    const r = await s.open(s.product());
    await r.react(ana, 'lgtm');
    await r.say(ana, 'LGTM');
    await s.dm(ana, r.name, 'waiting for two sets of eyes');
    await r.eyes(ana, ben);
    await r.command(ben, 'hold', 'wait');
    await r.command(ben, 'unhold');
    await s.db.execute(sql`select graphile_worker.add_job('reconcile', json_build_object('releaseId', ${r.id}::int))`);
    await s.settled();
    expect(await r.signOffs()).toEqual([]);
    // A new act counts: taken away and given again.
    await r.react(ana, 'lgtm', false);
    await r.react(ana, 'lgtm');
    await r.line(`<@${ana}> signed off`);
    expect(await r.signOffs()).toEqual(['ana@aaaaaaa']);
  });

  it('R4: eyes of who may not sign off', async () => {
    const r = await s.open(s.product(), { authors: [cem] });
    expect(await r.command(cem, 'ready')).toContain('wrote some of its changes');
    expect(await r.press(zoe, 'ready')).toContain('only an operator can do that');
    // Onlookers react with eyes too: that needs no answer.
    await r.react(zoe, 'eyes');
    await s.settled();
    expect(await s.slack.dms(zoe).then((all) => all.filter((m) => shows(m).includes(r.name)))).toEqual([]);
    expect(await r.here()).toEqual([]);
  });

  it('R8: shipping by who is neither its manager nor an admin, and before it is approved', async () => {
    const r = await twoHere();
    expect(await r.command(mia, 'ship')).toContain('Two operators present sign off the candidate first');
    await r.approve();
    expect(await r.command(ana, 'ship')).toContain("only this release's manager or an admin can do that");
    expect(await r.press(zoe, 'ship')).toContain("only this release's manager or an admin can do that");
    expect(await r.state()).toBe('approved');
  });
});
