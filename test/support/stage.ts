// A workspace with the bot in it, and the hands and eyes of its people: what an end-to-end test is written with.
import { sql } from 'drizzle-orm';
import { type BotProcess, PRODUCTS, startBot, TEAM } from './bot.ts';
import { freshDb, type TestDb } from './db.ts';
import { type SlackProxy, startProxy } from './proxy.ts';
import { type Button, CHANNELS, DEFAULT_APP, type LocalMessage, type LocalSlack, startSlack, until } from './slack.ts';

const { releases } = CHANNELS;

export type Stage = Awaited<ReturnType<typeof openStage>>;
export type Play = Awaited<ReturnType<Stage['open']>>;

/** Everything a message shows, as one text to look into. */
export const shows = (m: LocalMessage) => `${m.text} ${JSON.stringify(m.blocks ?? [])}`;

export interface StageOptions {
  /** HTTP mode: where Slack sends its requests. Socket Mode when absent. */
  requestUrl?: string;
  policy?: string;
  github?: { url: string; token: string };
  sheets?: { url: string; id: string };
  /** Puts a proxy between the bot and Slack, for the faults that a local Slack does not have. */
  faults?: boolean;
  /** The bot is started as `npm start` does it. */
  shipped?: boolean;
}

/** One Slack, one database and one bot process, for one test file. */
export async function openStage(options: StageOptions = {}) {
  const members = [...Object.values(TEAM), DEFAULT_APP.botUserId];
  // Dee lives elsewhere than the team: all but she have its day and hours.
  const users = Object.entries(TEAM).map(([name, id]) => ({
    ...{ id, name, real_name: name, is_bot: name === 'rob' },
    tz: name === 'dee' ? 'America/Los_Angeles' : 'Europe/Lisbon',
  }));
  const channels = Object.entries(CHANNELS).map(([name, id]) => ({ id, name, members }));
  const { requestUrl, policy, github, sheets, faults, shipped } = options;
  const app = { ...DEFAULT_APP, mode: 'events' as const, requestUrl };
  const [test, slack] = await Promise.all([
    freshDb(),
    startSlack({ users, channels, ...(requestUrl && { apps: [app] }) }),
  ]);
  const { db } = test;
  // Local Slack knows no guests; what Slack says of a person is cached for an hour, so ours is believed.
  await db.execute(sql`insert into people (id, name, zone, bot, deactivated, guest, outsider, refreshed_at)
    values (${TEAM.gus}, 'gus', 'UTC', false, false, true, false, now())`);
  const proxy = faults ? await startProxy(slack.url) : undefined;
  const start = (changed = policy) =>
    startBot({
      slack,
      databaseUrl: test.url,
      policy: changed,
      github,
      sheets,
      shipped,
      http: requestUrl !== undefined,
      apiUrl: proxy?.apiUrl,
    });
  let bot: BotProcess;
  try {
    bot = await start();
  } catch (err) {
    await proxy?.stop();
    await slack.stop();
    await test.close();
    throw err;
  }
  let product = 0;
  const hands = handsOf(slack, test);

  return {
    ...hands,
    slack,
    db,
    databaseUrl: test.url,
    /** @throws unless the stage was opened with `faults` */
    proxy: (): SlackProxy => {
      if (!proxy) throw new Error('open the stage with faults');
      return proxy;
    },
    /** Takes out of the log what a test made fail. @throws when the bot did not say so */
    expectLogged: (text: string): void => {
      const said = bot.lines.filter((line) => line.includes(text));
      if (!said.length) throw new Error(`the bot's log lacks "${text}"`);
      for (const line of said) bot.lines.splice(bot.lines.indexOf(line), 1);
    },
    bot: () => bot,
    /** Starts the bot again, after it was stopped or killed. @param changed another policy than before */
    restart: async (changed?: string) => {
      bot = await start(changed);
    },
    /** A product no test has used. */
    product: (): string => {
      product += 1;
      if (product > PRODUCTS) throw new Error('the test policy has too few products');
      return `p${product}`;
    },
    /** Opens a release by command. @param more authors and the like, set by SQL: the command does not take them */
    open: async (p: string, options: { version?: string; commit?: string; by?: string; authors?: string[] } = {}) => {
      const { version = 'v1.0.0', commit = 'aaaaaaa1', by = TEAM.mia, authors = [] } = options;
      const said = await hands.command(by, `open ${p} ${version} ${commit}`);
      if (!said.includes('Opened')) throw new Error(said);
      const id = Number(/REL-(\d+)/.exec(said)?.[1]);
      if (authors.length)
        await db.execute(sql`update releases set authors = array[${sql.join(authors, sql`, `)}] where id = ${id}`);
      return hands.release(id);
    },
    /** Ends everything. @throws when the bot did not end in order, or said that something of its own failed, or said a secret */
    close: async () => {
      const code = await bot.stop();
      await proxy?.stop();
      await slack.stop();
      await test.close();
      if (code !== 0) throw new Error(`the bot ended with ${code}:\n${bot.lines.slice(-20).join('\n')}`);
      const failures = bot.lines.filter((line) => /"level":("?(error|fatal)|[56]0)/.test(line));
      if (failures.length) throw new Error(`the bot says that it failed:\n${failures.slice(0, 5).join('\n')}`);
      const { botToken, appToken, signingSecret } = slack.app;
      if ([botToken, appToken, signingSecret].some((secret) => bot.lines.some((line) => line.includes(secret))))
        throw new Error('the bot wrote a secret into its log');
    },
  };
}

function handsOf(slack: LocalSlack, { db }: TestDb) {
  /** A thread, its root first, as the Web API gives it: quicker than all of the channel. */
  const conversation = async (ts: string): Promise<LocalMessage[]> => {
    const answer = await fetch(`${slack.apiUrl}conversations.replies`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${slack.app.botToken}` },
      body: JSON.stringify({ channel: releases, ts }),
    });
    const { messages } = (await answer.json()) as { messages: LocalMessage[] };
    return messages.filter((m) => m.subtype !== 'ephemeral');
  };

  /** Types a command, in a channel where nothing else is said. @returns what only this person was answered */
  const command = async (
    person: string,
    text: string,
    channel: string = CHANNELS.other,
    slash = '/release',
  ): Promise<string> => {
    const before = (await slack.answers(person, channel)).length;
    await slack.command(person, text, slash, channel);
    return answered(person, channel, before, text.slice(0, 60));
  };
  const answered = async (person: string, channel: string, before: number, what: string): Promise<string> => {
    const answers = await until(async () => {
      const news = (await slack.answers(person, channel)).slice(before);
      return news.length > 0 && news;
    }, `an answer to ${what}`);
    return answers.map(shows).join('\n');
  };

  /** Waits until every event is handled and every job that is due has run. */
  const settled = async (): Promise<void> => {
    await until(async () => {
      const { rows } = await db.execute<{ n: number }>(sql`select
        (select count(*) from slack_events where handled_at is null and failed_at is null)
        + (select count(*) from outbox where posted_ts is null and failed_at is null and lane not like 'held:%')
        + (select count(*) from graphile_worker._private_jobs where run_at <= now() and attempts < max_attempts) as n`);
      return Number(rows[0]?.n) === 0;
    }, 'the queue and the outbox are empty');
  };

  /** Waits for a DM to the person with this text. @returns the newest such one */
  const dm = (person: string, ...texts: string[]): Promise<LocalMessage> =>
    until(
      async () => (await slack.dms(person)).findLast((m) => texts.every((t) => shows(m).includes(t))),
      `a DM with ${texts.join(' and ')}`,
    );

  /** Does something that is answered by DM. @returns the first new DM */
  const dmAfter = async (person: string, act: () => Promise<unknown>): Promise<LocalMessage> => {
    const before = (await slack.dms(person)).length;
    await act();
    return until(async () => (await slack.dms(person))[before], `a new DM to ${nameOf(person)}`);
  };

  /** Presses a button of a message, by its action (without `release_`) and a part of its label. @returns the private answer */
  const press = async (person: string, channel: string, ts: string, action: string, label = ''): Promise<string> => {
    const fits = (b: Button) => b.action_id === `release_${action}` && (b.text?.text ?? '').includes(label);
    const button = await until(
      async () => (await slack.buttons(channel, ts)).find(fits),
      `a button ${action} ${label}`,
    );
    return pressAs(person, channel, ts, button);
  };

  /** Presses a button that opens a form. */
  const tap = async (person: string, channel: string, ts: string, action: string): Promise<void> => {
    const wanted = `release_${action}`;
    await until(
      async () => (await slack.buttons(channel, ts)).some((b) => b.action_id === wanted),
      `a button ${action}`,
    );
    await slack.click(person, channel, ts, wanted);
  };

  /** Presses a button that may not be there any more. @returns the private answer */
  const pressAs = async (person: string, channel: string, ts: string, button: Partial<Button>): Promise<string> => {
    const before = (await slack.answers(person, channel)).length;
    await slack.clickStale(person, channel, ts, { type: 'button', block_id: 'x', action_id: '', ...button });
    return answered(person, channel, before, String(button.action_id));
  };

  /** Presses the button of a DM. @returns the private answer */
  const pressDm = async (person: string, message: LocalMessage, action: string): Promise<string> =>
    press(person, (await slack.channelOfDm(person)) ?? '', message.ts, action);

  /** Everything that is kept about releases, tests, bugs, funds and threads, as one text; the times of reads aside. Equal texts: nothing was changed. */
  const everything = async (): Promise<string> => {
    const { rows } = await db.execute(sql`select
      (select json_agg(to_jsonb(r) - 'reconciled_at' - 'reconciled_gate' - 'reconciled_as' order by id) from releases r) as releases,
      (select json_agg(c order by id) from candidates c) as candidates,
      (select json_agg(p order by release_id, stage, person) from presences p) as presences,
      (select json_agg(s order by id) from sign_offs s) as sign_offs,
      (select json_agg(h order by id) from holds h) as holds,
      (select json_agg(c order by channel, ts, person, road) from claims c) as claims,
      (select json_agg(b order by id) from bugs b) as bugs,
      (select json_agg(p order by id) from prod_issues p) as prod_issues,
      (select json_agg(n order by id) from notes n) as notes,
      (select json_agg(c order by note_id, position) from note_checks c) as note_checks,
      (select json_agg(c order by run_id, case_id) from run_cases c) as run_cases,
      (select json_agg(c order by id) from case_results c) as case_results,
      (select json_agg(f order by release_id, flag) from release_flags f) as release_flags,
      (select json_agg(f order by id) from fund_requests f) as fund_requests,
      (select json_agg(p order by tx_id, line) from postings p) as postings,
      (select json_agg(s order by tx_id) from spends s) as spends,
      (select count(*) from chain_transactions) as chain_transactions,
      (select json_agg(a order by id) from regression_assignments a) as regression,
      (select json_agg(a order by id) from absences a) as absences,
      (select count(*) from threads) as threads,
      (select count(*) from outbox) as outbox,
      (select count(*) from audit_events) as audit_events`);
    return JSON.stringify(rows[0]);
  };

  /** One release as people and the database see it. Waits until its card is posted. */
  const release = async (id: number) => {
    const found = await until(async () => {
      const { rows } = await db.execute<{ root_ts: string; product: string; version: string }>(
        sql`select root_ts, product, version from threads t join releases r on r.thread_id = t.id where r.id = ${id} and root_ts is not null`,
      );
      return rows[0];
    }, `the card of REL-${id}`);
    const ts = found.root_ts;
    const name = `${found.product} ${found.version}`;
    const one = async <T>(query: ReturnType<typeof sql>): Promise<T> => (await db.execute(query)).rows as T;
    const thread = async () => (await conversation(ts)).filter((m) => m.ts !== ts);
    const root = async () => (await conversation(ts)).find((m) => m.ts === ts) ?? { ts, channel: releases, text: '' };
    return {
      id,
      ts,
      name,
      product: found.product,
      version: found.version,
      state: async () =>
        (await one<{ state: string }[]>(sql`select state from releases where id = ${id}`))[0]?.state ?? '',
      /** Who has a sign-off that is not taken back, on whichever candidate: `ana@bbbbbbb`. */
      signOffs: async (stage = 'candidate') => {
        const rows = await one<{ person: string; commit: string }[]>(
          sql`select person, commit from sign_offs s join candidates c on c.id = candidate_id
            where s.release_id = ${id} and stage = ${stage} and retracted_at is null and late_at is null order by person`,
        );
        return rows.map((r) => `${nameOf(r.person)}@${r.commit.slice(0, 7)}`);
      },
      here: async (stage = 'candidate') => {
        const rows = await one<{ person: string }[]>(
          sql`select person from presences where release_id = ${id} and stage = ${stage} and left_at is null order by person`,
        );
        return rows.map((r) => nameOf(r.person));
      },
      holds: () =>
        one<{ id: string; person: string; reason: string | null }[]>(
          sql`select id, person, reason from holds where release_id = ${id} and lifted_at is null order by id`,
        ),
      audit: async () =>
        (
          await one<{ verb: string }[]>(sql`select verb from audit_events where subject = ${`REL-${id}`} order by id`)
        ).map((r) => r.verb),
      thread,
      /** How many of the thread's messages have this text. */
      count: async (text: string) => (await thread()).filter((m) => shows(m).includes(text)).length,
      /** Waits for the thread's message with this text, `times` of them. */
      line: (text: string, times = 1) =>
        until(async () => {
          const found = (await thread()).filter((m) => shows(m).includes(text));
          return found.length >= times && (found.at(-1) as LocalMessage);
        }, `${times} line(s) with "${text}" in ${name}`),
      card: async () => shows(await root()),
      /** Waits until the card shows this. */
      cardShows: (text: string) =>
        until(async () => shows(await root()).includes(text), `the card of ${name} to show "${text}"`),
      /** `/release <sub> <product> <version> <rest>` */
      command: (person: string, sub: string, rest = '') => command(person, `${sub} ${name} ${rest}`.trim()),
      press: (person: string, action: string, label = '') => press(person, releases, ts, action, label),
      /** An item of the menu behind the dots. */
      menu: async (person: string, item: string): Promise<string> => {
        const message = await root();
        const menus = (message.blocks ?? []).flatMap((b) => b.elements ?? []).filter((e) => e.type === 'overflow');
        const option = menus[0]?.options.find((o: { value: string }) => o.value.startsWith(`${item}:`));
        if (!option) throw new Error(`the menu has no ${item}`);
        return pressAs(person, releases, ts, {
          type: 'overflow',
          action_id: 'release_more',
          selected_option: option,
        } as never);
      },
      react: (person: string, emoji: string, present = true, on: string = ts) =>
        slack.react(person, releases, on, emoji, present),
      say: (person: string, text: string) => slack.say(person, releases, text, ts),
      edit: (person: string, messageTs: string, text: string) => slack.edit(person, releases, messageTs, text),
      remove: (person: string, messageTs: string) => slack.remove(person, releases, messageTs),
      /** Two operators say that they are here. */
      eyes: async (...people: string[]) => {
        for (const person of people.length ? people : [TEAM.ana, TEAM.ben]) await command(person, `ready ${name}`);
      },
      /** Opened, watched by two, signed off by them: approved. */
      approve: async (...people: string[]) => {
        const two = people.length ? people : [TEAM.ana, TEAM.ben];
        for (const person of two) await command(person, `ready ${name}`);
        for (const person of two) await command(person, `lgtm ${name}`);
      },
      /** As if the card had shown the newest candidate a minute ago: reactions and words are then not in doubt (R3). */
      shownLongAgo: async () => {
        await until(async () => {
          const { rowCount } = await db.execute(sql`update candidates set shown_at = now() - interval '1 minute'
            where release_id = ${id} and shown_at is not null and seq = (select max(seq) from candidates where release_id = ${id})`);
          return rowCount;
        }, `the card of ${name} to show its candidate`);
      },
      check: () =>
        until(
          async () => (await thread()).find((m) => m.text.startsWith('Production check')),
          `the production check of ${name}`,
        ),
    };
  };

  return { command, settled, dm, dmAfter, press, pressAs, pressDm, tap, everything, release };
}

/** A person's short name in the test team. */
export function nameOf(id: string): string {
  return Object.entries(TEAM).find(([, value]) => value === id)?.[0] ?? id;
}
