import { expect, it } from 'vitest';
import { type GitHub, GitHubError } from '../../src/base/github.ts';
import { checkGithub } from '../../src/gateways/github-check.ts';
import { REPO } from '../support/github.ts';
import { TEST_POLICY } from '../support/testing.ts';

const [product] = TEST_POLICY.products;
const policy = {
  ...TEST_POLICY,
  products: [{ ...product, repo: REPO }] as typeof TEST_POLICY.products,
  github: { people: new Map([['octo', 'U0OCTO']]) },
};
const github = (over: Partial<GitHub> = {}) =>
  ({
    identity: async () => ({ login: 'bot', scopes: undefined }),
    lacks: async () => [],
    ...over,
  }) as unknown as GitHub;
const said = async (...given: Parameters<typeof checkGithub>) =>
  (await checkGithub(...given)).map((f) => `${f.level} ${f.about}: ${f.text}`);

it('all in order', async () => {
  expect(await said(github(), policy)).toEqual([
    "OK GitHub: the token is bot's",
    `OK GitHub ${REPO}: can be read, with its branches`,
  ]);
});

it('tells what a classic token may do', async () => {
  const scoped = (scopes: string[]) => said(github({ identity: async () => ({ login: 'bot', scopes }) }), policy);
  expect((await scoped(['repo']))[0]).toContain('it may make issues');
  expect((await scoped(['read:org']))[0]).toContain('it may read only');
});

it('takes the token of an installed app, whose repositories tell whether it is good', async () => {
  const identity = async () => ({ login: null, scopes: undefined });
  expect(await said(github({ identity }), policy)).toEqual([
    'OK GitHub: GitHub names no account for the token, as for those of installed apps',
    `OK GitHub ${REPO}: can be read, with its branches`,
  ]);
});

it('names what is missing', async () => {
  expect(await said(undefined, policy)).toEqual([expect.stringContaining('GITHUB_TOKEN is not set')]);
  const denied = async () => {
    throw new GitHubError('auth', 'GitHub does not accept the token');
  };
  expect(await said(github({ identity: denied, lacks: denied }), policy)).toEqual([
    'FAIL GitHub: GitHub does not accept the token',
    `FAIL GitHub ${REPO}: GitHub does not accept the token`,
  ]);
  const silent = async () => {
    throw new GitHubError('doubtful', 'GitHub does not answer');
  };
  expect((await said(github({ identity: silent }), policy))[0]).toBe('FAIL GitHub: GitHub does not answer');
  expect(await said(github({ lacks: async () => ['develop'] }), TEST_POLICY)).toEqual([
    "OK GitHub: the token is bot's",
    'WARN GitHub: no product has a repo',
    expect.stringMatching(/^WARN GitHub: nobody of GitHub is mapped/),
  ]);
  expect((await said(github({ lacks: async () => ['develop'] }), policy))[1]).toBe(
    `WARN GitHub ${REPO}: has no branch develop`,
  );
});
