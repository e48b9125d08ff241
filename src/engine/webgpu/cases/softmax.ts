import { padRows, padTo4, unpadRows } from '../../../gpu/buffers.ts';
import { gemmCase } from './gemm.ts';
import { dispatchOf, type KernelCase, randomFloats } from './kernel-case.ts';

/** Weights and labels of `rows` cells as the kernel reads them: (class, bits of the weight). */
export function packTargets(labels: ArrayLike<number>, weights: ArrayLike<number>): Uint32Array<ArrayBuffer> {
  const packed = new Uint32Array(2 * labels.length);
  const bits = new Float32Array(packed.buffer);
  for (let i = 0; i < labels.length; i++) {
    packed[2 * i] = labels[i];
    bits[2 * i + 1] = weights[i];
  }
  return packed;
}

export function softmaxResidualCase(rows: number, classes: number, seed: number): KernelCase {
  // Logits far from zero: without subtracting the greatest their exponentials would overflow.
  const logits = randomFloats(seed, rows * classes).map((v) => 200 + 8 * v);
  const weights = randomFloats(seed + 1, rows).map((v) => 1 + v);
  const labels = Array.from(
    randomFloats(seed + 2, rows),
    (v) => Math.floor(((v + 1) / 2) * classes) % classes,
  );
  const expected = new Float64Array(rows * (classes + 1));
  for (const [row, label] of labels.entries()) {
    const own = Array.from(logits.subarray(row * classes, (row + 1) * classes));
    const most = Math.max(...own);
    const sum = own.reduce((total, logit) => total + Math.exp(logit - most), 0);
    for (const [c, logit] of own.entries())
      expected[row * (classes + 1) + c] = weights[row] * (Math.exp(logit - most) / sum - Number(c === label));
    expected[row * (classes + 1) + classes] = weights[row] * (Math.log(sum) + most - own[label]);
  }
  const stride = padTo4(classes + 1);
  return {
    label: `softmax-residual ${rows}×${classes}`,
    dispatch: dispatchOf(
      {
        kernel: 'softmax-residual',
        constants: {},
        storage: 'f32',
        uniforms: { rows, classes, logit_stride: padTo4(classes), stride },
      },
      ['logits', 'targets', 'y'],
    ),
    inputs: { logits: padRows(logits, rows, classes), targets: packTargets(labels, weights) },
    outputs: { y: 4 * rows * stride },
    answer: 'y',
    extract: (y) => unpadRows(new Float32Array(y), rows, classes + 1, stride),
    expected,
  };
}

export interface TransposedShape {
  readonly rows: number;
  readonly inner: number;
  readonly columns: number;
  readonly sliceRows: number;
}

export function gemmTransposedCase(shape: TransposedShape, seed: number): KernelCase {
  const { rows, inner, columns, sliceRows } = shape;
  const x = randomFloats(seed, rows * inner);
  const r = randomFloats(seed + 1, rows * columns);
  const slices = Math.ceil(rows / sliceRows);
  const expected = new Float64Array(slices * inner * columns);
  for (let row = 0; row < rows; row++) {
    const slice = Math.floor(row / sliceRows);
    for (let k = 0; k < inner; k++)
      for (let c = 0; c < columns; c++)
        expected[(slice * inner + k) * columns + c] += x[row * inner + k] * r[row * columns + c];
  }
  const [paddedInner, stride] = [padTo4(inner), padTo4(columns)];
  return {
    label: `gemm-transposed ${rows}×${inner}×${columns} by ${sliceRows}`,
    dispatch: dispatchOf(
      {
        kernel: 'gemm-transposed',
        constants: {},
        storage: 'f32',
        uniforms: { rows, slice_rows: sliceRows, inner4: paddedInner / 4, columns4: stride / 4 },
      },
      ['x', 'r', 'y'],
    ),
    inputs: { x: padRows(x, rows, inner), r: padRows(r, rows, columns) },
    outputs: { y: 4 * slices * paddedInner * stride },
    answer: 'y',
    extract: (y) => {
      const slicesOf = unpadRows(new Float32Array(y), slices * paddedInner, columns, stride);
      return unpadRows(slicesOf, slices, inner * columns, paddedInner * columns);
    },
    expected,
  };
}

/** What the softmax loss runs, on shapes no tile divides, against float64. */
export function softmaxLossCases(seed: number): KernelCase[][] {
  return [
    [gemmCase({ rows: 67, inner: 35, columns: 7, epilogue: 'bias' }, seed)],
    [softmaxResidualCase(67, 7, seed), softmaxResidualCase(3, 2, seed)],
    [
      gemmTransposedCase({ rows: 67, inner: 35, columns: 9, sliceRows: 20 }, seed),
      gemmTransposedCase({ rows: 5, inner: 259, columns: 3, sliceRows: 64 }, seed),
    ],
  ];
}
