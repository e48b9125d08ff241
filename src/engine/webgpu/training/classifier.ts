import { padTo4 } from '../../../gpu/buffers.ts';
import type { TableChunk } from '../dispatch.ts';
import type { PlanBuilder } from './builder.ts';
import { gradientOf } from './parameters.ts';

/** A softmax over classes for some rows of the last states. */
export interface ClassifierWork {
  /** The gathered rows' names begin with it: `${name}.targets`. */
  readonly name: string;
  /** Class rows that lie in one buffer, in order. */
  readonly chunks: readonly TableChunk[];
  /** [rows, d] */
  readonly hidden: string;
  readonly rows: number;
  readonly d: number;
  /** Logits are kept for the gradients instead of being computed again. */
  readonly keepLogits: boolean;
}

/** Name of a classifier's states of softmax, [rows] vec4f: greatest logit, Σ exp(l − greatest), target's, argmax. */
export const stateOf = (name: string) => `${name}.state`;
/** Name of the logits of a chunk. */
export const logitsOf = (name: string, chunk: number) => `${name}.logits.${chunk}`;

/** Logits chunk by chunk, and the statistics of softmax over all of them: the loss, and what its gradient needs. */
export function forwardClassifier(plan: PlanBuilder, work: ClassifierWork): void {
  const state = plan.buffer(stateOf(work.name), 16 * work.rows);
  for (const [i, { start, end, buffer }] of work.chunks.entries()) {
    const logits = chunkLogits(plan, work, i, logitsOf(work.name, i));
    plan.add({
      label: `${buffer} statistics`,
      kernel: 'softmax-statistics',
      constants: { FIRST: Number(i === 0) },
      buffers: { logits, targets: `${work.name}.targets`, state },
      uniforms: softmaxUniforms(work.rows, start, end),
      flops: 6 * work.rows * (end - start),
    });
  }
}

/** Gradients of the class rows; the cotangent of `hidden`. */
export function backwardClassifier(plan: PlanBuilder, work: ClassifierWork): string {
  const { name, chunks, hidden, rows, d } = work;
  const dHidden = plan.matrix(`${name}.dx`, rows, d);
  for (const [i, { buffer, start, end }] of chunks.entries()) {
    const columns = end - start;
    const logits = work.keepLogits
      ? logitsOf(name, i)
      : chunkLogits(plan, work, i, `${logitsOf(name, i)}.again`);
    const dLogits = plan.matrix(`${logits}.dx`, rows, columns);
    plan.add({
      label: `${buffer} softmax back`,
      kernel: 'softmax-gradient',
      buffers: { logits, targets: `${name}.targets`, state: stateOf(name), y: dLogits },
      uniforms: softmaxUniforms(rows, start, end),
      flops: 6 * rows * columns,
    });
    classRowGradients(plan, buffer, hidden, dLogits, { rows, d, columns });
    plan.product({
      ...{ label: `${buffer} back`, form: 'nn', x: dLogits, weight: buffer, y: dHidden },
      ...{ rows, inner: columns, columns: d, accumulate: i > 0 },
    });
  }
  return dHidden;
}

/** Name of the weighted squared errors, [rows] float32. */
export const squaresOf = (name: string) => `${name}.squares`;

/** The squared error of one output a row, and the cotangent of that output. */
export function forwardSquares(
  plan: PlanBuilder,
  { name, chunks: [{ buffer }], hidden, rows, d }: ClassifierWork,
): void {
  const predicted = plan.product({
    ...{ label: buffer, form: 'nt', x: hidden, weight: buffer, bias: `${buffer}.bias` },
    ...{ y: plan.matrix(`${name}.predicted`, rows, 1), rows, inner: d, columns: 1 },
  });
  const loss = plan.buffer(squaresOf(name), 4 * rows);
  const dx = plan.matrix(`${name}.predicted.dx`, rows, 1);
  plan.add({
    label: `${buffer} squared error`,
    kernel: 'squared-error',
    buffers: { x: predicted, targets: `${name}.targets`, dx, loss },
    uniforms: { rows },
    flops: 8 * rows,
  });
}

/** Gradients of the output's weights; the cotangent of `hidden`. */
export function backwardSquares(
  plan: PlanBuilder,
  { name, chunks: [{ buffer }], hidden, rows, d }: ClassifierWork,
): string {
  const dPredicted = `${name}.predicted.dx`;
  classRowGradients(plan, buffer, hidden, dPredicted, { rows, d, columns: 1 });
  return plan.product({
    ...{ label: `${buffer} back`, form: 'nn', x: dPredicted, weight: buffer },
    ...{ y: plan.matrix(`${name}.dx`, rows, d), rows, inner: 1, columns: d },
  });
}

function chunkLogits(
  plan: PlanBuilder,
  { chunks, hidden, rows, d }: ClassifierWork,
  chunk: number,
  name: string,
): string {
  const { buffer, start, end } = chunks[chunk];
  const columns = end - start;
  return plan.product({
    ...{ label: buffer, form: 'nt', x: hidden, weight: buffer, bias: `${buffer}.bias` },
    ...{ y: plan.matrix(name, rows, columns), rows, inner: d, columns },
  });
}

/** A classifier's matrix lies as PyTorch has it, [classes, d]. */
function classRowGradients(
  plan: PlanBuilder,
  buffer: string,
  hidden: string,
  dLogits: string,
  { rows, d, columns }: { readonly rows: number; readonly d: number; readonly columns: number },
): void {
  plan.product({
    ...{ label: gradientOf(buffer), form: 'tn', x: dLogits, weight: hidden, y: gradientOf(buffer) },
    ...{ rows: columns, inner: rows, columns: d, accumulate: true },
  });
  const bias = gradientOf(`${buffer}.bias`);
  plan.sumRows(bias, dLogits, bias, rows, columns);
}

function softmaxUniforms(rows: number, start: number, end: number) {
  return { rows, columns: end - start, stride4: padTo4(end - start) / 4, column_start: start };
}
