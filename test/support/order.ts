import { BaseSequencer, type TestSpecification } from 'vitest/node';

/**
 * The files that take longest, the longest first: one that begins last runs alone at the end. A clone that has not run the tests yet knows nothing of
 * how long each takes.
 */
const LONG = [
  'e2e/kill',
  'bot/authorisation',
  'e2e/two-processes',
  'schedules/four-instances',
  'db/embedded',
  'e2e/schedules',
  'e2e/bad-input',
  'demo/month',
  'chaos/day',
  'e2e/funds',
  'e2e/bugs',
  'e2e/testing',
  'e2e/blocking-bugs',
  'e2e/home',
  'cli/audit',
  'e2e/prod-issues',
  'e2e/cadence',
].map((name) => `/test/${name}.test.ts`);

/** Those that share a process come last, one after the other: it ends when another kind comes between. Of each kind the long ones first. */
export class Order extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId, project }: TestSpecification): number => {
      const long = LONG.findIndex((name) => moduleId.endsWith(name));
      return (long < 0 ? LONG.length : long) + (project.config.isolate ? 0 : 1000);
    };
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b));
  }
}
