import { expect, it } from 'vitest';
import { runFuzz } from '../../scripts/lib/fuzz-run.mjs';

/** Inputs of `npm run fuzz` that take some ten seconds: every family forty times. */
const RUN = { seed: 20_261, from: 0, count: 400, seconds: 600 };

it('changed files of every format end in numbers that agree or in one of our errors', async () => {
  const { done, failures, tallies } = await runFuzz(RUN);
  expect(failures).toEqual([]);
  expect(done).toBe(RUN.count);
  const opened = [...tallies.values()].reduce((sum, { same, other }) => sum + same + other, 0);
  // Where nothing opens, or nothing is refused, nothing was tested.
  expect(opened).toBeGreaterThan(30);
  expect(opened).toBeLessThan(200);
});
