import { expect, it } from 'vitest';
import { variantsOf } from '../../../src/engine/webgpu/self-test.ts';

it('what a trainer records of its kernels are the variants that were right', () => {
  const result = (kernel: 'gemm' | 'add', variant: string, ok = true) =>
    ({ kernel, variant, storage: 'f32', maxError: 0, ok }) as const;
  const results = [
    result('gemm', 'tiles', false),
    result('gemm', 'rows'),
    result('gemm', 'rows'),
    result('gemm', 'columns'),
    result('add', 'vec4'),
  ];
  expect(variantsOf(results)).toEqual({ gemm: ['rows', 'columns'], add: ['vec4'] });
});
