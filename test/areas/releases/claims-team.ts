// A team whose reactions are claims, on a database of the file that asks for it.
import { afterAll, beforeAll } from 'vitest';
import { sight } from '../../../src/areas/releases/claims.ts';
import type { Place, Sighting } from '../../../src/areas/releases/sightings.ts';
import type { Actor } from '../../../src/base/actor.ts';
import { claims } from '../../../src/db/schema/releases.ts';
import { freshDb, type TestDb } from '../../support/db.ts';
import { ADA, BEN, MAX, T0 } from '../../support/facts.ts';
import { aCause, type Team, teamOn } from '../../support/team.ts';

export let db: TestDb;
export let team: Team;
let roots = 100;

export function teamOnADatabase(): void {
  beforeAll(async () => {
    db = await freshDb();
    team = teamOn(db.db);
  });
  afterAll(() => db.close());
}

/** Slack's time, `seconds` after noon of the tests. */
export const at = (seconds: number) => `${T0.getTime() / 1000 + seconds}.000000`;

/** A release whose card is posted, with two people testing unless told otherwise. */
export async function tested(here: Actor[] = [ADA, BEN]) {
  team.now = T0;
  const id = await team.open();
  const root = `${++roots}.000001`;
  await team.posted(id, root);
  for (const who of here) await team.do(id, who, { kind: 'ready' });
  const see = (who: Actor, road: string, present: boolean, eventTs: string, place: Place = 'card', ts = root) => {
    const s: Sighting = { channel: 'CREL', ts, person: who.id, road, present, eventTs };
    return sight(team.deps, aCause({ actor: who.id, source: 'reaction' }), who, id, place, s);
  };
  const signed = async () => (await team.facts(id)).signOffs.filter((s) => !s.retractedAt).map((s) => s.person);
  return { id, root, see, signed };
}
export const claimsOf = async (id: number) => (await db.db.select().from(claims)).filter((c) => c.releaseId === id);

/** Up to the production check. */
export async function live() {
  const r = await tested();
  await r.see(ADA, 'lgtm', true, at(60));
  await r.see(BEN, 'lgtm', true, at(61));
  await team.reconciled(r.id);
  await team.do(r.id, MAX, { kind: 'ship' });
  await team.do(r.id, MAX, { kind: 'shipped' });
  const check = `${++roots}.000001`;
  await team.posted(r.id, check, 'check');
  return { ...r, check };
}
