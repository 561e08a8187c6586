import { expect, test } from 'vitest';
import { type Row, TABLE } from '../../../src/areas/reminders/table.ts';
import { showDuration } from '../../../src/base/duration.ts';
import { read } from '../../tidy/source.ts';

const after = ({ after: a }: Row) =>
  a === 'next_day' ? 'on the next day' : a ? `after ${showDuration(a)}` : 'at once';
const often = ({ parts, repeat }: Row) =>
  repeat === 'once' ? 'once' : parts.length === 2 ? 'twice a day' : 'once a day';
const owner = ({ owner: who, escalate }: Row) => {
  if (escalate === null) return who;
  return `${who}, ${escalate === 'due' ? 'once it is due' : `after ${escalate} day${escalate === 1 ? '' : 's'} in vain`}`;
};

test('docs/reminders.md shows the table of src/areas/reminders/table.ts', () => {
  const rows = Object.entries(TABLE).map(([kind, row]) => {
    const cells = [
      `\`${kind}\``,
      row.what,
      after(row),
      often(row),
      row.to,
      row.where,
      row.ends,
      owner(row),
      row.outage,
    ];
    return `| ${cells.join(' | ')} |`;
  });
  const head = '| kind | what | first | at most | to | where | ends with | who else hears | after an outage |';
  expect(read('docs/reminders.md')).toContain([head, `|${'---|'.repeat(9)}`, ...rows].join('\n'));
});
