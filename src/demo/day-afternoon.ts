import { playFunds } from './day-funds.ts';
import { checkProduction, type Hands, type Thread } from './day-hands.ts';
import { CHANNELS, PEOPLE } from './world.ts';

const { ayo, bea, chen, mira, noah, pia } = PEOPLE;
const { releases } = CHANNELS;

/** v7.2.0: what is no sign-off, a hold, a blocker found, fixed in a second candidate and verified; then it ships. */
export async function playAfternoon(h: Hands): Promise<void> {
  const { slack } = h;
  const release = await opened(h);
  h.does(ayo, 'reacts with :eyes: on the card');
  await slack.react(ayo.id, releases, release.ts, 'eyes');
  await release.line('is here and testing (1/2)');
  h.does(ayo, 'writes LGTM in the thread, too early');
  await slack.say(ayo.id, releases, 'LGTM', release.ts);
  await h.dm(ayo, 'waiting for two sets of eyes');
  await h.command(bea, 'ready');
  await release.line('two sets of eyes are here');
  await firstCandidate(h, release);
  await blocker(h, release);

  h.chapter('Two sign-offs, and it ships');
  await h.command(ayo, 'lgtm');
  await release.line('signed off `baff879` (1/2)');
  h.does(bea, 'presses LGTM');
  await release.press(bea, 'release_lgtm', 'baff879');
  await release.line('*Approved*');
  h.does(mira, 'presses Ship');
  await release.press(mira, 'release_ship');
  await release.line('*Shipping*');
  h.does(mira, "presses It's live");
  await release.press(mira, 'release_shipped');
  await release.line('*Live*');

  h.chapter('Production is checked');
  await checkProduction(h, release, bea, chen);
  await release.shows(':goal_net:');
}

async function opened(h: Hands): Promise<Thread> {
  h.chapter('Afternoon: v7.2.0 is opened by form');
  await h.command(mira, 'open');
  h.does(mira, 'fills in the form');
  await h.fill(mira, 'Open a release', {
    version: 'v7.2.0',
    commit: '03666ED',
    opsOwner: ayo.id,
    productOwner: pia.id,
    authors: [noah.id],
    changes: 'Litecoin and Bitcoin Cash are new (#457, #463). Avalanche is named Avalanche everywhere.',
    risks: 'Transaction history of every EVM chain: its types are shared now. Dogecoin xpubs (#458).',
    flags: 'avalanche-history',
  });
  const release = await h.open(releases, 'unchained v7.2.0');
  await release.line('Owners');
  await release.line('61 changes');
  await release.line('A label of the changes asks to test with the flag');
  return release;
}

async function firstCandidate(h: Hands, release: Thread): Promise<void> {
  const { slack } = h;
  h.chapter('The first candidate is tested');
  await release.line('Test run of `03666ed`: 6 cases');
  await playFunds(h, release);
  h.chapter('The test run is finished');
  await passAll(h, release, '03666ed');

  h.chapter('What is no sign-off, and a hold');
  h.does(bea, 'writes "not LGTM yet, the history is slow"');
  await slack.say(bea.id, releases, 'not LGTM yet, the history is slow', release.ts);
  await h.dm(bea, 'it was not counted');
  await h.command(mira, 'lgtm');
  await h.answer(mira, 'only an operator');
  h.does(ayo, 'presses LGTM');
  await release.press(ayo, 'release_lgtm', '03666ed');
  await release.line('signed off `03666ed` (1/2)');
  await h.command(bea, 'hold history takes 20 s');
  await release.line('On hold');
}

async function blocker(h: Hands, release: Thread): Promise<void> {
  h.chapter('A blocking bug');
  h.does(bea, 'presses Test, Open, and Fail on the history: the bug form opens, filled in');
  await release.press(bea, 'test_open');
  await h.pressInModal(bea, 'test_area', ':1:');
  await h.pressInModal(bea, 'test_fail', 'history-evm');
  await h.fill(bea, 'Report a bug', {
    title: 'EVM history ends after the first page',
    steps:
      '1. Open the history of the test account on Arbitrum\n2. Scroll to the end\nExpected: every transaction of the block explorer.\nInstead: the first page, then nothing, on every EVM chain.',
    blocking: 'yes',
    users: 'all',
    money: 'yes',
    workaround: 'none',
  });
  await h.slack.closeView(bea.id);
  const bug = await h.open(releases, 'BUG-3');
  await release.line('Blocked');
  await release.shows('*Blocking*');
  h.does(ayo, 'presses I recreated it, in its thread');
  await bug.press(ayo, 'bug_recreate');
  await bug.line('recreated it');
  h.does(noah, 'tries it in production, and presses Production: does not happen');
  await bug.press(noah, 'bug_tried_no');
  await bug.line('*Confirmed as blocking.*');
  await h.command(bea, 'unhold');
  await release.line('lifted their hold');
  await h.command(ayo, 'lgtm');
  await h.answer(ayo, 'blocking bug');

  h.chapter('A second candidate, with the fix');
  await h.command(mira, 'candidate baff879');
  await release.line('named a new candidate');
  await release.line('2 new changes');
  await h.dm(ayo, 'has a new candidate');
  await release.line('Test run of `baff879`: 6 cases');
  await release.shows('0/6 passed');
  await h.command(noah, 'fix BUG-3 baff879', '/bug');
  await bug.line('says the fix is in');
  await passAll(h, release, 'baff879');
  h.does(bea, 'presses Retest: fixed, in the bug’s thread');
  await bug.press(bea, 'bug_fixed');
  await bug.line('*Verified*');
  await release.line('A blocking bug has ended');
}

/** Two operators pass what is required, and one looks at the rest. */
async function passAll(h: Hands, release: Thread, commit: string): Promise<void> {
  for (const test of ['send-eth', 'receive-btc', 'trade-eth-usdc']) await h.command(ayo, `test ${test} pass`);
  for (const test of ['history-evm', 'avalanche-history']) await h.command(bea, `test ${test} pass`);
  await release.line(`The test run of \`${commit}\` is complete`);
  await release.shows('5/6 passed');
}
