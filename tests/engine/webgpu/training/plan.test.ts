import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countLosses } from '../../../../src/engine/loss-counts.ts';
import type { TrainerOptions } from '../../../../src/engine/trainer.ts';
import { learningTensors } from '../../../../src/engine/training-tensors.ts';
import { planArena } from '../../../../src/engine/webgpu/arena.ts';
import type { Dispatch } from '../../../../src/engine/webgpu/dispatch.ts';
import { writtenBuffers } from '../../../../src/engine/webgpu/kernel.ts';
import { KERNELS } from '../../../../src/engine/webgpu/kernels/index.ts';
import { layoutMicroBatch } from '../../../../src/engine/webgpu/training/micro-batch.ts';
import { gradientOf, trainingParameters } from '../../../../src/engine/webgpu/training/parameters.ts';
import { planTraining } from '../../../../src/engine/webgpu/training/plan.ts';
import { trainingShape } from '../../../../src/engine/webgpu/training/shape.ts';
import type { ModelConfig } from '../../../../src/model/config.ts';
import {
  ANNOTATION_IDS,
  anyTraining,
  EVERYTHING,
  smallBatch,
  smallConfig,
  TRAINABLES,
} from './support/small-training.ts';

interface Asked {
  readonly config: ModelConfig;
  readonly options: TrainerOptions;
  readonly lengths: readonly number[];
  readonly budget: number;
}

function planOf({ config, options, lengths, budget }: Asked, gradients = true) {
  const shape = trainingShape(config, options, { decoderRows: 16, tableBytes: 1000 });
  const parameters = trainingParameters(shape);
  const batch = smallBatch(config, lengths);
  const counts = countLosses([batch], Object.keys(config.annotations));
  const special = { annotations: ANNOTATION_IDS, pad: null };
  const laidOut = layoutMicroBatch(batch, shape, special, counts);
  const dropout = { probability: options.dropout, seed: 7, microBatch: 0 };
  const purpose = gradients ? { gradients, dropout } : { gradients };
  return { parameters, ...planTraining(shape, parameters, laidOut, purpose, budget) };
}

const writtenBy = ({ kernel, constants, buffers }: Dispatch) =>
  writtenBuffers(KERNELS[kernel], constants).map((binding) => buffers[binding]);

const readBy = ({ kernel, buffers }: Dispatch) => KERNELS[kernel].reads.map((binding) => buffers[binding]);

describe('the plan of a micro-batch', () => {
  it('writes every activation before it is read', () => {
    fc.assert(
      fc.property(anyTraining, fc.boolean(), (asked, gradients) => {
        const { dispatches, activations, answers } = planOf(asked, gradients);
        const written = new Set<string>();
        for (const dispatch of dispatches) {
          for (const name of readBy(dispatch)) {
            if (activations.has(name)) expect(written, `${dispatch.label} reads ${name}`).toContain(name);
          }
          for (const name of writtenBy(dispatch)) {
            // What is added to, or changed in place, is read as well.
            if (dispatch.constants.ACCUMULATE || dispatch.constants.FIRST === 0)
              if (activations.has(name)) expect(written, `${dispatch.label} adds to ${name}`).toContain(name);
            written.add(name);
          }
        }
        for (const name of answers) expect(written).toContain(name);
      }),
      { numRuns: 60 },
    );
  });

  it('never reads a buffer it writes', () => {
    fc.assert(
      fc.property(anyTraining, (asked) => {
        for (const dispatch of planOf(asked).dispatches)
          for (const name of writtenBy(dispatch))
            expect(readBy(dispatch), dispatch.label).not.toContain(name);
      }),
      { numRuns: 40 },
    );
  });

  it('adds to the gradients of what learns and to no others', () => {
    fc.assert(
      fc.property(anyTraining, (asked) => {
        // A cell of all positions, so that some tokens are hidden.
        const { parameters, dispatches, activations } = planOf({ ...asked, lengths: [90, ...asked.lengths] });
        const { masked, annotations } = asked.options.weights;
        const written = new Set(dispatches.flatMap(writtenBy).filter((name) => !activations.has(name)));
        const learning = parameters.filter(({ learns }) => learns);
        // Without a loss there is nothing to do at all.
        const expected = masked + annotations.disease > 0 ? learning : [];
        expect([...written].sort()).toEqual(expected.map(({ buffer }) => gradientOf(buffer)).sort());
      }),
      { numRuns: 60 },
    );
  });

  it('gives activations that live together different buffers of the arena', () => {
    fc.assert(
      fc.property(anyTraining, (asked) => {
        const { dispatches, activations, answers } = planOf(asked);
        const { slots } = planArena(dispatches, activations, answers);
        const owner = new Map<string, string>();
        for (const dispatch of dispatches) {
          for (const name of readBy(dispatch)) {
            const slot = slots.get(name);
            if (slot !== undefined) expect(owner.get(slot), `${dispatch.label} reads ${name}`).toBe(name);
          }
          for (const name of writtenBy(dispatch)) {
            const slot = slots.get(name);
            if (slot !== undefined) owner.set(slot, name);
          }
        }
        for (const name of answers) expect(owner.get(slots.get(name) ?? '')).toBe(name);
      }),
      { numRuns: 60 },
    );
  });
});

describe('freezing', () => {
  const lengths = [30, 20];
  const labelsOf = (trainable: TrainerOptions['trainable'], checkpointing = false) => {
    const asked = { config: smallConfig('g'), options: { ...EVERYTHING, trainable, checkpointing } };
    return planOf({ ...asked, lengths, budget: 1e9 }).dispatches.map(({ label }) => label);
  };

  it('runs no backward pass through layers when heads alone learn', () => {
    const labels = labelsOf({ kind: 'heads' });
    expect(labels.filter((label) => label.startsWith('layers.') && label.includes(' back'))).toEqual([]);
    expect(labels).toContain('heads.gradient');
  });

  it('runs the backward pass down to the lowest layer that learns, and not to its input', () => {
    const labels = labelsOf({ kind: 'last-layers', layers: 1 });
    expect(labels).toContain('layers.2.in_proj.gradient');
    expect(labels.filter((label) => /^layers\.[01]\..* back$/.test(label))).toEqual([]);
    expect(labels).not.toContain('layers.2.in_proj back');
  });

  it('has no gradient of a frozen matrix beside adapters', () => {
    const labels = labelsOf({ kind: 'lora', lora: { rank: 2, alpha: 4, seed: 1 } });
    expect(labels).toContain('layers.0.in_proj.a.gradient');
    expect(labels).not.toContain('layers.0.in_proj.gradient');
    expect(labels).not.toContain('layers.0.in_proj back');
    expect(labels.filter((label) => label.startsWith('embeddings') && label.includes('direct'))).toEqual([]);
  });

  it('learns the parameters of the tensors that learn', () => {
    for (const trainable of TRAINABLES) {
      const options = { ...EVERYTHING, trainable };
      const config = smallConfig('rank');
      const parameters = trainingParameters(trainingShape(config, options));
      const found = parameters.filter(({ learns }) => learns).flatMap(({ parts }) => parts);
      expect(new Set(found.map(({ tensor }) => tensor))).toEqual(
        new Set(learningTensors(config, options).keys()),
      );
    }
  });
});

describe('checkpointing', () => {
  const plans = [false, true].map((checkpointing) =>
    planOf({
      ...{ config: smallConfig('g', { nlayers: 4 }), options: { ...EVERYTHING, checkpointing } },
      ...{ lengths: [90, 90, 80], budget: 1e9 },
    }),
  );
  const bytesOf = ({ dispatches, activations, answers }: (typeof plans)[number]) =>
    [...planArena(dispatches, activations, answers).bytes.values()].reduce((sum, bytes) => sum + bytes, 0);

  it('computes every layer but the last again', () => {
    const times = (label: string) =>
      plans.map(({ dispatches }) => dispatches.filter((dispatch) => dispatch.label === label).length);
    expect(times('layers.0.in_proj')).toEqual([1, 2]);
    expect(times('layers.2.linear1')).toEqual([1, 2]);
    expect(times('layers.3.linear1')).toEqual([1, 1]);
    // Its output is kept: it is the input of the next.
    expect(times('layers.1.norm2')).toEqual([1, 1]);
  });

  it('takes much less memory', () => {
    expect(bytesOf(plans[1])).toBeLessThan(0.6 * bytesOf(plans[0]));
  });
});
