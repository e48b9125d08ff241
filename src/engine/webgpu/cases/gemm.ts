import { padRows, padTo4, unpadRows } from '../../../gpu/buffers.ts';
import type { Precision } from '../../engine.ts';
import * as reference from '../../reference/numerics.ts';
import { STORED_BYTES } from '../dispatch.ts';
import { type Epilogue, type GemmForm, gemmConstants, gemmUniforms } from '../kernels/gemm/gemm.ts';
import { transposeForGemm } from '../weights.ts';
import { dispatchOf, fromStored, type KernelCase, randomFloats, rounded, toStored } from './kernel-case.ts';

export interface GemmShape {
  readonly rows: number;
  readonly inner: number;
  readonly columns: number;
  readonly epilogue: Epilogue;
  readonly form?: GemmForm;
  /** Rows before this one stay as they are. */
  readonly rowStart?: number;
  /** 1: y is added to. */
  readonly accumulate?: 0 | 1;
}

export function gemmCase(shape: GemmShape, seed: number, storage: Precision = 'f32'): KernelCase {
  const { rows, inner, columns, epilogue, form = 'nn', rowStart = 0, accumulate = 0 } = shape;
  const x = rounded(randomFloats(seed, rows * inner), storage);
  const scale = 2 / Math.sqrt(inner);
  const drawn = randomFloats(seed + 1, columns * inner).map((v) => v * scale);
  const weight = rounded(drawn, storage);
  const bias = randomFloats(seed + 2, columns);
  const residual = rounded(randomFloats(seed + 3, rows * columns), storage);
  const added = epilogue === 'none' ? new Float32Array(columns) : bias;
  const expected = reference.linear(Float64Array.from(x), rows, weight, added, inner, columns);
  for (let i = 0; i < expected.length; i++) {
    if (epilogue === 'gelu') expected[i] = reference.gelu(expected[i]);
    if (epilogue === 'relu') expected[i] = reference.relu(expected[i]);
    if (epilogue === 'residual') expected[i] += residual[i];
  }
  expected.fill(0, 0, rowStart * columns);
  const before = rounded(randomFloats(seed + 4, rows * columns), storage);
  if (accumulate) for (const [i, v] of before.entries()) expected[i] += v;
  // Of form nn, the weight's rows are padded as well: what plans call a weight's transpose.
  const weights =
    form === 'nt' ? padRows(weight, columns, inner) : transposeForGemm(weight, columns, inner, form === 'nn');
  const xs = form === 'tn' ? transposeForGemm(x, rows, inner, false) : padRows(x, rows, inner);
  return {
    label: `gemm ${form} ${rows}×${inner}×${columns} ${epilogue}${accumulate ? ' +=' : ''} ${storage}`,
    dispatch: dispatchOf(
      {
        kernel: 'gemm',
        constants: gemmConstants(epilogue, form, accumulate),
        storage,
        uniforms: gemmUniforms({ rows, inner, columns, rowStart }),
      },
      ['x', 'weight', 'bias', 'residual', 'y'],
    ),
    inputs: {
      x: toStored(xs, storage),
      weight: toStored(weights, storage),
      bias: padRows(bias, 1, columns),
      residual: toStored(padRows(residual, rows, columns), storage),
    },
    outputs: { y: STORED_BYTES[storage] * rows * padTo4(columns) },
    ...(accumulate ? { start: { y: toStored(padRows(before, rows, columns), storage) } } : {}),
    answer: 'y',
    extract: (y) => unpadRows(fromStored(y, storage), rows, columns),
    expected,
  };
}
