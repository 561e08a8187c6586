import { mkdtemp } from 'node:fs/promises';
import { once } from 'node:events';
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { removeEmbedded, startEmbedded } from '../src/db/embedded.ts';
import { newDatabase, startSlack, writePolicy } from './stage.ts';
const variants: Record<string, string[]> = JSON.parse(process.argv[2]!);
const dir = await mkdtemp('/tmp/shipshape-bench-');
const server = await startEmbedded({ dir, log: () => {} });
const slack = await startSlack();
try {
  const policy = await writePolicy(dir);
  const db = await newDatabase(server.url, 'bench_mem');
  const run = async (args: string[]) => {
    const t = performance.now();
    const child = spawn(process.execPath, [...args, '--require', '/tmp/memhook.cjs', 'src/main.ts'], { cwd: process.cwd(), env: { ...process.env, DATABASE_URL: db, DATA_DIR: dir, SHIPSHAPE_CONFIG: policy, SLACK_BOT_TOKEN: slack.app.botToken, SLACK_APP_TOKEN: slack.app.appToken, SLACK_API_URL: slack.apiUrl, PORT: '0', LOG_LEVEL: 'info' }, stdio: ['ignore', 'pipe', 'pipe'] });
    let mem: (s: string) => void; const got = new Promise<string>((d) => { mem = d; });
    createInterface({ input: child.stderr! }).on('line', (l) => { if (l.startsWith('MEM ')) mem(l.slice(4)); });
    await new Promise<void>((d, f) => { createInterface({ input: child.stdout! }).on('line', (l) => l.includes('"msg":"ready"') && d()); child.once('exit', f); });
    const ready = performance.now() - t;
    await wait(3000);
    const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
    const mb = (k: string) => Math.round(Number(new RegExp(`^${k}:\\s+(\\d+)`, 'm').exec(status)![1]) * 1024 / 1e6);
    child.kill('SIGUSR2'); const m = await got;
    const ended = once(child, 'exit'); child.kill('SIGTERM'); await ended;
    return `ready ${Math.round(ready)} rss ${mb('VmRSS')} (anon ${mb('RssAnon')} file ${mb('RssFile')}) ${m}`;
  };
  await run(['--import', 'tsx']);
  for (let i = 0; i < 2; i++) for (const [n, a] of Object.entries(variants)) console.log(n, await run(a).catch((e) => `failed ${e}`));
} finally { await slack.stop(); await server.stop(); await removeEmbedded(dir); }
