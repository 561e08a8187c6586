import { section } from '../../base/elements.ts';
import { link, mention, truncate, withLinks } from '../../base/mrkdwn.ts';
import type { Policy } from '../../base/policy.ts';
import { type Drawing, nameOf } from './blocks.ts';
import { current } from './facts.ts';
import type { Facts } from './types.ts';

/** The first reply: what an operator needs to test from. Only what was filled in is shown. */
export function details(f: Facts, policy: Policy): Drawing {
  const { release } = f;
  const product = policy.products.find((p) => p.key === release.product);
  const owners = [
    `engineering ${mention(release.manager)}`,
    release.opsOwner && `operations ${mention(release.opsOwner)}`,
    release.productOwner && `product ${mention(release.productOwner)}`,
  ].filter(Boolean);
  const links = [
    release.environmentUrl && link(release.environmentUrl, 'environment under test'),
    product?.repo &&
      link(
        `https://github.com/${product.repo}/compare/${product.branches.production}...${current(f).commit}`,
        "the candidate's commits",
      ),
    product?.environments.production && link(product.environments.production, 'production'),
  ].filter(Boolean);
  const parts: [string, string | null][] = [
    ['Owners', owners.join(', ')],
    ['Authors of the changes', release.authors.map(mention).join(', ')],
    ['Links', links.join(' · ')],
    ['User-facing changes', told(release.changes)],
    ['Possible regressions and risks', told(release.risks)],
    ['Feature flags to test', told(release.flags) || "_none: test with production's flags_"],
  ];
  const blocks = parts.filter(([, text]) => text).map(([title, text]) => section(`*${title}*\n${text}`));
  return { text: `Details of release ${nameOf(f)}`, blocks };
}

function told(text: string | null): string {
  return text ? truncate(withLinks(text), 2800) : '';
}
