import { padTo4 } from '../../../gpu/buffers.ts';
import { UNIFORM_SLOT_BYTES } from '../../../gpu/uniforms.ts';
import type { ModelConfig } from '../../../model/config.ts';
import { countLosses } from '../../loss-counts.ts';
import type { TrainBatch, TrainerOptions } from '../../trainer.ts';
import { planArena } from '../arena.ts';
import { layoutMicroBatch } from './micro-batch.ts';
import { normInputs } from './norm.ts';
import { normBytes } from './optimiser.ts';
import { trainingParameters } from './parameters.ts';
import { planTraining } from './plan.ts';
import { trainingShape } from './shape.ts';

/** Of the genes of a cell, those that are hidden. */
const MASKED_SHARE = 0.15;

/** The largest micro-batch of a training run. */
export interface TrainingSize {
  readonly cells: number;
  readonly genesPerCell: number;
}

/**
 * Bytes on the device for training with micro-batches of this size: weights, gradients, moments, activations where
 * the arena puts them, and what the host writes. Made by planning such a micro-batch.
 */
export function estimateTrainingBytes(
  config: ModelConfig,
  options: TrainerOptions,
  size: TrainingSize,
): number {
  const shape = trainingShape(config, options);
  const parameters = trainingParameters(shape);
  const learning = parameters.filter(({ learns }) => learns);
  const values = (of: typeof parameters) => of.reduce((sum, { count }) => sum + count, 0);
  const { sums, factor } = normBytes(learning);
  const zeros = padTo4(Math.max(3 * config.dModel, config.dHid));
  const fixed = 4 * (values(parameters) + 3 * values(learning) + zeros) + sums + factor;

  const batch = exampleBatch(config, size);
  const annotations = Object.keys(config.annotations);
  // Which tokens stand for the annotations changes nothing.
  const special = { annotations: annotations.map(() => 0), pad: null };
  const laidOut = layoutMicroBatch(batch, shape, special, countLosses([batch], annotations));
  if (laidOut.rows === 0) return fixed;
  const dropout = { probability: options.dropout, seed: 0, microBatch: 0 };
  const plan = planTraining(shape, parameters, laidOut, { gradients: true, dropout }, Number.MAX_VALUE);
  const arena = planArena(plan.dispatches, plan.activations, plan.answers);
  const total = (sizes: Iterable<number>) => [...sizes].reduce((sum, bytes) => sum + bytes, 0);
  const written = [...laidOut.inputs.values(), ...normInputs(laidOut.rows).values()];
  return (
    fixed +
    total(arena.bytes.values()) +
    total(written.map(({ byteLength }) => byteLength)) +
    2 * UNIFORM_SLOT_BYTES * plan.dispatches.length +
    total(plan.answers.map((name) => plan.activations.get(name) ?? 0))
  );
}

function exampleBatch(config: ModelConfig, { cells, genesPerCell }: TrainingSize): TrainBatch {
  const tokens = cells * genesPerCell;
  const masked = Math.floor(MASKED_SHARE * tokens);
  const values = config.valueInput === 'none' ? {} : { values: new Float32Array(tokens) };
  return {
    cuSeqlens: Uint32Array.from({ length: cells + 1 }, (_, cell) => cell * genesPerCell),
    geneIds: Uint32Array.from({ length: tokens }, (_, token) => token % config.nToken),
    ...values,
    masked: Uint32Array.from({ length: masked }, (_, i) => Math.floor(i / MASKED_SHARE)),
    targets: new Float32Array(masked),
    labels: {},
  };
}
