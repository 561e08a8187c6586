import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { authorsOf, changesOf, isBump, type ReleaseChange } from '../../../src/areas/releases/changes.ts';
import { changesTold, type Told } from '../../../src/areas/releases/changes-blocks.ts';
import type { CommitChange, PullRequest } from '../../../src/base/github.ts';

const branches = { develop: 'develop', production: 'main' };
const aPull = (number: number, over: Partial<PullRequest> = {}): PullRequest => ({
  number,
  title: `PR ${number}`,
  url: `https://github.com/example/web/pull/${number}`,
  login: 'octo',
  labels: [],
  base: 'develop',
  ...over,
});
const aCommit = (over: Partial<CommitChange> = {}): CommitChange => ({
  sha: 'a'.repeat(40),
  subject: 'A commit',
  url: 'https://github.com/example/web/commit/a',
  logins: [],
  merge: false,
  pulls: [],
  ...over,
});
const aChange = (over: Partial<ReleaseChange> = {}): ReleaseChange => ({
  title: 'A change',
  number: null,
  url: null,
  login: null,
  labels: [],
  ...over,
});
const told = (changes: ReleaseChange[], over: Partial<Told> = {}) =>
  changesTold({
    changes,
    since: null,
    total: changes.length,
    unlisted: 0,
    commit: 'abcdef0123',
    production: 'main',
    url: 'https://github.com/example/web/compare/main...abcdef0',
    labels: { flag: 'flag:', test: 'needs-test' },
    people: new Map([['octo', 'U0OCTO']]),
    names: new Map(),
    ...over,
  });
const texts = (messages: ReturnType<typeof told>) =>
  messages.map((m) => m.blocks.map((b) => (b.text as { text: string }).text).join('\n'));

describe('commits as changes', () => {
  it('a pull request is one, by the one that went into develop; the release itself is none', () => {
    const release = aPull(50, { base: 'main' });
    const inner = aPull(3, { base: 'feature' });
    const commits = [
      aCommit({ pulls: [release, inner, aPull(4)] }),
      aCommit({ pulls: [release, aPull(4)] }),
      aCommit({ pulls: [release, inner] }),
      aCommit({ pulls: [release] }),
      aCommit({ merge: true }),
      aCommit({ subject: 'direct', logins: ['eve'] }),
    ];
    const found = changesOf(commits, branches);
    expect(found.map((c) => c.number ?? c.title)).toEqual([4, 3, 50, 'direct']);
    expect(found[3]?.login).toBe('eve');
  });

  it('R4: authors are all who wrote a commit or opened its pull request, whatever the case of their logins', () => {
    const people = new Map([
      ['octo', 'U1'],
      ['eve', 'U2'],
    ]);
    const commits = [
      aCommit({ logins: ['Eve', 'stranger'], pulls: [aPull(1)] }),
      aCommit({ pulls: [aPull(2, { login: null })] }),
    ];
    expect(authorsOf(commits, branches, people)).toEqual(['U2', 'U1']);
  });

  it.each([
    ['Bump lodash from 4.17.20 to 4.17.21', {}, true],
    ['chore(deps): bump axios to 1.2', {}, true],
    ['build(deps-dev): update vitest to v4', {}, true],
    ['fix: upgrade foo from 1.0 to 2.0', {}, true],
    ['Update dependency react to v19', {}, true],
    ['Something', { login: 'renovate[bot]' }, true],
    ['Something', { labels: ['Dependencies'] }, true],
    ['Update the swap page to show fees', {}, false],
    ['Bump the fee', {}, false],
  ])('%s %o is a dependency bump: %s', (title, over, expected) => {
    expect(isBump(aChange({ title, ...over }))).toBe(expected);
  });
});

describe('the message', () => {
  it('says so when a later candidate has nothing new', () => {
    expect(texts(told([], { since: '1234567890', total: 7 }))).toEqual([
      ':inbox_tray: *No new change* in `abcdef0` since `1234567`; 7 since production · <https://github.com/example/web/compare/main...abcdef0|main…abcdef0>',
    ]);
  });

  it('escapes what people wrote and makes no link of a foreign address', () => {
    const labels = ['flag:<!channel>`x'];
    const [text] = texts(
      told([aChange({ title: '<!here> & *co*', url: 'javascript:alert(1)', login: '<@U1>', labels })]),
    );
    expect(text).toContain("• &lt;!here&gt; &amp; *co* · &lt;@U1&gt; `flag:&lt;!channel&gt;'x`");
  });

  it('mentions each author once, at their first line as it is posted; the other lines name them', () => {
    const by = (number: number, login: string, labels: string[] = []) =>
      aChange({ title: `#${number}`, number, login, labels });
    const people = new Map([
      ['octo', 'U0OCTO'],
      ['octo-work', 'U0OCTO'],
      ['eve', 'U0EVE'],
    ]);
    const [text] = texts(
      told([by(1, 'octo'), by(2, 'Eve'), by(3, 'octo', ['flag:x']), by(4, 'octo-work'), by(5, 'Eve'), by(6, 'guest')], {
        people,
        names: new Map([['U0OCTO', 'Octo & Co']]),
      }),
    );
    expect(text?.match(/• .*/g)).toEqual([
      '• #3 · <@U0OCTO> `flag:x`',
      '• #1 · Octo &amp; Co',
      '• #2 · <@U0EVE>',
      '• #4 · Octo &amp; Co',
      '• #5 · Eve',
      '• #6 · guest',
    ]);
  });

  it('of very many changes ends in "and N more", and counts every change once', () => {
    const many = Array.from({ length: 1500 }, (_, i) =>
      aChange({ title: 'x'.repeat(120), number: i, url: `https://github.com/example/web/pull/${i}`, login: 'octo' }),
    );
    const messages = told(many, { unlisted: 40 });
    expect(messages).toHaveLength(3);
    const all = texts(messages).join('\n');
    const shown = all.match(/^•/gm)?.length ?? 0;
    expect(all).toContain(
      `…and ${1540 - shown} more: <https://github.com/example/web/compare/main...abcdef0|all changes on GitHub>`,
    );
  });

  it("keeps to Slack's limits whatever it is given", () => {
    const change = fc.record({
      title: fc.string({ maxLength: 400, unit: 'binary' }),
      number: fc.option(fc.nat()),
      url: fc.option(fc.webUrl({ withQueryParameters: true })),
      login: fc.option(fc.string({ maxLength: 40 })),
      labels: fc.array(fc.constantFrom('flag:a', 'needs-test', 'Dependencies', 'flag:'.padEnd(200, '<'))),
    });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 300, size: 'max' }), (changes) => {
        const messages = told(changes);
        expect(messages.length).toBeLessThanOrEqual(3);
        for (const { blocks } of messages) {
          expect(blocks.length).toBeLessThanOrEqual(50);
          const sizes = blocks.map((b) => (b.text as { text: string }).text.length);
          expect(Math.max(...sizes)).toBeLessThanOrEqual(3000);
          expect(sizes.reduce((a, b) => a + b, 0)).toBeLessThanOrEqual(13_000);
        }
      }),
      { numRuns: 60 },
    );
  });
});
