// What an operator would look at in the end: health, the audit trail, the books, bugs and cards.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { program, ROOT } from '../test/support/program.ts';
import { until } from '../test/support/slack.ts';
import { allMessages } from './messages.ts';
import { formTaken } from './record.ts';
import type { Evidence } from './verdict.ts';

/** Milliseconds: events are sealed each minute, and one that a jump of the clock made old may wait for the next. */
const SEALED_WITHIN = 75_000;

export async function checkUpkeep(evidence: Evidence): Promise<string[]> {
  const { world } = evidence;
  const ready = world.berths.map(async ({ name, bot }) => {
    const ask = async () => {
      const answer = await fetch(`http://127.0.0.1:${bot?.port}/readyz`);
      return answer.ok || Promise.reject(new Error(await answer.text()));
    };
    return until(ask, 'ready', 10_000).then(
      () => [],
      (err: Error) => [`bot ${name} is not ready: ${err.message}`],
    );
  });
  const clis = [
    ['audit', 'verify'],
    ['ledger', 'verify'],
  ].map(async (words) => {
    const env = {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      DATABASE_URL: world.url,
      DATA_DIR: world.dir,
      SHIPSHAPE_CONFIG: world.policy,
    };
    const [node, ...main] = program('src/cli/main');
    const run = () =>
      promisify(execFile)(node, [...main, ...words], { cwd: ROOT, env }).catch(
        (err: { stdout?: string; message: string }) => Promise.reject(new Error(`${err.stdout ?? ''} ${err.message}`)),
      );
    return until(run, 'nothing to be found', SEALED_WITHIN).then(
      () => [],
      (err: Error) => [`shipshape ${words.join(' ')}: ${err.message}`],
    );
  });
  return (await Promise.all([...ready, ...clis, bugs(evidence)])).flat();
}

/** R13: each bug that was reported has one card; a release with an open blocker is not approved. */
async function bugs({ world, deeds }: Evidence): Promise<string[]> {
  const messages = await allMessages(world.slack.url);
  const wrong: string[] = [];
  for (const deed of deeds.filter((d) => d.what === 'bug')) {
    const title = deed.text ?? '';
    const cards = messages.filter(
      (m) => m.bot_id && !m.thread_ts && /^BUG-\d+ \(/.test(m.text) && m.text.includes(title),
    );
    if (formTaken(deed) && cards.length !== 1)
      wrong.push(`the bug "${title}" was taken, and has ${cards.length} cards`);
    if (cards.length > 1) wrong.push(`the bug "${title}" has ${cards.length} cards`);
  }
  for (const card of messages.filter((m) => /^release .*: approved$/.test(m.text)))
    if (JSON.stringify(card.blocks).includes(':no_entry: *Blocking*'))
      wrong.push(`${card.text} though a blocker is open`);
  return wrong;
}
