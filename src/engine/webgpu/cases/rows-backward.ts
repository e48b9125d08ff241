import { padRows, padTo4 } from '../../../gpu/buffers.ts';
import { floatCase, type KernelCase, randomFloats } from './kernel-case.ts';

const EPS = 1e-5;

/** Mean and 1 / √(variance + eps) of each row of x [rows, columns], in float64. */
function statisticsOf(x: Float32Array, rows: number, columns: number): Float64Array<ArrayBuffer> {
  const statistics = new Float64Array(2 * rows);
  for (let row = 0; row < rows; row++) {
    const own = x.subarray(row * columns, (row + 1) * columns);
    const mean = own.reduce((sum, v) => sum + v, 0) / columns;
    const variance = own.reduce((sum, v) => sum + (v - mean) ** 2, 0) / columns;
    statistics.set([mean, 1 / Math.sqrt(variance + EPS)], 2 * row);
  }
  return statistics;
}

/**
 * Rows whose mean is far from zero, where a one-pass variance would lose its digits, and whose neighbours are
 * two apart: of nearly equal values no float32 statistics are good.
 */
function drawX(seed: number, rows: number, columns: number): Float32Array<ArrayBuffer> {
  return randomFloats(seed, rows * columns).map((v, i) => 3 + v + 4 * ((i % columns) % 2));
}

export function layerNormBackwardCase(
  rows: number,
  columns: number,
  seed: number,
  answer: 'dx' | 'statistics' = 'dx',
): KernelCase {
  const x = drawX(seed, rows, columns);
  const weight = randomFloats(seed + 1, columns);
  const cotangent = randomFloats(seed + 2, rows * columns);
  const stride = padTo4(columns);
  const statistics = statisticsOf(x, rows, columns);
  const dx = new Float64Array(rows * stride);
  for (let row = 0; row < rows; row++) {
    const [mean, scale] = statistics.subarray(2 * row);
    const at = row * columns;
    const normal = (c: number) => (x[at + c] - mean) * scale;
    let plain = 0;
    let along = 0;
    for (let c = 0; c < columns; c++) {
      const g = cotangent[at + c] * weight[c];
      plain += g / columns;
      along += (g * normal(c)) / columns;
    }
    for (let c = 0; c < columns; c++)
      dx[row * stride + c] = scale * (cotangent[at + c] * weight[c] - plain - normal(c) * along);
  }
  return floatCase({
    label: `${answer} ${rows}×${columns}`,
    kernel: 'layer-norm-backward',
    uniforms: { rows, columns, stride4: stride / 4, eps: EPS },
    inputs: {
      x: padRows(x, rows, columns),
      weight: padRows(weight, 1, columns),
      cotangent: padRows(cotangent, rows, columns),
    },
    start: { dx: randomFloats(seed + 3, rows * stride), statistics: randomFloats(seed + 4, 2 * rows) },
    answer,
    expected: answer === 'dx' ? dx : statistics,
  });
}

export function layerNormParametersCase(
  rows: number,
  columns: number,
  sliceRows: number,
  seed: number,
): KernelCase {
  const x = drawX(seed, rows, columns);
  const cotangent = randomFloats(seed + 1, rows * columns);
  const statistics = Float32Array.from(statisticsOf(x, rows, columns));
  const stride = padTo4(columns);
  const slices = Math.ceil(rows / sliceRows);
  const expected = new Float64Array(2 * slices * stride);
  for (let row = 0; row < rows; row++) {
    const at = 2 * Math.floor(row / sliceRows) * stride;
    const [mean, scale] = statistics.subarray(2 * row);
    for (let c = 0; c < columns; c++) {
      const g = cotangent[row * columns + c];
      expected[at + c] += g * (x[row * columns + c] - mean) * scale;
      expected[at + stride + c] += g;
    }
  }
  return floatCase({
    label: `${rows}×${columns} by ${sliceRows}`,
    kernel: 'layer-norm-parameters',
    uniforms: { rows, columns, stride4: stride / 4, slice_rows: sliceRows },
    inputs: {
      x: padRows(x, rows, columns),
      cotangent: padRows(cotangent, rows, columns),
      statistics,
    },
    start: { y: randomFloats(seed + 2, 2 * slices * stride) },
    answer: 'y',
    expected,
  });
}

export function sumRowsCase(
  rows: number,
  columns: number,
  sliceRows: number,
  accumulate: 0 | 1,
  seed: number,
): KernelCase {
  const x = randomFloats(seed, rows * columns);
  const stride = padTo4(columns);
  const slices = Math.ceil(rows / sliceRows);
  const y = padRows(randomFloats(seed + 1, slices * columns), slices, columns);
  const expected = accumulate ? Float64Array.from(y) : new Float64Array(y.length);
  for (let row = 0; row < rows; row++)
    for (let c = 0; c < columns; c++)
      expected[Math.floor(row / sliceRows) * stride + c] += x[row * columns + c];
  return floatCase({
    label: `${rows}×${columns} by ${sliceRows}${accumulate ? ' +=' : ''}`,
    kernel: 'sum-rows',
    constants: { ACCUMULATE: accumulate },
    uniforms: { rows, stride4: stride / 4, slice_rows: sliceRows },
    inputs: { x: padRows(x, rows, columns) },
    start: { y },
    answer: 'y',
    expected,
  });
}
