import { describe, expect, it } from 'vitest';
import { gemmCase } from '../../../src/engine/webgpu/cases/gemm.ts';
import { embeddingCase } from '../../../src/engine/webgpu/cases/rows.ts';
import { trainingCases } from '../../../src/engine/webgpu/cases/training.ts';
import { canRun } from '../../../src/engine/webgpu/default-variants.ts';
import type { KernelName, KernelVariant } from '../../../src/engine/webgpu/kernel.ts';
import { KERNELS } from '../../../src/engine/webgpu/kernels/index.ts';
import { testVariant } from '../../../src/engine/webgpu/self-test.ts';
import { deviceOn } from './support/adapter.ts';

type Edit = readonly [right: string, wrong: string];

/** Of a sum over slices of rows, in any kernel that has one. */
const SLICES: readonly Edit[] = [
  ['first + u.slice_rows, u.rows', 'first + u.slice_rows, u.rows - 1u'],
  ['u.slice_rows;', '(u.slice_rows - 1u);'],
];
const MERGE: readonly Edit[] = [
  ['a.most == b.most &&', 'a.most != b.most &&'],
  ['a.sum * exp(a.most - most)', 'a.sum'],
  ['- u.column_start];', '];'],
  ['min(range.w, ', 'min(range.w + 1u, '],
  ['bitcast<f32>(before.z)', '0.0'],
];

/** Mistakes of the kind one makes, in the texts of each kernel and form that training adds. */
const MISTAKES: readonly (readonly [kernel: KernelName, variant: string, edits: readonly Edit[]])[] = [
  [
    'embedding',
    'gather',
    [
      ['token.w == 2u', 'token.w == 3u'],
      ['vec4f(value_table[u.stride4 + vec])', 'vec4f(0.0)'],
    ],
  ],
  [
    'gemm',
    'register-4x8',
    [
      ['value += vec4f(y[at])', 'value = vec4f(y[at])'],
      ['value += vec4f(y[at]);', ''],
    ],
  ],
  [
    'gemm',
    'lane-12x2',
    [
      ['value += f32(y[at])', 'value = f32(y[at])'],
      ['value += f32(y[at]);', ''],
    ],
  ],
  [
    'layer-norm-backward',
    'thread',
    [
      ['normal * along_mean', 'along_mean'],
      ['plain_mean, i)', '0.0, i)'],
      ['cotangent[start + i] * weight[i], plain', 'cotangent[start + i], plain'],
      ['vec2f(mean, scale)', 'vec2f(mean, 1.0 / scale)'],
    ],
  ],
  [
    'layer-norm-backward',
    'workgroup',
    [
      ['sum_over_lanes(along, lane)', 'along'],
      ['half > 0u', 'half > 1u'],
      ['let scale = 1.0 / sqrt(', 'let scale = 1.0 / ('],
    ],
  ],
  ['layer-norm-parameters', 'thread', [...SLICES, [' * s.y', ''], ['(2u * slice + 1u)', '(slice + 1u)']]],
  ['sum-rows', 'thread', [...SLICES, ['y[at] += sum', 'y[at] = sum']]],
  ['sum-rows', 'workgroup', [...SLICES, ['half >= 8u', 'half > 8u'], ['row += 8u', 'row += 9u']]],
  ['activation', 'thread', [['0.70710678118654752', '0.7']]],
  [
    'activation-backward',
    'thread',
    [
      ['+ value * density', '- value * density'],
      ['-0.5 * value', '-value'],
    ],
  ],
  [
    'dropout',
    'thread',
    [
      ['hash < vec4u(u.threshold)', 'hash <= vec4u(2u * u.threshold)'],
      ['mix(index) ^', 'index ^'],
      ['4u * flat', 'flat'],
      ['value += residual[flat]', 'value = residual[flat]'],
    ],
  ],
  ['add', 'thread', [['a[flat] + b[flat]', 'a[flat] - b[flat]']]],
  [
    'gather-rows',
    'thread',
    [
      ['!= NO_ROW', '!= 0u'],
      ['y[flat] += ', 'y[flat] = '],
      ['% u.stride4]', '% u.stride4 + 1u]'],
    ],
  ],
  [
    'segment-sum',
    'thread',
    [
      ['i < segment.y + segment.z', 'i <= segment.y + segment.z'],
      ['y[at] += sum', 'y[at] = sum'],
      ['segment.x * u', 'index * u'],
    ],
  ],
  ['fill', 'thread', [['flat < u.count4', 'flat <= u.count4']]],
  ['softmax-statistics', 'thread', [...MERGE, ['logit > found.most', 'logit >= found.most']]],
  [
    'softmax-statistics',
    'workgroup',
    [...MERGE, ['half > 0u', 'half > 1u'], ['c = start + lane', 'c = lane']],
  ],
  [
    'softmax-gradient',
    'thread',
    [
      ['class_index == vec4u(own.x)', 'column == vec4u(own.x)'],
      [', inside)', ', column < vec4u(u.columns))'],
      ['weight * (probability - one)', 'probability - one'],
      ['(column < vec4u(u.columns))', '(column <= vec4u(u.columns))'],
    ],
  ],
  [
    'squared-error',
    'thread',
    [
      ['2.0 * weight', 'weight'],
      ['weight * error * error', 'error * error'],
    ],
  ],
  [
    'square-sum',
    'thread',
    [
      ['first + u.slice4, u', 'first + u.slice4 - 1u, u'],
      ['u.first_out + piece', 'piece'],
    ],
  ],
  [
    'square-sum',
    'workgroup',
    [
      ['i += 64u', 'i += 65u'],
      ['u.first_out + piece', 'piece'],
    ],
  ],
  [
    'clip-factor',
    'workgroup',
    [
      ['norm > u.clip', 'norm < u.clip'],
      ['half = 128u', 'half = 64u'],
      ['0x7f800000u) ==', '0x7f800000u) !='],
    ],
  ],
  [
    'adamw',
    'thread',
    [
      ['factor[0].z == 0.0', 'false'],
      ['* factor[0].y', ''],
      ['u.learning_rate * u.decay', 'u.decay'],
      ['v / u.correction2', 'v'],
      ['m / u.correction1', 'm'],
      ['g * g', 'g'],
    ],
  ],
];

const context = await deviceOn('lavapipe');
const families = [
  ...trainingCases('gelu', 7),
  [embeddingCase({ dModel: 10, rows: 13, valueInput: 'rank' }, 7)],
  [gemmCase({ rows: 5, inner: 17, columns: 33, epilogue: 'none', accumulate: 1 }, 7)],
];

describe('the self-test of training', () => {
  const runs = MISTAKES.flatMap(([kernel, name, edits]) => {
    const { software, hardware } = KERNELS[kernel].variants;
    const variant = [...software, ...hardware].find((some) => some.name === name);
    if (variant === undefined) throw new Error(`${kernel} has no ${name}`);
    return edits.map((edit): [string, KernelName, KernelVariant, Edit] => [
      `${kernel} ${name}: ${edit[0]} → ${edit[1]}`,
      kernel,
      variant,
      edit,
    ]);
  });

  it('is asked about every form of every kernel that training adds', () => {
    const added = families.map(([{ dispatch }]) => dispatch.kernel);
    const forms = added.flatMap((kernel) => {
      if (kernel === 'gemm') return ['gemm register-4x8', 'gemm lane-12x2'];
      const { software, hardware } = KERNELS[kernel].variants;
      return [...software, ...hardware].map(({ name }) => `${kernel} ${name}`);
    });
    const asked = MISTAKES.map(([kernel, variant]) => `${kernel} ${variant}`);
    expect(new Set(asked)).toEqual(new Set(forms));
  });

  it.each(runs)('sees a mistake in %s', async (_, kernel, variant, edit) => {
    const cases = families
      .filter(([{ dispatch }]) => dispatch.kernel === kernel)
      .flat()
      .filter(({ dispatch }) => canRun(context, variant, dispatch))
      // A text that this case's constants leave out cannot be wrong.
      .filter(({ dispatch }) => kernel !== 'gemm' || dispatch.constants.ACCUMULATE !== 0);
    const results = await Promise.all(
      cases.map((kernelCase) => testVariant(context, variant, [kernelCase], { kernel, edit })),
    );
    const computed = results.filter(({ message }) => message === undefined);
    expect(computed.some(({ ok }) => !ok)).toBe(true);
    // The others say that there is nothing to change.
    for (const { message } of results) expect(message ?? 'to break').toContain('to break');
  });
});
