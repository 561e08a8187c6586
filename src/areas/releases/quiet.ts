import { BRIEFLY, rateSays } from '../../base/catch-rate.ts';
import { escapeText, truncate } from '../../base/mrkdwn.ts';
import { short } from './facts.ts';
import type { Facts } from './types.ts';

/** What the card says quietly: the flags and the test run, automated tests, changes, bugs that hold nothing up, and the catch rate. */
export function quietLines(f: Facts): string[] {
  return [flagsLine(f), testLine(f), ciLine(f), changesLine(f), bugsLine(f), catchLine(f)].filter((l) => l !== null);
}

/** R10. The names are flags' names: nothing in them needs escaping. */
function flagsLine(f: Facts): string | null {
  if (!f.flags.length) return null;
  const more = f.flags.length > 20 ? ` and ${f.flags.length - 20} more` : '';
  const shown = f.flags.slice(0, 20).map((flag) => `\`${flag}\``);
  return `:triangular_flag_on_post: tested with ${shown.join(', ')}${more}; other flags as in production`;
}

const BAR = 10;

/** The test run as a bar: passed and skipped, failed and blocked, to go. Once it is live the run is production's, and says so. */
function testLine(f: Facts): string | null {
  const stage = f.release.state === 'verifying' || f.release.state === 'done' ? 'production' : 'candidate';
  const left = f.unfinished[stage];
  const live = stage === 'production';
  if (!f.progress) {
    const cases = `${left} required test case${left === 1 ? '' : 's'}`;
    return left ? `:clipboard: ${cases} to go${live ? ' in production' : ''}` : null;
  }
  const { total, passed, skipped, failed, blocked, carriedFrom } = f.progress;
  const good = Math.floor(((passed + skipped) / total) * BAR);
  const bad = failed + blocked ? Math.max(1, Math.round(((failed + blocked) / total) * BAR)) : 0;
  const bar = '🟩'.repeat(good) + '🟥'.repeat(Math.min(bad, BAR - good)) + '⬜'.repeat(Math.max(0, BAR - good - bad));
  const counts = [
    `${passed}/${total} passed`,
    skipped && `${skipped} skipped`,
    failed && `${failed} failed`,
    blocked && `${blocked} blocked`,
    left && `${left} required to go`,
  ];
  const same = carriedFrom ? `, with what was tested on \`${short(carriedFrom)}\` (same tree)` : '';
  return `${bar} ${live ? 'in production: ' : ''}${counts.filter(Boolean).join(', ')}${same}`;
}

function ciLine(f: Facts): string | null {
  if (!f.ci) return null;
  const { passed, failed, waiting } = f.ci;
  const more = waiting.length > 3 ? ` and ${waiting.length - 3} more` : '';
  const missing = waiting.length ? `no results yet of ${escapeText(waiting.slice(0, 3).join(', '))}${more}` : '';
  const counts = passed + failed > 0 || !missing ? `${passed} passed, ${failed} failed` : '';
  const face = failed ? ':x:' : missing ? ':hourglass_flowing_sand:' : ':white_check_mark:';
  return `${face} automated tests: ${[counts, missing].filter(Boolean).join('; ')}`;
}

function changesLine(f: Facts): string | null {
  if (!f.changes) return null;
  const { loaded, problem, count, developAhead } = f.changes;
  if (!loaded) return `:inbox_tray: changes not loaded${problem ? ` (${escapeText(truncate(problem, 200))})` : ' yet'}`;
  const ahead = developAhead
    ? `, develop is ${developAhead} commit${developAhead === 1 ? '' : 's'} ahead of production`
    : '';
  return `:inbox_tray: ${count} change${count === 1 ? '' : 's'} since production${ahead}`;
}

function bugsLine(f: Facts): string | null {
  return f.otherBugs ? `:beetle: ${f.otherBugs} non-blocking bug${f.otherBugs === 1 ? '' : 's'} in triage` : null;
}

/** R25: the goal beside the figure, and where its definition is. */
function catchLine(f: Facts): string | null {
  return f.catchRate ? `:goal_net: bugs: ${rateSays(f.catchRate)} (${BRIEFLY})` : null;
}
