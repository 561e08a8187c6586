import { escapeText, truncate } from '../../base/mrkdwn.ts';
import { passers } from './rules.ts';
import type { CaseState, RunCase } from './types.ts';

export const FACE: Record<CaseState, string> = {
  open: ':white_large_square:',
  passed: ':large_green_square:',
  failed: ':large_red_square:',
  blocked: ':large_orange_square:',
  skip_asked: ':large_yellow_square:',
  skipped: ':large_blue_square:',
};

/** A case in a sentence of mrkdwn: `send-eth` (Send ETH). */
export function nameOfCase(c: Pick<RunCase, 'caseId' | 'title'>): string {
  return `\`${c.caseId}\` (${escapeText(truncate(c.title, 150))})`;
}

/** Where a case stands, in words: passed, 1 of 2 passes, failed, … */
export function showState(c: RunCase): string {
  const n = passers(c.results).length;
  const partly = n > 0 && n < c.passesRequired ? `, ${n} of ${c.passesRequired} passes` : '';
  switch (c.state) {
    case 'skip_asked':
      return `a skip waits for a second operator${partly}`;
    case 'open':
      return c.passesRequired > 1 ? `${n} of ${c.passesRequired} passes` : 'to do';
    default:
      return `${c.state}${partly}`;
  }
}
