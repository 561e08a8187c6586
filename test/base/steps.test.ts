import { expect, test } from 'vitest';
import { withRequest } from '../../src/base/log.ts';
import { hearSteps, type Took, timed } from '../../src/base/steps.ts';

test('a step is told with its request when it ends, also when it fails; with nobody listening it is simply done', async () => {
  expect(await timed('store', undefined, async () => 'unheard')).toBe('unheard');
  const heard: Took[] = [];
  hearSteps((took) => heard.push(took));
  const failing = withRequest('Ev1', () => timed('call', 'chat.update', () => Promise.reject(new Error('no'))));
  await expect(failing).rejects.toThrow('no');
  expect(await timed('draw', undefined, async () => 7)).toBe(7);
  expect(heard).toMatchObject([
    { step: 'call', what: 'chat.update', req: 'Ev1' },
    { step: 'draw', what: undefined, req: undefined },
  ]);
  for (const { start, end } of heard) expect(end).toBeGreaterThanOrEqual(start);
});
