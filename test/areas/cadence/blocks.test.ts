import { describe, expect, it } from 'vitest';
import { slotCard } from '../../../src/areas/cadence/blocks.ts';
import { freezeForm } from '../../../src/areas/cadence/forms.ts';
import {
  cadenceLines,
  dutySays,
  frozenSays,
  homeLines,
  keptSays,
  thawedSays,
} from '../../../src/areas/cadence/lines.ts';
import type { ProposedProduct, SlotFacts } from '../../../src/areas/cadence/types.ts';
import type { Freeze, SlotRules } from '../../../src/base/slots.ts';
import { withinLimits } from '../../support/limits.ts';
import { TEAM } from '../../support/team.ts';

const at = (time: string) => new Date(`2027-03-01T${time}:00Z`);
const slot = { id: 5, local: '2027-03-01T10:00', at: at('10:00'), until: at('11:00'), proposedAt: at('08:30') };
const NOBODY_YET = { done: 0, late: 0, missed: 0, cancelled: 0 };
const freeze = (over: Partial<Freeze> = {}): Freeze => ({
  id: 3,
  product: null,
  startsAt: at('08:00'),
  endsAt: at('20:00'),
  reason: 'the <!channel> audit',
  setBy: 'U1',
  ...over,
});
const product = (over: Partial<ProposedProduct> = {}): ProposedProduct => ({
  product: 'web',
  name: 'Web <app>',
  outcome: 'planned',
  skippedBy: null,
  developAhead: null,
  release: null,
  before: null,
  blockers: [],
  freeze: null,
  ...over,
});
const open = {
  shown: '<https://x.test|web v1> (`abc1234`)',
  waits: ':mag: *Testing* — waits for one more sign-off',
  since: false,
};
const blocker = (id: number, url: string | null = null) => ({ id, title: `fee & <wrong> ${id}`, url });

function drawn(over: Partial<SlotFacts> = {}, now = at('09:00')) {
  const d = slotCard({ slot, products: [product()], duty: ['U1', 'U2'], ...over }, 'UTC', now);
  withinLimits(d.blocks as never, 50);
  return { ...d, all: JSON.stringify(d.blocks) };
}

describe("a slot's message", () => {
  it('R9: names who is on duty and what is missing, with buttons that open the release or say that nothing goes out', () => {
    const d = drawn();
    expect(d.text).toBe('Slot 2027-03-01 10:00: 0 of 1 release open');
    for (const part of [
      '*On duty:* <@U1>, <@U2>',
      '*Web &lt;app&gt;* — no release is open',
      'SLOT-5',
      'Scheduled releases ship',
    ])
      expect(d.all).toContain(part);
    expect(d.all).toContain('"action_id":"cadence_open"');
    expect(d.all).toContain('"value":"5:web"');
    expect(drawn({ duty: [] }).all).toContain('*On duty:* nobody');
  });

  it('R9: shows the release and what it waits for, its blockers, and how far develop is ahead', () => {
    const d = drawn({ products: [product({ release: open, blockers: [blocker(1), blocker(2, 'https://x.test/2')] })] });
    for (const part of ['— planned', 'one more sign-off', 'BUG-1 fee &amp; &lt;wrong&gt; 1', '<https://x.test/2|'])
      expect(d.all).toContain(part);
    expect(d.all).not.toContain('cadence_open');
    const four = [1, 2, 3, 4].map((id) => blocker(id));
    expect(drawn({ products: [product({ blockers: four })] }).all).toContain('and 1 more');
    expect(drawn({ products: [product({ developAhead: 1 })] }).all).toContain('1 commit ahead');
    expect(drawn({ products: [product({ developAhead: 7 })] }).all).toContain('7 commits ahead');
    expect(drawn({ products: [product({ developAhead: 0 })] }).all).toContain('nothing that production lacks');
    expect(drawn({ products: [product({ developAhead: 7, release: open })] }).all).not.toContain('ahead');
  });

  it('R9: a release that was opened when the slot had begun is for the next one: nothing goes out is offered, and said', () => {
    const next = { ...open, since: true };
    const offered = drawn({ products: [product({ release: next })] }, at('10:15'));
    expect(offered.all).toContain('— planned');
    expect(offered.all).toContain('cadence_skip');
    expect(offered.all).not.toContain('cadence_open');
    const said = drawn({ products: [product({ release: next, skippedBy: 'U3' })] }, at('10:15'));
    expect(said.all).toContain('nothing goes out, says <@U3>');
    expect(said.all).not.toContain('cadence_');
    expect(drawn({ products: [product({ release: next, freeze: freeze() })] }).all).not.toContain('cadence_');
    expect(drawn({ products: [product({ release: open, skippedBy: 'U3' })] }).all, 'opened before').toContain(
      '— planned',
    );
  });

  it('R9: offers only what makes sense when it is frozen, skipped or over', () => {
    const frozen = drawn({ products: [product({ freeze: freeze() })] });
    expect(frozen.all).toContain(':snowflake: frozen: the &lt;!channel&gt; audit');
    expect(frozen.all).not.toContain('cadence_skip');
    const skipped = drawn({ products: [product({ skippedBy: 'U3' })] });
    expect(skipped.all).toContain('nothing goes out, says <@U3>');
    expect(skipped.all).not.toContain('cadence_skip');
    const over = drawn({}, at('11:01'));
    expect(over.all).toContain('It was open');
    expect(over.all).not.toContain('cadence_');
    for (const [outcome, says] of [
      ['done', 'went out in its slot'],
      ['late', 'went out later'],
      ['missed', 'missed'],
      ['cancelled', 'cancelled'],
    ] as const) {
      const ended = drawn({ products: [product({ outcome, release: outcome === 'done' ? open : null })] });
      expect(ended.all).toContain(says);
      expect(ended.all).not.toContain('one more sign-off');
    }
  });

  it('stays within what Slack takes, however many products and however long their words', () => {
    const long = { shown: 'x'.repeat(2000), waits: 'y'.repeat(2000), since: true };
    const many = Array.from({ length: 60 }, (_, i) =>
      product({
        product: `p${i}`,
        name: 'N'.repeat(100),
        blockers: [1, 2, 3, 4].map((id) => blocker(id)),
        ...(i % 2 && { release: long }),
      }),
    );
    expect(drawn({ products: many }).text).toContain('30 of 60 releases open');
  });
});

describe('lines', () => {
  const rules: SlotRules = {
    zone: 'UTC',
    holidays: [],
    cadence: { slots: [600, 900], days: [1, 2, 3, 4, 5], graceMinutes: 60, proposeMinutesBefore: 90 },
  };

  it('R9: a freeze and its end are told with reason and how to end it', () => {
    expect(frozenSays(freeze(), 'UTC', at('09:00'))).toMatch(
      /all releases until .*&lt;!channel&gt; audit[\s\S]*thaw FRZ-3/,
    );
    expect(frozenSays(freeze({ product: 'web' }), 'UTC', at('07:00'))).toMatch(/releases of web from .* until/);
    expect(thawedSays(freeze(), 'U2')).toContain('says <@U2>');
    expect(dutySays([])).toBe('nobody');
  });

  it('R9: the cadence line says the slot, how it was kept, and the freezes', () => {
    const lines = (freezes: Freeze[], time: string, r = rules) => cadenceLines(r, freezes, 'web', NOBODY_YET, at(time));
    expect(lines([], '09:00')).toEqual([
      expect.stringMatching(/Cadence\* · next slot .* · last 7 days: 0 of 0 slots kept$/),
    ]);
    expect(lines([], '10:30')[0]).toContain('a slot is open until');
    expect(cadenceLines(rules, [], null, NOBODY_YET, at('09:00'))[0]).toContain('next slot');
    const years = freeze({ endsAt: new Date('2029-01-01T00:00Z') });
    expect(lines([years], '09:00')).toEqual([
      expect.stringContaining('no next slot'),
      expect.stringContaining('FRZ-3'),
    ]);
    expect(lines([], '09:00', { ...rules, cadence: null })).toEqual([]);
    const ten = Array.from({ length: 10 }, (_, i) => freeze({ id: i + 1 }));
    expect(lines(ten, '09:00').at(-1)).toBe('… and 2 more freezes');
    expect(keptSays({ done: 1, late: 0, missed: 0, cancelled: 0 })).toBe('1 of 1 slot kept');
    expect(keptSays({ done: 7, late: 1, missed: 1, cancelled: 2 })).toBe(
      '7 of 9 slots kept, 1 late, 1 missed, 2 cancelled',
    );
  });

  it('the App Home says who is on duty, the slot and freezes that hold', () => {
    const said = (duty: string[] | null, freezes: Freeze[], time: string, products = ['web']) =>
      homeLines(rules, freezes, products, duty, 'U1', at(time));
    expect(said(['U1'], [], '09:00')[0]).toBe('On duty today: <@U1> — *you are on duty*');
    expect(said(['U2'], [], '09:00')[0]).toBe('On duty today: <@U2>');
    expect(said(null, [], '09:00')).toEqual([expect.stringContaining('Next slot')]);
    expect(said(null, [], '10:30', ['web', 'app'])).toEqual([expect.stringContaining('A slot is open')]);
    expect(said(null, [freeze(), freeze({ id: 4, startsAt: at('12:00') })], '09:00')).toEqual([
      expect.stringContaining('Next slot'),
      expect.stringContaining('FRZ-3'),
    ]);
    const off = { ...rules, cadence: null };
    expect(homeLines(off, [], ['web'], null, 'U1', at('09:00'))).toEqual([]);
  });

  it('the form asks for days and a reason, all products first', () => {
    const view = freezeForm(TEAM, { product: null, today: '2027-03-01' });
    withinLimits(view.blocks as never, 100);
    expect(JSON.stringify(view)).toContain('"initial_option":{"text":{"type":"plain_text","text":"All products"');
    expect(JSON.stringify(freezeForm(TEAM, { product: 'site', today: '2027-03-01', reason: 'r' }))).toContain(
      '"initial_value":"r"',
    );
  });
});
