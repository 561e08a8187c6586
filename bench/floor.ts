// The two contenders that show how fast a bot can be here at all. `floor`: a bare Bolt listener that updates the message
// reacted to. `row`: the same, after one row was written and committed.
import { App } from '@slack/bolt';
import pg from 'pg';

const [, , contender] = process.argv;
const { SLACK_BOT_TOKEN, SLACK_APP_TOKEN, SLACK_API_URL, DATABASE_URL } = process.env;

const pool = contender === 'row' ? new pg.Pool({ connectionString: DATABASE_URL }) : undefined;
await pool?.query('create table if not exists reactions (id bigserial primary key, ts text, person text, name text)');

const app = new App({
  token: SLACK_BOT_TOKEN,
  appToken: SLACK_APP_TOKEN,
  socketMode: true,
  clientOptions: { slackApiUrl: SLACK_API_URL },
  logLevel: 'error' as never,
});
let n = 0;
const listener = async ({ event, client }: { event: Reaction; client: typeof app.client }) => {
  const { channel, ts } = event.item;
  await pool?.query('insert into reactions (ts, person, name) values ($1, $2, $3)', [ts, event.user, event.reaction]);
  n += 1;
  await client.chat.update({ channel, ts, text: `reaction ${n}` });
};
interface Reaction {
  item: { channel: string; ts: string };
  user: string;
  reaction: string;
}
app.event('reaction_added', listener as never);
app.event('reaction_removed', listener as never);
await app.start();
console.log('"msg":"ready"');
process.on('SIGTERM', () => process.exit(0));
