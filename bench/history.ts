// Years of finished releases, written straight into the tables.
import pg from 'pg';

/**
 * Fills a migrated, empty database with `n` finished releases: each with its thread, two eyes, two sign-offs for either
 * stage, a card and a line in the outbox, ten audit events and their causes.
 */
export async function fillHistory(url: string, n: number): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const at = `now() - interval '30 days' - ((${n} - i) || ' minutes')::interval`;
  const each = `from generate_series(1, ${n}) i`;
  const ts = "(1600000000 + i) || '.000100'";
  try {
    for (const text of [
      `insert into threads (kind, title, responsible, channel, root_ts, opened_at)
         select 'release', 'release v0.' || i, 'U0MANAGER', 'C0RELEASES', ${ts}, ${at} ${each}`,
      `insert into releases (product, version, kind, state, thread_id, opened_by, opened_at, manager, acts, state_since,
           approved_at, shipping_at, shipped_at, done_at, ended_at)
         select 'p' || i % 100, 'v0.' || i, 'scheduled', 'done', i, 'U0MANAGER', ${at}, 'U0MANAGER', 10, ${at},
           ${at}, ${at}, ${at}, ${at}, ${at} ${each}`,
      `insert into candidates (release_id, seq, commit, named_by, named_at, shown_at)
         select i, 1, md5(i::text), 'U0MANAGER', ${at}, ${at} ${each}`,
      `insert into presences (release_id, stage, person, since, renewed_at)
         select i, stage, person, ${at}, ${at} ${each}, unnest(array['candidate', 'production']) stage,
           unnest(array['U0OP001', 'U0OP002']) person`,
      `insert into sign_offs (release_id, candidate_id, stage, person, road, given_at, act)
         select i, i, stage, person, 'reaction', ${at}, 5 ${each}, unnest(array['candidate', 'production']) stage,
           unnest(array['U0OP001', 'U0OP002']) person`,
      `insert into claims (channel, ts, person, road, release_id, present, event_ts, outcome, changed_at)
         select 'C0RELEASES', ${ts}, person, 'eyes', i, true, ${ts}, 'accepted', ${at} ${each},
           unnest(array['U0OP001', 'U0OP002']) person`,
      `insert into outbox (lane, role, thread_id, target, subject, text, created_at, attempts, posted_at, posted_ts, posted_channel)
         select 'thread:' || i, role, i, 'C0RELEASES', case role when 'card' then i end, 'release v0.' || i, ${at}, 1, ${at},
           case role when 'card' then ${ts} else (1600000000 + i) || '.000200' end, 'C0RELEASES'
         ${each}, unnest(array['card', 'line']) role`,
      `insert into causes (key, result, at) select 'event:old' || i || '-' || k, '{}', now() - interval '20 days'
         ${each}, generate_series(1, 10) k`,
      `insert into audit_events (actor, verb, subject, event_time, record_time, source, cause, data, canonical)
         select 'U0OP001', 'lgtm', 'REL-' || i, ${at}, ${at}, 'reaction', 'event:old' || i || '-' || k, '{}', '[]'
         ${each}, generate_series(1, 10) k`,
      // The hashes are made up: only their number matters here.
      `insert into audit_chain (position, event_id, previous, hash) select id, id, md5(id::text), md5(id::text) from audit_events`,
      'truncate audit_unsealed',
      'vacuum analyze',
    ])
      await client.query(text);
  } finally {
    await client.end();
  }
}
