// A local Google Sheets in a process of its own, with an empty Ledger in it for who does not make it. Prints its address; answers
// GET /bench/counts with the calls and bytes since the last time, and POST /bench/touch changes the mark of one row. Ends with its standard input.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { LEDGER_TAB } from '../src/areas/sheets/tabs.ts';
import { fakeSheets, put } from '../test/support/sheets.ts';

const fake = await fakeSheets();
const [header] = [LEDGER_TAB.columns.map((column) => column.title)];
if (process.argv[2] === 'ledger')
  fake.tabs.push({ sheetId: 7, title: 'Ledger', grid: [header], rows: 1000, columns: header.length, frozen: 1 });
const control = createServer((req, res) => {
  if (req.url === '/touch') put(fake.tab('Ledger'), 50_000, header.length - 1, 'changed');
  const bytes = fake.calls.reduce((sum, call) => sum + call.bytes, 0);
  res.end(JSON.stringify({ calls: fake.calls.length, bytes }));
  fake.calls.length = 0;
});
control.listen(0, '127.0.0.1', () => {
  console.log(
    JSON.stringify({
      url: fake.url,
      id: fake.id,
      control: `http://127.0.0.1:${(control.address() as AddressInfo).port}`,
    }),
  );
});
process.stdin.resume().on('end', () => process.exit(0));
