import { describe, expect, it } from 'vitest';
import { bugNeed, bugNeeds, type HomeBug } from '../../../src/areas/triage/home.ts';
import { prodNeed } from '../../../src/areas/triage/prod-home.ts';
import type { ProdIssue } from '../../../src/areas/triage/prod-types.ts';
import type { Bug } from '../../../src/areas/triage/types.ts';
import { aBug } from '../../support/bugs.ts';
import { ADA, BEN, MAX, minutes, NOBODY } from '../../support/facts.ts';

const ZONE = 'Europe/Lisbon';
const home = (over: Partial<Bug> = {}): HomeBug => ({
  bug: aBug({ owner: MAX.id, ...over }),
  url: 'https://slack.example/p7',
  fix: 'def5678aaaa',
  news: minutes(10),
});
const need = (over: Partial<Bug>, who = MAX, at = minutes(20)) => bugNeed(home(over), who, at, ZONE);

describe('what a blocker needs of one person (R23)', () => {
  it('its owner drives it, and is told when nothing was heard for four hours', () => {
    expect(need({})).toBe('your blocker is to be recreated and tried in production');
    expect(need({ state: 'confirmed' })).toBe('your blocker waits for its fix');
    expect(need({ state: 'confirmed' }, MAX, minutes(249))).not.toContain('no news');
    expect(need({ state: 'confirmed' }, MAX, minutes(250))).toContain('waits for its fix, no news since <!date^');
    expect(need({ state: 'fixing', owner: NOBODY.id }, NOBODY)).toBeNull();
    expect(need({ state: 'fixing', owner: NOBODY.id }, NOBODY, minutes(999))).toContain(
      'waits for its retest, no news',
    );
    expect(need({}, ADA)).toBeNull();
  });

  it('operators retest, and agree to what another one asked (R14)', () => {
    expect(need({ state: 'fixing' }, ADA)).toBe('retest it on `def5678`');
    expect(need({ state: 'fixing' }, NOBODY)).toBeNull();
    const asked = { askedFor: 'reject', askedBy: ADA.id } as const;
    expect(need(asked, BEN)).toBe(`<@${ADA.id}> asks to reject it: agree or decline`);
    expect(need(asked, ADA)).toBeNull();
    expect(need(asked, NOBODY)).toBeNull();
  });

  it('nothing of guests, of one that ended, or of one in triage', () => {
    expect(need({}, { ...MAX, standing: 'guest' })).toBeNull();
    expect(need({ endedAt: minutes(15) })).toBeNull();
    expect(need({ blocking: false })).toBeNull();
  });

  it('is a line with its link, in which a title mentions nobody', () => {
    const [line, ...rest] = bugNeeds([home({ title: '<!channel>' }), home({ owner: null })], MAX, minutes(20), ZONE);
    expect(line).toContain('<https://slack.example/p7|BUG-7> &lt;!channel&gt; — *your blocker');
    expect(rest).toEqual([]);
    expect(bugNeeds([{ ...home(), url: null }], MAX, minutes(20), ZONE)[0]).toContain('*BUG-7*');
  });
});

describe('what a prod issue needs of one person', () => {
  const issue = (state: ProdIssue['state']) =>
    ({ state, owner: 'UO', engineer: 'UE', communication: 'UC' }) as ProdIssue;
  it.each([
    ['declared', 'UO', 'users are hit, and you drive it'],
    ['mitigated', 'UO', 'mitigated: its cause is still there'],
    ['resolved', 'UO', 'its review is owed'],
    ['reviewed', 'UO', null],
    ['declared', 'UE', 'you are on its cause'],
    ['resolved', 'UE', null],
    ['declared', 'UC', 'tell users how it stands'],
    ['declared', 'UX', null],
  ] as const)('%s, %s: %s', (state, person, says) => {
    expect(prodNeed(issue(state), person)).toBe(says);
  });
});
