/**
 * Everything that happens by the clock. `zone` is whose time the cron line means. A run that was missed while nothing ran is
 * skipped: each of these does all that is due whenever it comes round next.
 */
export const SCHEDULES = [
  { name: 'seal', cron: '* * * * *', zone: 'utc', what: 'seal audit events into the chain' },
  { name: 'reconcile', cron: '*/5 * * * *', zone: 'utc', what: 'compare the threads of open releases with the claims' },
  { name: 'people', cron: '*/5 * * * *', zone: 'utc', what: 'refresh who is in the user groups' },
  { name: 'purge', cron: '30 3 * * *', zone: 'utc', what: 'delete old Slack events, causes and failed jobs' },
  { name: 'head', cron: '0 6 * * *', zone: 'team', what: "publish the audit chain's head to the admins" },
] as const;

export type ScheduleName = (typeof SCHEDULES)[number]['name'];
