import { act, gateNews } from '../../src/areas/releases/actions.ts';
import type { ReleaseAnswer } from '../../src/areas/releases/answers.ts';
import { readAs } from '../../src/areas/releases/meanings.ts';
import { open } from '../../src/areas/releases/open.ts';
import type { Opening } from '../../src/areas/releases/opening.ts';
import { loadFacts } from '../../src/areas/releases/store.ts';
import type { Act, Facts } from '../../src/areas/releases/types.ts';
import type { Actor } from '../../src/base/actor.ts';
import type { Policy } from '../../src/base/policy.ts';
import type { Cause } from '../../src/db/act.ts';
import type { Db } from '../../src/db/client.ts';
import { ADMIN, BEN, ENG, EVE, MAX, T0 } from './facts.ts';

/** The policy of the people in facts.ts: one product, every road open. */
export const TEAM: Policy = {
  workspace: { teamId: 'T01SHIP', channels: { releases: 'CREL', admins: 'CADMINS' } },
  team: { zone: 'Europe/Lisbon', hours: { start: 540, end: 1080 }, holidays: [] },
  roles: {
    operators: { users: ['UADA', BEN.id, 'UCAS', MAX.id, EVE.id] },
    engineers: { users: [MAX.id, EVE.id, ENG.id] },
    product: { users: [] },
    treasurers: { users: [] },
    admins: { users: [ADMIN.id] },
  },
  products: [
    {
      key: 'wallet',
      name: 'Wallet',
      repo: 'example/wallet',
      branches: { develop: 'develop', production: 'main' },
      environments: { candidate: 'https://staging.example.com', production: 'https://app.example.com' },
      keyFeatures: [],
      labels: { flag: 'flag:', test: 'needs-test' },
    },
    {
      key: 'site',
      name: 'Site',
      branches: { develop: 'develop', production: 'main' },
      environments: {},
      keyFeatures: [],
      labels: { flag: 'flag:', test: 'needs-test' },
    },
  ],
  review: { separationOfDuties: true, eyesExpireAfterMinutes: 240, emergencyShipOnOne: true },
  github: { people: new Map() },
  testing: { specs: './specs', ciGates: false },
  issues: { definitionOfDone: ['Merged', 'Tested'] },
  reactions: { eyes: ['eyes'], lgtm: ['lgtm'], hold: ['octagonal_sign'], bug: ['bug'], rocket: ['rocket'] },
};

export function anOpening(over: Partial<Opening> = {}): Opening {
  return {
    product: 'wallet',
    version: 'v1.2.3',
    commit: 'abc1234',
    kind: 'scheduled',
    manager: MAX.id,
    opsOwner: null,
    productOwner: null,
    authors: [EVE.id],
    environmentUrl: null,
    changes: null,
    risks: null,
    flags: null,
    reason: null,
    prodIssue: null,
    ...over,
  };
}

let causes = 0;
/** A cause nobody has had yet. */
export function aCause(over: Partial<Cause> = {}): Cause {
  return { key: `test:${++causes}`, source: 'command', actor: 'UADA', eventTime: T0, ...over };
}

/** A team at work on a database: time is set by the test, and every act goes through the real actions. */
export function teamOn(db: Db, policy: Policy = TEAM) {
  let now = T0;
  let versions = 0;
  const clock = () => now;
  const deps = { db, policy, clock, gateNews: (product: string) => gateNews({ db, policy, clock }, product) };
  const facts = async (id: number): Promise<Facts> => {
    const f = await loadFacts(db, id);
    if (!f) throw new Error(`no release ${id}`);
    return f;
  };
  const act_ = async (id: number, actor: Actor, what: Act): Promise<ReleaseAnswer> => {
    const { answer } = await act(deps, aCause({ actor: actor.id }), actor, id, what);
    return answer;
  };
  return {
    deps,
    get now() {
      return now;
    },
    set now(at: Date) {
      now = at;
    },
    wait(minutes: number) {
      now = new Date(now.getTime() + minutes * 60_000);
    },
    facts,
    do: act_,
    /** Opens a release of a product of its own, so that tests do not meet. @returns its id */
    async open(over: Partial<Opening> = {}, actor: Actor = MAX): Promise<number> {
      versions++;
      const opening = anOpening({ product: `wallet${versions}`, version: `v1.0.${versions}`, ...over });
      const { answer } = await open(deps, aCause({ actor: actor.id }), actor, opening);
      if (answer.outcome !== 'accepted') throw new Error(answer.text);
      const { rows } = await db.execute<{ id: string }>('select max(id) as id from releases');
      return Number(rows[0]?.id);
    },
    /** What the flush job notes when Slack has taken the card: the thread begins at `ts`. */
    async posted(id: number, ts: string, role: 'card' | 'check' = 'card'): Promise<void> {
      await db.execute(`update outbox set posted_ts = '${ts}', posted_channel = 'CREL', posted_at = now(), attempted_at = now()
        where id = (select max(id) from outbox where subject = 'REL-${id}' and role = '${role}')`);
      if (role === 'card')
        await db.execute(
          `update threads set root_ts = '${ts}', url = 'https://slack.example.com/archives/CREL/p${ts.replace('.', '')}' where id = (select thread_id from releases where id = ${id})`,
        );
      await db.execute(
        `update candidates set shown_at = '${now.toISOString()}' where release_id = ${id} and shown_at is null`,
      );
    },
    /** What a complete reconcile notes. */
    async reconciled(id: number): Promise<void> {
      await db.execute(
        `update releases set reconciled_at = '${now.toISOString()}', reconciled_gate = gate_act, reconciled_as = '${readAs(policy)}' where id = ${id}`,
      );
    },
    /** Both are here and sign: approved. */
    async approve(id: number, a: Actor, b: Actor): Promise<void> {
      for (const who of [a, b]) await act_(id, who, { kind: 'ready' });
      for (const who of [a, b]) await act_(id, who, { kind: 'lgtm', road: 'button' });
    },
    /** The lines of a release's thread so far, in order. */
    async lines(id: number): Promise<string[]> {
      const { rows } = await db.execute<{ text: string }>(
        `select text from outbox where role = 'line' and thread_id = (select thread_id from releases where id = ${id}) order by id`,
      );
      return rows.map((row) => row.text);
    },
    /** DMs to one person so far. */
    async dms(person: string): Promise<string[]> {
      const { rows } = await db.execute<{ text: string }>(
        `select text from outbox where role = 'dm' and target = '${person}' order by id`,
      );
      return rows.map((row) => row.text);
    },
  };
}
export type Team = ReturnType<typeof teamOn>;
