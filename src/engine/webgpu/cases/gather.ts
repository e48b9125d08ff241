import { padRows, padTo4 } from '../../../gpu/buffers.ts';
import { NO_ROW } from '../kernels/gather-rows/gather-rows.ts';
import { floatCase, type KernelCase, randomFloats, randomIntegers } from './kernel-case.ts';

export function gatherRowsCase(rows: number, columns: number, accumulate: 0 | 1, seed: number): KernelCase {
  const sources = rows + 3;
  const x = padRows(randomFloats(seed, sources * columns), sources, columns);
  const index = Uint32Array.from(randomIntegers(seed + 1, rows, sources), (drawn, i) =>
    i % 4 === 2 ? NO_ROW : drawn,
  );
  const stride = padTo4(columns);
  const y = padRows(randomFloats(seed + 2, rows * columns), rows, columns);
  const expected = accumulate ? Float64Array.from(y) : new Float64Array(y.length);
  for (const [i, from] of index.entries())
    if (from !== NO_ROW) for (let c = 0; c < columns; c++) expected[i * stride + c] += x[from * stride + c];
  return floatCase({
    label: `${rows}×${columns}${accumulate ? ' +=' : ''}`,
    kernel: 'gather-rows',
    constants: { ACCUMULATE: accumulate },
    uniforms: { rows, stride4: stride / 4 },
    inputs: { x, index },
    start: { y },
    answer: 'y',
    expected,
  });
}

/** Segments of these many items each, into rows of y in falling order, of which some have no segment. */
export function segmentSumCase(
  sizes: readonly number[],
  columns: number,
  accumulate: 0 | 1,
  seed: number,
): KernelCase {
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const sources = total + 2;
  const stride = padTo4(columns);
  const x = padRows(randomFloats(seed, sources * columns), sources, columns);
  const coefficients = randomFloats(seed + 1, total);
  const items = new Uint32Array(2 * Math.max(1, total));
  const bits = new Float32Array(items.buffer);
  for (const [i, row] of randomIntegers(seed + 2, total, sources).entries()) {
    items[2 * i] = row;
    bits[2 * i + 1] = coefficients[i];
  }
  const destinations = 2 * sizes.length + 1;
  const y = padRows(randomFloats(seed + 3, destinations * columns), destinations, columns);
  const expected = Float64Array.from(y);
  const segments = new Uint32Array(4 * sizes.length);
  let first = 0;
  for (const [s, size] of sizes.entries()) {
    const to = 2 * (sizes.length - 1 - s) + 1;
    segments.set([to, first, size, 0], 4 * s);
    if (!accumulate) expected.fill(0, to * stride, (to + 1) * stride);
    for (let i = first; i < first + size; i++)
      for (let c = 0; c < columns; c++)
        expected[to * stride + c] += coefficients[i] * x[items[2 * i] * stride + c];
    first += size;
  }
  return floatCase({
    label: `${sizes.length} of ${total} × ${columns}${accumulate ? ' +=' : ''}`,
    kernel: 'segment-sum',
    constants: { ACCUMULATE: accumulate },
    uniforms: { segments: sizes.length, stride4: stride / 4 },
    inputs: { x, segments, items },
    start: { y },
    answer: 'y',
    expected,
  });
}
