import { checkProduction, type Hands, type Thread } from './day-hands.ts';
import { CHANNELS, PEOPLE } from './world.ts';

const { ayo, bea, chen, mira, noah, pia } = PEOPLE;
const { releases, triage, prod_issues } = CHANNELS;

/** v7.1.0: tested with its run, a bug that stops nothing, shipped, checked; then users meet a bug, and it is rolled back. */
export async function playMorning(h: Hands): Promise<void> {
  h.chapter('Morning: v7.1.0 is opened, and nobody tests alone');
  await h.command(mira, 'open v7.1.0 8ba8d99');
  const release = await h.open(releases, 'unchained v7.1.0');
  await release.line('Owners');
  await release.line('44 changes');
  await h.command(ayo, 'ready');
  await release.line('is here and testing (1/2)');
  h.does(bea, "presses I'm here on the card");
  await release.press(bea, 'release_ready');
  await release.line('two sets of eyes are here');
  await test(h, release);
  await triageOne(h);

  h.chapter('Two sign-offs, and it ships');
  await h.command(ayo, 'lgtm');
  await release.line('signed off `8ba8d99` (1/2)');
  h.does(bea, 'presses LGTM');
  await release.press(bea, 'release_lgtm', '8ba8d99');
  await release.line('*Approved*');
  await h.command(mira, 'ship');
  await release.line('*Shipping*');
  await h.command(mira, 'shipped');
  await release.line('*Live*');
  await checkProduction(h, release, ayo, bea);
  await breaks(h, release);
}

async function test(h: Hands, release: Thread): Promise<void> {
  h.chapter('The test run');
  await release.line('Test run of `8ba8d99`: 5 cases');
  await h.command(ayo, 'test send-eth pass');
  h.does(bea, 'presses Test on the card, then Open and Pass');
  await release.press(bea, 'test_open');
  await h.pressInModal(bea, 'test_area', ':1:');
  await h.pressInModal(bea, 'test_pass', 'history-evm');
  await h.modal('1/1 passed');
  await release.shows('2/5 passed');
  await h.command(bea, 'lgtm');
  await h.answer(bea, '2 required test cases are unfinished');
  h.does(bea, 'presses Skip… on the trade and gives a reason');
  await h.pressInModal(bea, 'test_areas');
  await h.pressInModal(bea, 'test_area', ':3:');
  await h.pressInModal(bea, 'test_skip', 'trade-eth-usdc');
  await h.fill(bea, 'Why can it be left out?', {
    note: 'The change does not touch trading, and the test wallet is empty',
  });
  const asked = await release.line('asks to skip');
  await h.slack.closeView(bea.id);
  h.does(ayo, 'agrees, in the thread');
  await release.press(ayo, 'test_agree', '', asked.ts);
  await release.line('agrees to skip');
  await h.command(ayo, 'test receive-btc pass');
  await release.line('The test run of `8ba8d99` is complete');
  await release.shows('3/5 passed');
}

async function triageOne(h: Hands): Promise<void> {
  h.chapter('A bug that stops nothing');
  await h.command(chen, 'Avalanche is still called avax in two responses', '/bug');
  await h.fill(chen, 'Report a bug', { steps: 'Open /api/v1/info of the Avalanche API.', users: 'some', money: 'yes' });
  await h.dm(chen, 'It holds no release up');
  const bug = await h.open(triage, 'BUG-1');
  h.does(ayo, 'presses I recreated it');
  await bug.press(ayo, 'bug_recreate');
  await bug.line('recreated it');
  h.does(pia, 'presses Ticket on GitHub');
  await bug.press(pia, 'bug_github');
  await bug.line('ticketed it');
}

async function breaks(h: Hands, release: Thread): Promise<void> {
  h.chapter('Users meet a bug: a prod issue, and the roll-back');
  await h.command(pia, 'Dogecoin accounts show no balance', '/bug');
  await h.fill(pia, 'Report a bug', {
    steps: 'Open a Dogecoin account by its xpub: the balance is 0, and Send is greyed out.',
    foundIn: 'production',
    users: 'many',
    money: 'no',
    feature: 'send',
  });
  await h.dm(pia, 'It is the prod issue');
  const issue = await h.open(prod_issues, 'PI-1');
  await issue.line("it hits users' money");
  await release.line('most likely came with this release');
  await h.dm(mira, 'is yours');
  h.does(noah, 'presses I am on it');
  await issue.press(noah, 'pi_mine');
  await issue.line('Engineer on it');
  h.does(mira, 'presses Roll back unchained v7.1.0 and says why');
  await issue.press(mira, 'release_rollback');
  await h.fill(mira, 'What is broken?', { text: 'Dogecoin: the API does not know an xpub from an address' });
  await release.line('*Rolled back*');
  await release.shows('*Rolled back*');
  await h.command(noah, 'prod resolved PI-1 7.0.0 is back, balances are right again', '/bug');
  await issue.line('*Resolved*');
  h.does(pia, 'presses Review… and answers its four questions');
  await issue.press(pia, 'pi_review');
  await h.fill(pia, 'What happened?', {
    happened: 'Dogecoin accounts showed no balance: their xpub was taken for an address.',
    missed: 'No test case opens an account by its xpub.',
    change: 'A test case for each UTXO chain. The fix is in 7.2.0 (#458).',
    who: 'Bea writes the cases this week; Noah fixed the detection.',
  });
  await issue.line('*Reviewed*');
  await issue.shows('*Reviewed*');
  await h.command(bea, 'Test cases: open every UTXO chain by xpub', '/issue');
  await h.open(releases, 'NOTE-1');
}
