import { describe, expect, it } from 'vitest';
import { attentionBackwardCases } from '../../../src/engine/webgpu/cases/attention-backward.ts';
import { canRun } from '../../../src/engine/webgpu/default-variants.ts';
import type { KernelVariant } from '../../../src/engine/webgpu/kernel.ts';
import { KERNELS } from '../../../src/engine/webgpu/kernels/index.ts';
import { testVariant } from '../../../src/engine/webgpu/self-test.ts';
import { deviceOn } from './support/adapter.ts';

type Edit = readonly [right: string, wrong: string];

/**
 * Mistakes of the kind one makes, in the own text of each form: a bound off by one, a neighbour's lane, a
 * factor forgotten. The two kernels and the forms of one text take them in turn.
 */
const MISTAKES: Readonly<Record<string, readonly Edit[]>> = {
  thread: [['dots[at] = ', 'dots[at] = 0.99 * ']],
  direct: [
    ['other < block.z + block.w', 'other + 1u < block.z + block.w'],
    ['p * (d_weight - sums.y)', 'p * d_weight'],
    ['fma(b0_0, other_b0, d_weight0)', 'fma(b0_0, other_a0, d_weight0)'],
  ],
  subgroup: [
    ['subgroupBroadcast(loaded_a0, 1u)', 'subgroupBroadcast(loaded_a0, 2u)'],
    ['subgroupBroadcast(loaded_b0, 3u)', 'subgroupBroadcast(loaded_b0, 0u)'],
    ['sum * u.scale', 'sum'],
  ],
  tile: [
    ['min(OTHERS, end - first)', 'OTHERS'],
    ['exp(score - sums.x)', 'exp(score)'],
  ],
  chunked: [
    ['* u.scale,', ','],
    ['min(first_vec + 1u, ', 'min(first_vec + 2u, '],
  ],
};

const context = await deviceOn('lavapipe');

describe('the self-test', () => {
  // Heads of 16, which every form takes.
  const runs = attentionBackwardCases(16, 7).flatMap((cases, side) => {
    const { kernel } = cases[0].dispatch;
    const { software, hardware } = KERNELS[kernel].variants;
    const all = new Map([...software, ...hardware].map((variant) => [variant.name, variant]));
    return [...all.values()].map((variant, i): [string, KernelVariant, typeof cases, Edit] => {
      const edits = MISTAKES[variant.name.split('-')[0]] ?? [];
      return [`${kernel} ${variant.name}`, variant, cases, edits[(i + side) % edits.length]];
    });
  });

  it('is asked about every form', () => {
    for (const [, variant, cases, edit] of runs) {
      expect(edit, variant.name).toBeDefined();
      expect(canRun(context, variant, cases[0].dispatch)).toBe(true);
    }
    expect(new Set(runs.map(([, { name }]) => name.split('-')[0]))).toEqual(new Set(Object.keys(MISTAKES)));
  });

  it.each(runs)('sees a mistake in %s', async (_, variant, cases, edit) => {
    const { kernel } = cases[0].dispatch;
    const result = await testVariant(context, variant, cases, { kernel, edit });
    expect(result.message).toBeUndefined();
    expect(result.ok).toBe(false);
  });
});
