import type { Schedule } from '../base/schedule.ts';

/**
 * Everything that happens by the clock. To add to it: a row here, a function of the same name in src/jobs/beats.ts.
 * `graceMinutes: 1` where every occurrence does all that is due: after an hour's outage one is enough.
 */
export const SCHEDULES: readonly Schedule[] = [
  {
    name: 'seal',
    cron: ['* * * * *'],
    zone: 'utc',
    what: 'seal audit events into the chain',
    afterOutage: 'once',
    graceMinutes: 1,
  },
  {
    name: 'reconcile',
    cron: ['*/5 * * * *'],
    zone: 'utc',
    what: 'compare the threads of releases that are open, or ended just now, with the claims',
    afterOutage: 'once',
    graceMinutes: 1,
  },
  {
    name: 'people',
    cron: ['*/5 * * * *'],
    zone: 'utc',
    what: 'refresh who is in the user groups',
    afterOutage: 'once',
    graceMinutes: 1,
  },
  {
    name: 'lanes',
    cron: ['* * * * *'],
    zone: 'utc',
    what: 'see that messages that wait have a job that posts them',
    afterOutage: 'once',
    graceMinutes: 1,
  },
  {
    name: 'purge',
    cron: ['30 3 * * *'],
    zone: 'utc',
    what: 'delete old Slack events, causes and failed jobs',
    afterOutage: 'once',
  },
  {
    name: 'head',
    cron: ['0 6 * * *'],
    zone: 'team',
    what: "publish the audit chain's head to the admins",
    afterOutage: 'once',
  },
  {
    name: 'slots',
    cron: ['* * * * *'],
    zone: 'utc',
    what: 'propose the slots of the cadence that are near, settle those that are over',
    // One that passed meanwhile is not proposed any more; what became of it is written down.
    afterOutage: 'once',
    graceMinutes: 1,
  },
  {
    name: 'reminders',
    cron: ['*/15 * * * *'],
    zone: 'utc',
    what: 'send the reminders that are due',
    afterOutage: 'once',
    graceMinutes: 1,
  },
  {
    name: 'sheets',
    cron: ['*/15 * * * *'],
    zone: 'utc',
    what: 'bring the sheets up to date, and undo what was changed in them by hand',
    afterOutage: 'once',
    graceMinutes: 1,
  },
  {
    name: 'daily',
    cron: ['0 9 * * *'],
    zone: 'team',
    days: 'working',
    what: 'post the daily line in #releases',
    afterOutage: 'skip',
    // Later on the same day it is still of use.
    graceMinutes: 480,
  },
  {
    name: 'regression',
    cron: ['30 8 * * *'],
    zone: 'team',
    days: 'working',
    what: 'keep the regression calendar: what was missed, changed testers, the next month, the coverage of the last',
    afterOutage: 'once',
  },
  {
    name: 'weekly',
    cron: ['5 9 * * *'],
    zone: 'team',
    days: 'working',
    what: 'post the line of the week before in #releases, on the first working day of a week',
    afterOutage: 'skip',
    graceMinutes: 480,
  },
];
