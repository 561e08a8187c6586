import { expect, test } from 'vitest';
import { makeMetrics } from '../../src/base/metrics.ts';

test('everything counted and timed shows up under its name', async () => {
  const metrics = makeMetrics();
  metrics.slackEvents.inc({ type: 'reaction_added', result: 'stored' });
  metrics.eventsHandled.inc({ type: 'reaction_added', result: 'ok' });
  metrics.jobDuration.observe({ task: 'card' }, 0.02);
  metrics.jobLag.observe({ task: 'card' }, 0.003);
  metrics.slackCallDuration.observe({ method: 'chat.update' }, 0.1);
  metrics.slackCallErrors.inc({ method: 'chat.update', code: 'not_in_channel' });
  metrics.slackRateLimited.inc({ method: 'chat.update' });
  metrics.commands.inc({ command: '/release', subcommand: 'lgtm', outcome: 'refused' });
  metrics.cardUpdates.inc();
  const text = await metrics.registry.metrics();
  for (const line of [
    'shipshape_slack_events_total{type="reaction_added",result="stored"} 1',
    'shipshape_events_handled_total{type="reaction_added",result="ok"} 1',
    'shipshape_job_duration_seconds_bucket{le="0.025",task="card"} 1',
    'shipshape_job_lag_seconds_count{task="card"} 1',
    'shipshape_slack_call_duration_seconds_sum{method="chat.update"} 0.1',
    'shipshape_slack_call_errors_total{method="chat.update",code="not_in_channel"} 1',
    'shipshape_slack_rate_limited_total{method="chat.update"} 1',
    'shipshape_commands_total{command="/release",subcommand="lgtm",outcome="refused"} 1',
    'shipshape_card_updates_total 1',
  ])
    expect(text).toContain(line);
  expect(text).toContain('process_resident_memory_bytes');
  expect(text).not.toContain('shipshape_releases_open');
});

test('gauges ask their source at each scrape and forget what is gone', async () => {
  let open: Record<string, number> = { testing: 2, waiting: 1 };
  const { registry } = makeMetrics({
    releasesOpen: async () => open,
    commandPeople: async () => 7,
    deadEvents: async () => 0,
  });
  const first = await registry.metrics();
  expect(first).toContain('shipshape_releases_open{state="testing"} 2');
  expect(first).toContain('shipshape_command_people 7');
  expect(first).toContain('shipshape_dead_events 0');
  open = { waiting: 3 };
  const second = await registry.metrics();
  expect(second).toContain('shipshape_releases_open{state="waiting"} 3');
  expect(second).not.toContain('state="testing"');
});

test('a scrape works while a source fails, without claiming a number', async () => {
  let down = false;
  const fail = async () => {
    if (down) throw new Error('database away');
    return 4;
  };
  const { registry } = makeMetrics({ deadEvents: fail, releasesOpen: async () => ({ testing: await fail() }) });
  expect(await registry.metrics()).toContain('shipshape_dead_events 4');
  down = true;
  const text = await registry.metrics();
  expect(text).not.toMatch(/^shipshape_(dead_events|releases_open)[ {]/m);
  expect(text).toContain('process_resident_memory_bytes');
});
