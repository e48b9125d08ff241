import { expect, it } from 'vitest';
import { describeShared } from '../../../support/shared.ts';
import { deviceOn } from '../support/adapter.ts';
import { kangTask, lossDifference, runOf } from './support/kang-run.ts';

const context = await deviceOn('swiftshader');

describeShared('a training of real cells on SwiftShader', () => {
  /** A process has one Vulkan driver; both adapters within 5e-4 of float64 are within 1e-3 of each other. */
  it('has the losses of another adapter to 1e-3: those of float64 to 5e-4', async () => {
    const task = await kangTask();
    const { losses } = await runOf(task, context);
    const apart = lossDifference(losses, (await runOf(task, 'float64')).losses);
    console.log(`SwiftShader: losses within ${apart.toExponential(1)} of float64`);
    expect(apart).toBeLessThanOrEqual(5e-4);
  }, 600_000);
});
