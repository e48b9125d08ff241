import { expect, it } from 'vitest';
import { describeShared } from '../../../support/shared.ts';
import { deviceOn } from '../support/adapter.ts';
import { kangTask, lossDifference, runOf } from './support/kang-run.ts';

const context = await deviceOn('lavapipe');

describeShared('a training of real cells on lavapipe', () => {
  it('repeats to the bit with the kernels and batches it records, within 5e-4 of float64 in loss', async () => {
    const task = await kangTask();
    const first = await runOf(task, context);
    expect(first.losses).toHaveLength(6 + 4);
    // From the validation before the first step to the one after the last the weights moved by more than is compared.
    expect(lossDifference([first.losses[9]], [first.losses[0]])).toBeGreaterThan(1e-3);
    expect(Object.keys(first.kernels)).toEqual(expect.arrayContaining(['gemm', 'attention', 'adamw']));
    expect(first.plan.fingerprint).toMatch(/^[0-9a-f]{8}$/);
    expect(first.plan.microBatchesPerEpoch).toBeGreaterThan(first.plan.stepsPerEpoch);
    // Read and dealt anew, as another day would.
    expect(await runOf(await kangTask(), context)).toEqual(first);
    const apart = lossDifference(first.losses, (await runOf(task, 'float64')).losses);
    console.log(`lavapipe: losses within ${apart.toExponential(1)} of float64`);
    expect(apart).toBeLessThanOrEqual(5e-4);
  }, 600_000);
});
