import { padTo4 } from '../../../gpu/buffers.ts';
import type { StepDropout } from '../../dropout.ts';
import type { Dispatch } from '../dispatch.ts';
import { embedDispatches } from '../layer-dispatches.ts';
import { PlanBuilder } from './builder.ts';
import {
  backwardClassifier,
  backwardSquares,
  type ClassifierWork,
  forwardClassifier,
  forwardSquares,
  logitsOf,
  squaresOf,
  stateOf,
} from './classifier.ts';
import { forwardLayer, type LayerWork } from './layer.ts';
import { backwardLayer } from './layer-backward.ts';
import type { Linear } from './linear.ts';
import type { MicroBatch } from './micro-batch.ts';
import { LINEAR_PARTS, type LinearPart, type Parameter } from './parameters.ts';
import type { TrainingShape } from './shape.ts';

/** Bytes of a step's logits that are kept between the statistics of softmax and its gradient. */
const KEPT_LOGIT_BYTES = 256 * 2 ** 20;

/** What a micro-batch is planned for. */
export interface Purpose {
  /** Gradients of what learns; otherwise losses, and the logits of every annotation head. */
  readonly gradients: boolean;
  /** Absent: nothing is dropped. `microBatch` is the batch's number in the step. */
  readonly dropout?: StepDropout & { readonly microBatch: number };
}

export interface TrainingPlan {
  readonly dispatches: readonly Dispatch[];
  /** Bytes of each activation. */
  readonly activations: ReadonlyMap<string, number>;
  /** Activations that are read back, a part of `activations`. */
  readonly answers: readonly string[];
}

/**
 * Forward, losses and backward of one micro-batch as dispatches in order. Gradients are added to the buffers
 * `gradientOf` names. What no learning weight and no answer needs is not in the plan.
 * @param budget flops of a dispatch beyond which it is split
 */
export function planTraining(
  shape: TrainingShape,
  parameters: readonly Parameter[],
  batch: MicroBatch,
  purpose: Purpose,
  budget: number,
): TrainingPlan {
  const { config, options } = shape;
  const { dModel: d, nLayers } = config;
  const { rows, layout } = batch;
  const plan = new PlanBuilder(budget);
  const learning = new Set(parameters.filter(({ learns }) => learns).map(({ buffer }) => buffer));
  const works = Array.from(
    { length: nLayers },
    (_, index): LayerWork => ({
      config,
      index,
      linears: linearsOf(shape, index, learning),
      normsLearn: learning.has(`layers.${index}.norm1`),
      layout,
      dropout: purpose.dropout !== undefined && options.dropout > 0 ? purpose.dropout : null,
    }),
  );

  if (config.valueInput === 'rank') planValueTable(plan, d);
  const embedded = plan.matrix('embedded', rows, d);
  plan.push(...embedDispatches(config, layout, shape.embeddings, embedded, 'f32'));
  let states = embedded;
  const kept = works.map((work, index) => {
    const layer = forwardLayer(plan, work, `layers.${index}`, states);
    states = layer.y;
    return layer;
  });

  const answers: string[] = [];
  const cotangents: { readonly name: string; readonly of: string }[] = [];
  const gathered = (name: string, count: number, chunks: ClassifierWork['chunks']): ClassifierWork => {
    const hidden = plan.matrix(`${name}.hidden`, count, d);
    planGather(plan, { x: states, index: `${name}.index`, y: hidden }, count, d);
    const classes = chunks[chunks.length - 1].end;
    const keepLogits =
      chunks.length === 1 || (!options.checkpointing && 4 * count * padTo4(classes) <= KEPT_LOGIT_BYTES);
    return { name, chunks, hidden, rows: count, d, keepLogits };
  };
  if (shape.masked !== null && batch.maskedRows > 0) {
    const work = gathered('masked', batch.maskedRows, shape.masked.chunks);
    const squares = shape.masked.loss === 'squares';
    (squares ? forwardSquares : forwardClassifier)(plan, work);
    answers.push(squares ? squaresOf('masked') : stateOf('masked'));
    if (purpose.gradients)
      cotangents.push({ name: 'masked', of: (squares ? backwardSquares : backwardClassifier)(plan, work) });
  }
  for (const [i, { buffer, classes, learns }] of shape.heads.entries()) {
    if (batch.headRows[i] === 0 || (purpose.gradients && !learns)) continue;
    const work = gathered(buffer, batch.headRows[i], [{ buffer, start: 0, end: classes }]);
    forwardClassifier(plan, work);
    if (learns) answers.push(stateOf(buffer));
    if (purpose.gradients) cotangents.push({ name: buffer, of: backwardClassifier(plan, work) });
    else answers.push(logitsOf(buffer, 0));
  }

  if (cotangents.length > 0) {
    let cotangent = planInverse(plan, cotangents, rows, d);
    for (const work of works.toReversed()) {
      // The last layer's activations are needed at once: to drop them would gain nothing.
      const states =
        options.checkpointing && work.index < nLayers - 1
          ? forwardLayer(plan, work, `layers.${work.index}.again`, kept[work.index].x)
          : kept[work.index];
      cotangent = backwardLayer(plan, work, states, cotangent);
    }
    planTables(plan, batch, cotangent, d);
  }
  return { ...plan.finish(answers), answers };
}

function linearsOf(
  { config, options: { trainable } }: TrainingShape,
  index: number,
  learning: ReadonlySet<string>,
): Readonly<Record<LinearPart, Linear>> {
  const { dModel: d, dHid } = config;
  const sizes = { in_proj: [d, 3 * d], out_proj: [d, d], linear1: [d, dHid], linear2: [dHid, d] } as const;
  const linear = (part: LinearPart): Linear => ({
    name: `layers.${index}.${part}`,
    inner: sizes[part][0],
    columns: sizes[part][1],
    learns: learning.has(`layers.${index}.${part}`),
    adapter:
      trainable.kind === 'lora'
        ? { rank: trainable.lora.rank, scale: trainable.lora.alpha / trainable.lora.rank }
        : null,
  });
  const parts = Object.keys(LINEAR_PARTS) as LinearPart[];
  return Object.fromEntries(parts.map((part) => [part, linear(part)])) as Record<LinearPart, Linear>;
}

/** X rank: `value_projection.weight` and `value_mask`, which learn apart, as the two rows the embedding reads. */
function planValueTable(plan: PlanBuilder, d: number): void {
  const y = plan.matrix('value', 2, d);
  planGather(plan, { x: 'value.weight', index: 'value.first', y }, 2, d);
  planGather(plan, { x: 'value.mask', index: 'value.second', y }, 2, d, true);
}

function planGather(
  plan: PlanBuilder,
  buffers: { readonly x: string; readonly index: string; readonly y: string },
  rows: number,
  d: number,
  accumulate = false,
): void {
  plan.add({
    label: buffers.y,
    kernel: 'gather-rows',
    constants: { ACCUMULATE: Number(accumulate) },
    buffers,
    uniforms: { rows, stride4: padTo4(d) / 4 },
    flops: rows * d,
  });
}

/** The cotangent of the last states: that of every head's rows, zero for the others. */
function planInverse(
  plan: PlanBuilder,
  cotangents: readonly { readonly name: string; readonly of: string }[],
  rows: number,
  d: number,
): string {
  const y = plan.matrix('states.dx', rows, d);
  for (const [i, { name, of }] of cotangents.entries())
    planGather(plan, { x: of, index: `${name}.inverse`, y }, rows, d, i > 0);
  return y;
}

/** Cotangents of the embedded rows into the gradients of embeddings, positions and values. */
function planTables(plan: PlanBuilder, { tables }: MicroBatch, cotangent: string, d: number): void {
  const stride4 = padTo4(d) / 4;
  for (const { gradient, sums } of tables) {
    const stage = (
      which: 'direct' | 'pieces' | 'joined',
      items: string,
      x: string,
      y: string,
      accumulate: boolean,
    ) => {
      const segments = sums[which].segments.length / 4;
      plan.add({
        label: `${gradient} ${which}`,
        kernel: 'segment-sum',
        constants: { ACCUMULATE: Number(accumulate) },
        buffers: { x, segments: `${gradient}.${which}`, items: `${gradient}.${items}.items`, y },
        uniforms: { segments, stride4 },
        flops: segments === 0 ? 0 : 2 * sums[which].items.length * d,
      });
    };
    stage('direct', 'direct', cotangent, gradient, true);
    if (sums.pieces.segments.length === 0) continue;
    const partial = plan.matrix(`${gradient}.partial`, sums.pieces.segments.length / 4, d);
    stage('pieces', 'direct', cotangent, partial, false);
    stage('joined', 'joined', partial, gradient, true);
  }
}
