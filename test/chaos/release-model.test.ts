import { describe, expect, it } from 'vitest';
import { follow } from '../../chaos/release-model.ts';

const [ANA, BEN, CEM, MAX] = ['U0OP1', 'U0OP2', 'U0OP3', 'U0EN1'];
const here = (who: string, n: number) => `:eyes: <@${who}> is here and testing (${n}/2)`;
const signs = (who: string, n: number, commit = 'abc1234') => `:+1: <@${who}> signed off \`${commit}\` (${n}/2)`;
const TESTING = '*Testing*: two sets of eyes are here.';
const approved = (...who: string[]) =>
  `:white_check_mark: *Approved*: \`abc1234\` signed off by ${who.map((one) => `<@${one}>`).join(' and ')}. <@${MAX}> or an admin can ship it.`;
const BEGIN = [here(ANA, 1), here(BEN, 2), TESTING, here(CEM, 2)];

/** What the model finds wrong with these lines. */
function wrongs(...lines: (string | { text: string; files: string })[]): string {
  const said = lines.map((line, n) => ({
    ts: `${n}.000001`,
    ...(typeof line === 'string' ? { text: line, files: '' } : line),
  }));
  return follow(said, { commit: 'abc1234', barred: [MAX] }).wrong.join('\n');
}

describe('the oracle of the chaos days', () => {
  it('has nothing against a release that goes by the rules', () => {
    const said = [
      ...BEGIN,
      signs(ANA, 1),
      signs(BEN, 2),
      approved(ANA, BEN),
      ':rocket: *Shipping* `abc1234` to production.',
    ];
    expect(wrongs(...said)).toBe('');
  });

  it('knows which of two holds was lifted', () => {
    const lifted = [
      `:octagonal_sign: On hold by <@${CEM}>`,
      ':octagonal_sign: On hold by an emergency: emergency v1.0.1 goes first',
      `:arrow_forward: <@${MAX}> lifted the hold: emergency v1.0.1 goes first`,
    ];
    expect(wrongs(...BEGIN, ...lifted, `:arrow_forward: <@${CEM}> lifted their hold`, signs(ANA, 1))).toBe('');
    expect(wrongs(...BEGIN, ...lifted, signs(ANA, 1))).toContain(`on hold by ${CEM}`);
  });

  it('knows that an LGTM taken back after shipping began is shown as that, until the push fails', () => {
    const ships = [signs(ANA, 1), signs(BEN, 2), approved(ANA, BEN), ':rocket: *Shipping* `abc1234` to production.'];
    const back = `:rotating_light: <@${ANA}> takes back their LGTM of \`abc1234\` after shipping began. The default answer is to roll back.`;
    const signed = (...more: string[]) => {
      const lines = [...BEGIN, ...ships, back, ...more].map((text, n) => ({ text, ts: `${n}.000001`, files: '' }));
      return follow(lines, { commit: 'abc1234', barred: [MAX] }).signed.map((s) => s.person);
    };
    expect(signed()).toEqual([ANA, BEN]);
    expect(signed(`:boom: <@${MAX}>: the push failed; nothing is live.`)).toEqual([BEN]);
  });

  it('R3, R6: wants an alarm about what it shipped on, and about nothing else', () => {
    const stale = [
      ...[signs(CEM, 1), `:package: <@${MAX}> named a new candidate \`def5678\` (was \`abc1234\`).`],
      ...[signs(ANA, 1, 'def5678'), signs(BEN, 2, 'def5678'), approved(ANA, BEN)],
      ':rocket: *Shipping* `def5678` to production.',
    ];
    const back = (who: string) => `:leftwards_arrow_with_hook: <@${who}> took back their LGTM of \`abc1234\``;
    const alarm = (who: string) =>
      `:rotating_light: <@${who}> takes back their LGTM of \`def5678\` after shipping began. The default answer is to roll back.`;
    expect(wrongs(...BEGIN, ...stale, back(CEM), alarm(ANA))).toBe('');
    expect(wrongs(...BEGIN, ...stale, alarm(CEM))).toContain('an alarm about U0OP3');
    expect(wrongs(...BEGIN, ...stale, back(ANA))).toContain("it shipped on U0OP1's LGTM");
  });

  it('wants a report for a run that is complete, and no two that say the same', () => {
    const complete = ':clipboard: 🟩🟩 The test run of `abc1234` is complete: 2/2 passed.';
    const report = (files: string) => ({ text: ':page_facing_up: The report of the test run', files });
    expect(wrongs(...BEGIN, complete, report('run.md of 460 bytes'), report('run.md of 536 bytes'))).toBe('');
    expect(wrongs(...BEGIN, complete, report('run.md of 460 bytes'), report('run.md of 460 bytes'))).toContain(
      'these reports',
    );
    expect(wrongs(...BEGIN, report('run.md of 460 bytes'))).toContain('0 test runs');
  });

  it('has nothing against a blocker that ended, and sign-offs after it', () => {
    const over = [':no_entry: Blocked: It burns', ':arrow_forward: A blocking bug has ended.'];
    expect(wrongs(...BEGIN, ...over, signs(ANA, 1), signs(BEN, 2), approved(ANA, BEN))).toBe('');
  });

  it.each([
    ['R4: an approval on one sign-off', [...BEGIN, signs(ANA, 1), approved(ANA)], 'only U0OP1'],
    ['R4: an approval on one person twice', [...BEGIN, signs(ANA, 1), signs(ANA, 2), approved(ANA, ANA)], 'only U0OP1'],
    ['R4: a sign-off of somebody who is not here', [here(ANA, 1), here(BEN, 2), TESTING, signs(CEM, 1)], 'not here'],
    ['R4: a sign-off of who manages it', [...BEGIN, here(MAX, 2), signs(MAX, 1)], 'they manage it'],
    ['R4: a sign-off of somebody of no role', [...BEGIN, here('U0NO1', 2), signs('U0NO1', 1)], 'no operator'],
    ['R2: testing with one set of eyes', [here(ANA, 1), TESTING], '1 are here'],
    ['R2: a sign-off before testing', [here(ANA, 1), signs(ANA, 1)], 'it is waiting'],
    ['R3: a sign-off of an earlier candidate', [...BEGIN, signs(ANA, 1, 'def5678')], 'the candidate is abc1234'],
    [
      'R3: an approval that counts a stale sign-off',
      [
        ...BEGIN,
        signs(ANA, 1),
        `:package: <@${MAX}> named a new candidate \`def5678\` (was \`abc1234\`).`,
        signs(BEN, 2, 'def5678'),
      ],
      '1 sign-offs count, and it says 2',
    ],
    ['R5: a sign-off on hold', [...BEGIN, `:octagonal_sign: On hold by <@${CEM}>`, signs(ANA, 1)], 'on hold'],
    ['R5: a sign-off with a blocker', [...BEGIN, ':no_entry: Blocked: It burns', signs(ANA, 1)], 'blocked by It burns'],
    [
      'R6: an approval on a sign-off from before a hold',
      [
        ...BEGIN,
        signs(ANA, 1),
        `:octagonal_sign: On hold by <@${CEM}>`,
        `:arrow_forward: <@${CEM}> lifted their hold`,
        signs(BEN, 2),
      ],
      '1 sign-offs count',
    ],
    [
      'R6: a production sign-off from before a blocker',
      [
        ...BEGIN,
        signs(ANA, 1),
        signs(BEN, 2),
        approved(ANA, BEN),
        ':rocket: *Shipping* `abc1234` to production.',
        ':satellite: *Live*: v1 is in production and being checked.',
        ...[ANA, BEN].map((who, n) => `:eyes: <@${who}> is here for the production check (${n + 1}/2)`),
        `:+1: <@${ANA}> signed off production (1/2)`,
        ':rotating_light: A blocking bug after shipping began: It burns. The default answer is to roll back.',
        ':arrow_forward: A blocking bug has ended.',
        `:+1: <@${BEN}> signed off production (2/2)`,
      ],
      '1 sign-offs count, and it says 2',
    ],
    [
      'R1: shipping without approval',
      [...BEGIN, ':rocket: *Shipping* `abc1234` to production.'],
      'it was testing, and is shipping',
    ],
    [
      'R7: what was not given is taken back',
      [...BEGIN, `:leftwards_arrow_with_hook: <@${ANA}> took back their LGTM of \`abc1234\``],
      'not given',
    ],
    ['a line that is there twice', [...BEGIN, here(CEM, 2)], 'was here already'],
    ['a line nobody knows', [...BEGIN, 'Hello'], 'no rule has'],
  ])('notices %s', (_what, lines, says) => {
    expect(wrongs(...lines)).toContain(says);
  });
});
