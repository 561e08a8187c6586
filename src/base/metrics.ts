import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** What the gauges read, asked anew at every scrape. */
export type MetricSources = {
  /** Open releases by state. */
  releasesOpen: () => Promise<Record<string, number>>;
  /** Different people who used a command in the last 7 days. */
  commandPeople: () => Promise<number>;
  /** Stored events that failed for good. */
  deadEvents: () => Promise<number>;
  /** How many seconds the longest-waiting schedule has been due; 0 when none is. */
  schedulesOverdue: () => Promise<number>;
};

export type Metrics = ReturnType<typeof makeMetrics>;

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/**
 * A registry of its own with everything Shipshape measures (durations in seconds, names `shipshape_…`) beside the
 * usual `process_…` and `nodejs_…`. A gauge is there only when its source is given. A source that fails leaves its
 * gauge empty: a scrape works while the database is away.
 */
export function makeMetrics(sources: Partial<MetricSources> = {}) {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const counter = <L extends string>(name: string, help: string, labelNames: readonly L[]) =>
    new Counter({ name: `shipshape_${name}`, help, labelNames, registers: [registry] });
  const seconds = <L extends string>(name: string, help: string, labelNames: readonly L[]) =>
    new Histogram({ name: `shipshape_${name}`, help, labelNames, buckets: SECONDS, registers: [registry] });

  const { releasesOpen, commandPeople, deadEvents, schedulesOverdue } = sources;
  if (releasesOpen) {
    gauge(registry, 'releases_open', 'Open releases by state', ['state'], async (set) => {
      for (const [state, count] of Object.entries(await releasesOpen())) set({ state }, count);
    });
  }
  if (commandPeople) {
    gauge(registry, 'command_people', 'Different people who used a command in the last 7 days', [], async (set) =>
      set({}, await commandPeople()),
    );
  }
  if (deadEvents) {
    gauge(registry, 'dead_events', 'Stored events that failed for good', [], async (set) =>
      set({}, await deadEvents()),
    );
  }
  if (schedulesOverdue) {
    gauge(
      registry,
      'schedules_overdue_seconds',
      'How long the longest-waiting schedule has been due',
      [],
      async (set) => set({}, await schedulesOverdue()),
    );
  }

  return {
    registry,
    /** `result`: stored, duplicate, ignored, not_stored, refused_signature. */
    slackEvents: counter('slack_events_total', 'Events received from Slack', ['type', 'result']),
    eventsHandled: counter('events_handled_total', 'Stored events handled', ['type', 'result']),
    jobDuration: seconds('job_duration_seconds', 'How long a job ran', ['task']),
    /** `step`: see base/steps.ts. Jobs and calls to Slack have histograms of their own. */
    stepDuration: seconds('step_duration_seconds', 'How long a step of an event took', ['step']),
    jobLag: seconds('job_lag_seconds', 'How long a job was due before it started', ['task']),
    slackCallDuration: seconds('slack_call_duration_seconds', 'How long a call to Slack took', ['method']),
    slackCallErrors: counter('slack_call_errors_total', 'Calls to Slack that failed', ['method', 'code']),
    slackRateLimited: counter('slack_rate_limited_total', 'Calls Slack answered with 429', ['method']),
    commands: counter('commands_total', 'Commands used', ['command', 'subcommand', 'outcome']),
    /** `late`: yes when it made up for an outage. */
    scheduleRuns: counter('schedule_runs_total', 'Occurrences of schedules that were done', ['schedule', 'late']),
    scheduleLag: seconds('schedule_lag_seconds', 'How long an occurrence was due before it was done', ['schedule']),
    cardUpdates: counter('card_updates_total', 'Cards drawn again in Slack', []),
  };
}

type SetGauge = (labels: Record<string, string>, value: number) => void;

function gauge(
  registry: Registry,
  name: string,
  help: string,
  labelNames: string[],
  read: (set: SetGauge) => Promise<void>,
): void {
  new Gauge({
    name: `shipshape_${name}`,
    help,
    labelNames,
    registers: [registry],
    async collect() {
      this.reset();
      const found: [Record<string, string>, number][] = [];
      try {
        await read((labels, value) => found.push([labels, value]));
      } catch {
        this.remove({});
        return;
      }
      for (const [labels, value] of found) this.set(labels, value);
    },
  });
}
