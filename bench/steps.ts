// Where the time goes between a reaction and the changed card, as the bot's own process sees it.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Took } from '../src/base/steps.ts';
import { median } from './measure.ts';
import { onStage, type Setting } from './parts.ts';

export interface Steps {
  /** Medians in milliseconds, in the order of the way, of the reactions one by one and at 50 a second. */
  pieces: { what: string; alone: number; paced: number }[];
  /** How many reactions the medians are of. */
  n: { alone: number; paced: number };
  /** The whole way as the page of the local Slack saw it. */
  shown: { alone: number; paced: number };
  /** Statements and calls beside the way are in here too: processor time of the bot per event. */
  cpu: { alone: number; paced: number };
}

/** One reaction's steps; absent where its way was another, for example when two changes were shown together. */
interface Way {
  store: Took;
  event: Took;
  transaction: Took;
  card: Took;
  draw: Took;
  update: Took;
}

const PIECES: { what: string; of: (way: Way) => number }[] = [
  { what: 'the event is stored', of: ({ store }) => store.end - store.start },
  { what: 'it is picked up', of: ({ store, event }) => Math.max(0, event.start - store.end) },
  { what: 'who did what to which release is read', of: ({ event, transaction }) => transaction.start - event.start },
  { what: "the action's transaction, to its commit", of: ({ transaction }) => transaction.end - transaction.start },
  { what: "the card's job is picked up", of: ({ transaction, card }) => Math.max(0, card.start - transaction.end) },
  { what: 'it gets its lock and its row', of: ({ card, draw }) => draw.start - card.start },
  { what: 'the release is read, the card drawn', of: ({ draw }) => draw.end - draw.start },
  { what: '`chat.update`', of: ({ update }) => update.end - update.start },
  { what: 'from the first to the last of these', of: ({ store, update }) => update.end - store.start },
];

/** 300 reactions one by one and 500 at 50 a second, with every step of the bot noted. */
export async function steps(s: Setting): Promise<Steps> {
  const file = join(s.dataDir, 'steps.json');
  const work = async (load: Parameters<Parameters<typeof onStage>[2]>[0]) => {
    const cpu = [cpuMs(load.on.process.pid)];
    const alone = await load.oneByOne(300);
    cpu.push(cpuMs(load.on.process.pid));
    const pacedAt = performance.timeOrigin + performance.now();
    const paced = await load.atPace(50, 10);
    cpu.push(cpuMs(load.on.process.pid));
    const [a, b, c] = (await Promise.all(cpu)) as [number, number, number];
    // 30 more go before those that are counted.
    return {
      pacedAt,
      shown: { alone: alone.shown.p50, paced: paced.shown.p50 },
      cpu: { alone: (b - a) / 330, paced: (c - b) / 500 },
    };
  };
  const { pacedAt, ...seen } = await onStage(s, 'shipshape', work, { steps: file });
  const ways = waysOf(JSON.parse(await readFile(file, 'utf8')) as Took[]);
  const alone = ways.filter(({ store }) => store.start < pacedAt);
  const paced = ways.filter(({ store }) => store.start >= pacedAt);
  const pieces = PIECES.map(({ what, of }) => ({ what, alone: median(alone.map(of)), paced: median(paced.map(of)) }));
  return { pieces, n: { alone: alone.length, paced: paced.length }, ...seen };
}

function waysOf(all: readonly Took[]): Way[] {
  const byReq = new Map<string, Took[]>();
  for (const took of all) if (took.req) byReq.set(took.req, [...(byReq.get(took.req) ?? []), took]);
  return [...byReq.values()].flatMap((mine) => {
    const find = (step: Took['step'], what?: string) => mine.find((one) => one.step === step && one.what === what);
    const way = {
      store: find('store'),
      event: find('job', 'event'),
      transaction: find('transaction'),
      card: find('job', 'card'),
      draw: find('draw'),
      update: find('call', 'chat.update'),
    };
    return Object.values(way).every(Boolean) ? [way as Way] : [];
  });
}

/** Processor time a process has used, in milliseconds. Linux only, where a tick is 10 ms. */
async function cpuMs(pid: number): Promise<number> {
  const fields = (await readFile(`/proc/${pid}/stat`, 'utf8')).replace(/^.*\) /, '').split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}
