import { sql } from 'drizzle-orm';
import type { Deps } from '../../src/areas/testing/actions.ts';
import type { Spec, SpecCase, Specs } from '../../src/areas/testing/types.ts';
import type { Actor } from '../../src/base/actor.ts';
import type { Policy } from '../../src/base/policy.ts';
import type { Cause } from '../../src/db/act.ts';
import type { Db } from '../../src/db/client.ts';
import { threads } from '../../src/db/schema/core.ts';
import { candidates, presences, releases } from '../../src/db/schema/releases.ts';
import { parsePolicy } from '../../src/policy.ts';

export const NOW = new Date('2026-03-02T09:00:00Z');

export const TEST_POLICY: Policy = parsePolicy(
  `
workspace: { team_id: T0123ABC, channels: { releases: C0RELEASES, admins: C0ADMINS } }
team: { zone: Europe/Berlin, hours: { start: "09:00", end: "17:30" } }
roles: { operators: { users: [U0AAAA, U0BBBB] }, admins: { users: [U0CCCC] } }
products: [{ key: web, name: Web app }]
`,
  'p.yml',
);

export function testDeps(db: Db, over: Partial<Deps> = {}): Deps {
  return { db, policy: TEST_POLICY, clock: () => NOW, ...over };
}

/** An operator with nothing to do with the changes. */
export function operator(id: string): Actor {
  return { id, roles: new Set(['operator']), standing: 'member' };
}

let causes = 0;
export function aCause(actor: string, over: Partial<Cause> = {}): Cause {
  return { key: `test:${causes++}`, source: 'button', actor, eventTime: NOW, ...over };
}

export function aSpecCase(id: string, over: Partial<SpecCase> = {}): SpecCase {
  return {
    id,
    title: `Title of ${id}`,
    steps: ['Do this', 'Do that'],
    expected: 'It works',
    area: { wallet: 'native', feature: 'send' },
    environments: ['candidate'],
    needsFunds: false,
    required: true,
    passesRequired: 1,
    ...over,
  };
}

export function aSpec(cases: SpecCase[], product = 'web'): Specs {
  const spec: Spec = { product, cases, hash: 'h' };
  return new Map([[product, spec]]);
}

/** A release in `state` with one candidate, a posted thread, and these people here at both stages. @returns its id */
export async function aReleaseIn(
  db: Db,
  state: 'waiting' | 'testing' | 'approved' | 'verifying' | 'cancelled',
  here: readonly string[],
  over: Partial<typeof releases.$inferInsert> = {},
): Promise<number> {
  const { product = 'web', version = 'v1.0.0' } = over;
  const thread = {
    kind: 'release',
    title: version,
    responsible: 'UMAX',
    channel: 'C0RELEASES',
    rootTs: `${version}.${Math.random()}`,
  };
  const [t] = await db.insert(threads).values(thread).returning({ id: threads.id });
  const base = {
    product,
    version,
    kind: 'scheduled' as const,
    state,
    openedBy: 'UMAX',
    openedAt: NOW,
    manager: 'UMAX',
    stateSince: NOW,
  };
  const [r] = await db
    .insert(releases)
    .values({ ...base, ...over, threadId: t?.id as number })
    .returning({ id: releases.id });
  const releaseId = r?.id as number;
  await newCandidate(db, releaseId, 'abc1234');
  for (const stage of ['candidate', 'production'] as const) {
    for (const person of here) {
      await db.insert(presences).values({ releaseId, stage, person, since: NOW, renewedAt: NOW });
    }
  }
  return releaseId;
}

/** Names a newer candidate. */
export async function newCandidate(db: Db, releaseId: number, commit: string): Promise<void> {
  const seq = sql`(select coalesce(max(seq), 0) + 1 from candidates where release_id = ${releaseId})`;
  await db.insert(candidates).values({ releaseId, seq, commit, namedBy: 'UMAX', namedAt: NOW });
}
