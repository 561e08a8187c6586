// The words of /release, and the buttons and forms that do the same, through Bolt on a real database.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { card, checkCard } from '../../src/areas/releases/blocks.ts';
import { SUBCOMMANDS } from '../../src/bot/release-words.ts';
import { freshDb, type TestDb } from '../support/db.ts';
import { ADA, ADMIN, BEN, CAS, MAX, NOBODY, T0 } from '../support/facts.ts';
import { releaseListeners } from '../support/release-listeners.ts';
import { type Team, teamOn } from '../support/team.ts';

let db: TestDb;
let team: Team;
let bot: ReturnType<typeof releaseListeners>;
beforeAll(async () => {
  db = await freshDb();
  team = teamOn(db.db);
  bot = releaseListeners(team);
});
afterAll(() => db.close());

describe('/release', () => {
  it('plays a day from opened to done', async () => {
    expect(await bot.command(MAX.id, 'open wallet 1.2.3 abc1234')).toContain('Opened *wallet v1.2.3*');
    const { rows } = await db.pool.query('select max(id) as id from releases');
    const id = Number(rows[0].id);
    await team.posted(id, '70.000001');
    for (const who of [ADA, BEN]) expect(await bot.command(who.id, 'ready')).toContain('you are here');
    for (const who of [ADA, BEN]) expect(await bot.command(who.id, 'lgtm wallet v1.2.3')).toContain('counts');
    expect(await bot.command(MAX.id, 'ship')).toContain('the push may begin');
    expect(await bot.command(MAX.id, 'shipped')).toContain('it is live');
    for (const who of [ADA, BEN]) await bot.command(who.id, 'ready');
    for (const who of [ADA, BEN]) await bot.command(who.id, 'verify');
    expect((await team.facts(id)).release.state).toBe('done');
    expect(await bot.command(ADA.id, 'list')).toContain('0 open');
    expect(await bot.command(ADA.id, 'status wallet v1.2.3')).toContain('done');
  });

  it('lists every subcommand, and answers bad input with the right form', async () => {
    const help = await bot.command(ADA.id, 'help');
    for (const sub of Object.keys(SUBCOMMANDS))
      expect(help.match(new RegExp(`^\`/release ${sub}[ \`]`, 'gm'))).toHaveLength(1);
    expect(help.match(/^\*.*\*$/gm)).toEqual([
      '*Opening*',
      '*Testing and signing*',
      '*Shipping*',
      '*Holds and trouble*',
      '*Looking*',
    ]);
    expect(help.length).toBeLessThan(3000);
    expect(await bot.command(ADA.id, 'lgmt')).toContain('Did you mean `/release lgtm`');
    expect(await bot.command(ADA.id, 'list all')).toContain('The form is `/release list`');
    expect(await bot.command(ADA.id, 'ready')).toMatch(/^:x:/);
    expect(await bot.command(MAX.id, 'open wallet ? nohex')).toContain('7 to 40 hex digits');
    expect(await bot.command(NOBODY.id, 'open wallet v9.0.0 abc1234')).toContain('Only an operator');
  });

  it('is counted by its word, however that is written', async () => {
    const counted = async (subcommand: string) => {
      const { values } = await bot.metrics.commands.get();
      return values.filter((v) => v.labels.subcommand === subcommand).reduce((sum, v) => sum + v.value, 0);
    };
    const before = [await counted('list'), await counted('help'), await counted('other')];
    for (const text of ['LIST', '', 'lisst']) await bot.command(ADA.id, text);
    expect([await counted('list'), await counted('help'), await counted('other')]).toEqual(before.map((n) => n + 1));
  });

  it('opens forms where words are missing, and asks why after a hold', async () => {
    const id = await team.open({ product: 'site', version: 'v5.0.0' });
    bot.views.length = 0;
    expect(await bot.command(MAX.id, 'open wallet 3.0.0')).toContain('Fill in the form');
    await bot.command(MAX.id, 'emergency wallet');
    await bot.command(MAX.id, 'candidate site v5.0.0');
    await bot.command(ADA.id, 'hold site v5.0.0');
    expect(bot.views.map((v) => v.callback_id)).toEqual([
      'release_open',
      'release_open',
      'release_ask_candidate',
      'release_ask_hold',
    ]);
    expect(await bot.command(MAX.id, 'candidate site v5.0.0 nohex')).toContain('is no commit');
    expect(await bot.command(MAX.id, 'candidate site v5.0.0 def5678 nohex')).toContain('is no tree');
    expect(await bot.command(MAX.id, 'candidate site v5.0.0 def5678')).toContain('new candidate is named');
    expect(await bot.command(ADA.id, `cancel site v5.0.0 ${'x'.repeat(501)}`)).toContain('under 500');
    expect(await bot.command(MAX.id, 'cancel site v5.0.0 not needed')).toContain('cancelled');
    expect((await team.facts(id)).release.endReason).toBe('not needed');
  });
});

describe('words behind an act that look like a version', () => {
  it('R6: of a hold they are its reason, where no such release is open: a hold is never kept waiting by a question', async () => {
    const id = await team.open({ product: 'site', version: 'v6.0.0' });
    const other = await team.open({ product: 'wallet', version: 'v6.1.0' });
    const reasons = async () => (await team.facts(id)).holds.filter((h) => !h.liftedAt).map((h) => h.reason);
    const holds = async (words: string, reason: string) => {
      expect(await bot.command(ADA.id, `hold ${words}`)).toContain('your hold is set');
      expect(await reasons()).toEqual([reason]);
      await bot.command(ADA.id, 'unhold site');
    };
    await holds('site 3.14 USD missing', '3.14 USD missing');
    await holds('site v6.1.0 has it too', 'v6.1.0 has it too');
    await holds('site 6.0.0 0.5 BTC shown as 5', '0.5 BTC shown as 5');
    // Which one is meant cannot be told.
    expect(await bot.command(ADA.id, 'hold 0.5 BTC shown as 5')).toContain('Which release');
    // Nothing but an address, and a wrong one, is no reason.
    expect(await bot.command(ADA.id, 'hold site v6.9.0')).toContain('There is no open release `v6.9.0` of `site`');
    // Behind what is no product, a version on its way means that release and no other.
    await holds('siet v6.0.0 money lost', 'siet v6.0.0 money lost');
    await bot.command(BEN.id, 'hold walet v6.1.0 money lost');
    expect([await reasons(), (await team.facts(other)).holds.map((h) => h.reason)]).toEqual([
      [],
      ['walet v6.1.0 money lost'],
    ]);
    await team.do(other, MAX, { kind: 'cancel', reason: null });
    await holds('0.5 BTC shown as 5', '0.5 BTC shown as 5');
    await holds('since v5.9.0 it crashes', 'since v5.9.0 it crashes');
    await team.do(id, MAX, { kind: 'cancel', reason: null });
    expect(await bot.command(ADA.id, 'hold site 6.0.0 broken')).toContain('cancelled');
    expect(await bot.command(ADA.id, 'hold site 3.14 USD missing')).toContain(
      'There is no open release `v3.14` of `site`',
    );
  });

  it('of what ends a release or its push they are refused, and said to have been read as one', async () => {
    const id = await team.open({ product: 'site', version: 'v6.2.0' });
    for (const act of ['cancel', 'failed', 'rollback']) {
      const said = await bot.command(MAX.id, `${act} site 3.14 USD missing`);
      expect(said).toContain('There is no open release `v3.14` of `site`');
      expect(said).toContain(`\`/release ${act} <product> <version> <text>\``);
    }
    expect(await bot.command(MAX.id, 'ready site v6.2.1')).not.toContain('<text>');
    expect((await team.facts(id)).release.state).toBe('waiting');
    expect(await bot.command(MAX.id, 'cancel site 6.2.0 3.14 USD missing')).toContain('cancelled');
    expect((await team.facts(id)).release.endReason).toBe('3.14 USD missing');
  });
});

describe('buttons and forms', () => {
  it('do what the commands do', async () => {
    const id = await team.open();
    for (const who of [ADA, BEN]) await bot.press(who.id, 'release_ready', `${id}`);
    const [c] = (await team.facts(id)).candidates;
    for (const who of [ADA, BEN]) await bot.press(who.id, 'release_lgtm', `${id}:${c?.id}`);
    expect((await team.facts(id)).release.state).toBe('approved');
    bot.views.length = 0;
    await bot.press(CAS.id, 'release_hold', `${id}`);
    const meta = String(bot.views[0]?.private_metadata);
    expect(await bot.submit(CAS.id, 'release_ask_hold', { text: { value: '' } }, meta)).toMatchObject({
      response_action: 'errors',
    });
    await bot.submit(CAS.id, 'release_ask_hold', { text: { value: 'the fee' } }, meta);
    expect((await team.facts(id)).holds).toMatchObject([{ reason: 'the fee' }]);
    await bot.press(NOBODY.id, 'release_cancel', `${id}`);
    expect(bot.views).toHaveLength(1);
    await bot.press(ADMIN.id, 'release_cancel', `${id}`);
    const of = JSON.stringify({ releaseId: id });
    const wrong = await bot.submit(MAX.id, 'release_ask_candidate', { text: { value: 'x' }, tree: { value: '' } }, of);
    expect(wrong).toMatchObject({ errors: { text: expect.stringContaining('7 to 40') } });
    await bot.submit(MAX.id, 'release_ask_candidate', { text: { value: 'def5678' }, tree: { value: 'beef123' } }, of);
    expect((await team.facts(id)).candidates).toHaveLength(2);
    await bot.submit(ADMIN.id, 'release_ask_cancel', { text: { value: '' } }, of);
    expect((await team.facts(id)).release.state).toBe('cancelled');
    const late = await bot.submit(BEN.id, 'release_ask_review', { text: { value: '' } }, of);
    expect(late).toMatchObject({ response_action: 'errors' });
  });

  it('R8: "I\'m here" of the candidate\'s card is nothing for production, that of its check is', async () => {
    const id = await team.open();
    await team.approve(id, ADA, BEN);
    await team.reconciled(id);
    for (const kind of ['ship', 'shipped'] as const) await team.do(id, MAX, { kind });
    const f = await team.facts(id);
    const drawn = (text: string) => /"action_id":"release_ready".*?"value":"([\d:]+)"/.exec(text)?.[1] ?? '';
    const open = { ...f, release: { ...f.release, state: 'testing' as const } };
    const here = async () => (await team.facts(id)).presences.filter((p) => p.stage === 'production').length;
    await bot.press(ADA.id, 'release_ready', drawn(JSON.stringify(card(open, team.deps.policy, T0))));
    expect(await here()).toBe(0);
    await bot.press(ADA.id, 'release_ready', drawn(JSON.stringify(checkCard(f, team.deps.policy, T0))));
    expect(await here()).toBe(1);
  });

  it('R3: about a push do nothing to the next one; those that an older version drew for it still work', async () => {
    const id = await team.open();
    const shipIt = async () => {
      for (const who of [ADA, BEN]) await bot.press(who.id, 'release_ready', `${id}`);
      const c = (await team.facts(id)).candidates.at(-1);
      for (const who of [ADA, BEN]) await bot.press(who.id, 'release_lgtm', `${id}:${c?.id}`);
      await team.reconciled(id);
      await team.do(id, MAX, { kind: 'ship' });
    };
    const drawn = async () => {
      const { candidates, release } = await team.facts(id);
      return `${id}:${candidates.at(-1)?.id}:${release.shippingAt?.getTime()}`;
    };
    const state = async () => (await team.facts(id)).release.state;
    await shipIt();
    const old = await drawn();
    const metas: string[] = [];
    for (const action of ['release_failed', 'release_rollback']) {
      bot.views.length = 0;
      await bot.press(MAX.id, action, old);
      metas.push(String(bot.views[0]?.private_metadata));
    }
    await team.do(id, MAX, { kind: 'failed', reason: null });
    team.now = new Date(team.now.getTime() + 1000);
    await shipIt();
    bot.views.length = 0;
    for (const action of ['release_shipped', 'release_failed', 'release_rollback'])
      await bot.press(MAX.id, action, old);
    expect(bot.views).toEqual([]);
    for (const [i, what] of ['failed', 'rollback'].entries())
      expect(await bot.submit(MAX.id, `release_ask_${what}`, { text: { value: 'old' } }, metas[i])).toMatchObject({
        errors: { text: expect.stringContaining('that was for an earlier push') },
      });
    expect(await state()).toBe('shipping');
    await bot.press(MAX.id, 'release_failed', `${id}`);
    expect(bot.views).toHaveLength(1);
    await bot.submit(MAX.id, 'release_ask_failed', { text: { value: '' } }, JSON.stringify({ releaseId: id }));
    expect(await state()).toBe('testing');
    team.now = new Date(team.now.getTime() + 1000);
    await shipIt();
    await bot.press(MAX.id, 'release_shipped', await drawn());
    expect(await state()).toBe('verifying');
  });

  it('open a release, with each fault at its field', async () => {
    const values = {
      product: { selected_option: { value: 'wallet' } },
      version: { value: 'v8.0.0' },
      commit: { value: 'nohex' },
      kind: { selected_option: { value: 'scheduled' } },
      manager: { selected_user: MAX.id },
      authors: { selected_users: ['UEVE'] },
    };
    expect(await bot.submit(MAX.id, 'release_open', values)).toMatchObject({ errors: { commit: expect.any(String) } });
    expect(await bot.submit(MAX.id, 'release_open', { ...values, commit: { value: 'abc1234' } })).toEqual({});
    const again = await bot.submit(MAX.id, 'release_open', { ...values, commit: { value: 'abc1234' } });
    expect(again).toMatchObject({ errors: { version: expect.stringContaining('exists already') } });
  });

  it('R24: open no release for a manager who could not act on it; who wrote its changes may be anybody', async () => {
    const values = (manager: string) => ({
      product: { selected_option: { value: 'site' } },
      version: { value: 'v8.0.0' },
      commit: { value: 'abc1234' },
      kind: { selected_option: { value: 'scheduled' } },
      manager: { selected_user: manager },
      authors: { selected_users: ['UROB', 'UGUS'] },
    });
    for (const [manager, said] of [
      ['UROB', 'Bots cannot be release managers'],
      ['UGUS', 'Guests cannot be release managers'],
      ['UGONE', 'Deactivated people cannot be release managers'],
    ] as const) {
      const answer = await bot.submit(MAX.id, 'release_open', values(manager));
      expect(answer).toMatchObject({ errors: { manager: expect.stringContaining(said) } });
    }
    expect(await bot.submit(MAX.id, 'release_open', values(BEN.id))).toEqual({});
  });

  it('whose answer does not arrive have acted all the same: nobody is told that nothing was changed', async () => {
    const id = await team.open();
    const heard: string[] = [];
    const server = createServer((req, res) => {
      req.on('data', (data) => heard.push(String(data)));
      req.on('end', () => (heard.length > 1 ? res.end('ok') : res.destroy()));
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const { port } = server.address() as AddressInfo;
    await bot.press(ADA.id, 'release_ready', `${id}`, `http://127.0.0.1:${port}/`);
    await new Promise((done) => server.close(done));
    expect((await team.facts(id)).presences).toHaveLength(1);
    expect(heard.join()).toContain('you are here');
    expect(heard.join()).not.toContain('nothing was changed');
  });

  it('that were never drawn mean nothing', async () => {
    bot.views.length = 0;
    await bot.press(ADA.id, 'release_lgtm', '99999');
    await bot.press(ADA.id, 'release_constructor', '12');
    await bot.press(ADA.id, 'release_more', '');
    await bot.press(ADA.id, 'release_start', 'open');
    await bot.hand({
      type: 'shortcut',
      callback_id: 'open_release',
      user: { id: MAX.id },
      team: { id: 'T01SHIP' },
      trigger_id: 't',
    });
    expect(bot.views.map((v) => v.callback_id)).toEqual(['release_open', 'release_open']);
  });
});
