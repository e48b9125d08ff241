import { padRows, padTo4 } from '../../../gpu/buffers.ts';
import { floatCase, type KernelCase, randomFloats, randomIntegers } from './kernel-case.ts';

/** The lowest float32: the greatest of no logits. */
const LOWEST = -3.4028234663852886e38;
const NO_CLASS = 0xffff_ffff;

/** Classes start … start + columns of rows whose other classes come before and after. */
export interface ClassChunk {
  readonly rows: number;
  readonly start: number;
  readonly columns: number;
  /** Classes behind the chunk. */
  readonly behind: number;
}

interface Target {
  readonly own: number;
  readonly weight: number;
  readonly first: number;
  readonly end: number;
}

interface State {
  readonly most: number;
  readonly sum: number;
  readonly ownLogit: number;
  readonly best: number;
}

/**
 * Logits in steps of a half, so that some are equal, and far from zero: without subtracting the greatest
 * their exponentials would overflow. Every third row has all classes as its own, the others a range; one of
 * seven has no classes, another weight zero.
 */
function drawRows({ rows, start, columns, behind }: ClassChunk, seed: number) {
  const classes = start + columns + behind;
  const logits = randomFloats(seed, rows * classes).map((v) => 200 + Math.round(16 * v) / 2);
  const weights = randomFloats(seed + 1, rows);
  const [a, b, within] = [2, 3, 4].map((k) => randomIntegers(seed + k, rows, classes));
  const targets = Array.from({ length: rows }, (_, row): Target => {
    if (row % 7 === 6) return { own: 0, weight: 0, first: 0, end: 0 };
    const whole = row % 3 === 0;
    const first = whole ? 0 : Math.min(a[row], b[row]);
    const end = whole ? classes : Math.max(a[row], b[row]) + 1;
    const weight = row % 7 === 5 ? 0 : 1.5 + weights[row];
    return { own: first + (within[row] % (end - first)), weight, first, end };
  });
  return { classes, logits, targets };
}

function packTargets(targets: readonly Target[]): Uint32Array<ArrayBuffer> {
  const packed = new Uint32Array(4 * targets.length);
  const bits = new Float32Array(packed.buffer);
  for (const [row, { own, weight, first, end }] of targets.entries()) {
    packed.set([own, 0, first, end], 4 * row);
    bits[4 * row + 1] = weight;
  }
  return packed;
}

function packStates(states: readonly State[]): Uint32Array<ArrayBuffer> {
  const packed = new Uint32Array(4 * states.length);
  const bits = new Float32Array(packed.buffer);
  for (const [row, { most, sum, ownLogit, best }] of states.entries()) {
    bits.set([most, sum, ownLogit], 4 * row);
    packed[4 * row + 3] = best;
  }
  return packed;
}

/** The state of one row (of logits of all classes) after classes below `upTo`. */
function stateOf(logits: Float32Array, { own, first, end }: Target, upTo: number): State {
  let [most, best, sum] = [LOWEST, NO_CLASS, 0];
  for (let c = first; c < Math.min(end, upTo); c++) if (logits[c] > most) [most, best] = [logits[c], c];
  for (let c = first; c < Math.min(end, upTo); c++) sum += Math.exp(logits[c] - most);
  return { most, sum, best, ownLogit: own < upTo ? logits[own] : 0 };
}

const chunkOf = (logits: Float32Array, classes: number, { rows, start, columns }: ClassChunk) =>
  padRows(
    Float32Array.from(
      { length: rows * columns },
      (_, i) => logits[Math.floor(i / columns) * classes + start + (i % columns)],
    ),
    rows,
    columns,
  );

/** With a `start` of 0 the first chunk, otherwise one behind others. */
export function softmaxStatisticsCase(chunk: ClassChunk, seed: number): KernelCase {
  const { rows, start, columns } = chunk;
  const { classes, logits, targets } = drawRows(chunk, seed);
  const after = (upTo: number) =>
    targets.map((target, row) => stateOf(logits.subarray(row * classes, (row + 1) * classes), target, upTo));
  return floatCase({
    label: `${rows}×${columns} from ${start} of ${classes}`,
    kernel: 'softmax-statistics',
    constants: { FIRST: Number(start === 0) },
    uniforms: { rows, columns, stride4: padTo4(columns) / 4, column_start: start },
    inputs: { logits: chunkOf(logits, classes, chunk), targets: packTargets(targets) },
    start: { state: start === 0 ? randomFloats(seed + 5, 4 * rows) : packStates(after(start)) },
    answer: 'state',
    extract: (bytes) => {
      const [floats, integers] = [new Float32Array(bytes), new Uint32Array(bytes)];
      return floats.map((v, i) => (i % 4 === 3 ? integers[i] : v));
    },
    expected: Float64Array.from(
      after(start + columns).flatMap(({ most, sum, ownLogit, best }) => [most, sum, ownLogit, best]),
    ),
  });
}

export function softmaxGradientCase(chunk: ClassChunk, seed: number): KernelCase {
  const { rows, start, columns } = chunk;
  const { classes, logits, targets } = drawRows(chunk, seed);
  const states = targets.map((target, row) =>
    stateOf(logits.subarray(row * classes, (row + 1) * classes), target, classes),
  );
  const stride = padTo4(columns);
  const expected = new Float64Array(rows * stride);
  for (const [row, { own, weight, first, end }] of targets.entries())
    for (let c = Math.max(first, start); c < Math.min(end, start + columns); c++) {
      const probability = Math.exp(logits[row * classes + c] - states[row].most) / states[row].sum;
      expected[row * stride + c - start] = weight * (probability - Number(c === own));
    }
  return floatCase({
    label: `${rows}×${columns} from ${start} of ${classes}`,
    kernel: 'softmax-gradient',
    uniforms: { rows, columns, stride4: stride / 4, column_start: start },
    inputs: {
      logits: chunkOf(logits, classes, chunk),
      targets: packTargets(targets),
      state: packStates(states),
    },
    start: { y: randomFloats(seed + 5, rows * stride) },
    answer: 'y',
    expected,
  });
}

export function squaredErrorCase(rows: number, answer: 'dx' | 'loss', seed: number): KernelCase {
  const x = randomFloats(seed, rows);
  const values = randomFloats(seed + 1, rows);
  const weights = randomFloats(seed + 2, rows).map((v) => 1 + v);
  const dx = new Float64Array(4 * rows);
  for (let row = 0; row < rows; row++) dx[4 * row] = 2 * weights[row] * (x[row] - values[row]);
  return floatCase({
    label: `${answer} of ${rows}`,
    kernel: 'squared-error',
    uniforms: { rows },
    inputs: {
      x: padRows(x, rows, 1),
      targets: Float32Array.from({ length: 2 * rows }, (_, i) => (i % 2 ? weights : values)[i >> 1]),
    },
    start: { dx: randomFloats(seed + 3, 4 * rows), loss: randomFloats(seed + 4, rows) },
    answer,
    expected: answer === 'dx' ? dx : Float64Array.from(x, (v, i) => weights[i] * (v - values[i]) ** 2),
  });
}
