import { beforeAll, expect, it } from 'vitest';
import { type TrainingFixture, trainingCases } from '../../src/cli/golden-training.ts';
import { compareTraining } from '../../src/cli/golden-training-compare.ts';
import type { Evaluation, Losses, NamedTensor, StepResult, Trainer } from '../../src/engine/trainer.ts';
import { describeShared, sharedPath } from '../support/shared.ts';

/** What a trainer would answer that is right to the last bit. */
interface Answers {
  losses: Losses;
  norm: number;
  curve: number[];
  gradients: NamedTensor[];
  after: NamedTensor[];
}

function answersOf({ losses, gradientNorm, lossCurve, gradients, after }: TrainingFixture): Answers {
  const tensors = (values: ReadonlyMap<string, Float32Array>) =>
    [...values].map(([name, data]) => ({ name, shape: [data.length], data: Float32Array.from(data) }));
  const { total, masked, ...annotations } = Object.fromEntries(losses);
  return {
    losses: { total, masked, annotations, maskedTokens: 1, maskedRight: 0, labelled: {} },
    norm: gradientNorm,
    curve: [...lossCurve],
    gradients: tensors(gradients),
    after: tensors(after),
  };
}

/** A trainer that only says what it was given. */
function sayer(answers: Answers): Trainer {
  let steps = 0;
  const next = (): Losses => ({ ...answers.losses, total: answers.curve[steps++] });
  return {
    gradients: async () => ({ ...answers, tensors: answers.gradients }),
    step: async (): Promise<StepResult> => ({ losses: next(), gradientNorm: answers.norm }),
    evaluate: async (): Promise<Evaluation> => ({ losses: next(), logits: {} }),
    modelWeights: async () => answers.after,
  } as unknown as Trainer;
}

describeShared('the comparison of training', () => {
  let fixture: TrainingFixture;
  let d = 0;
  beforeAll(async () => {
    const cases = trainingCases(sharedPath('fixtures'));
    fixture = await cases.find(({ name }) => name.endsWith('x-binned'))!.open();
    d = fixture.package.config.dModel;
  });
  const compareChanged = (change: (answers: Answers) => void) => {
    const answers = answersOf(fixture);
    change(answers);
    return compareTraining(fixture, { checkpointing: true, accumulation: 4 }, (_, __, use) =>
      use(sayer(answers)),
    );
  };
  const tensor = (tensors: NamedTensor[], name: string) => tensors.find((each) => each.name === name)!;
  const KEYS = 'encoder.layers.1.self_attn.in_proj_bias';

  it('finds nothing wrong where nothing is', async () => {
    const result = await compareChanged(() => {});
    expect(result).toEqual({
      ...{ loss: 0, norm: 0, gradient: 0, gradientElement: 0, weight: 0, weightsBeyond: 0 },
      wrong: [],
    });
  });

  it.each<[string, (answers: Answers) => void]>([
    [
      'a loss a little off',
      (a) => {
        a.losses = { ...a.losses, masked: a.losses.masked! * (1 + 2e-5) };
      },
    ],
    [
      'a loss that is no number',
      (a) => {
        a.losses = { ...a.losses, total: Number.NaN };
      },
    ],
    [
      'a loss that was not computed',
      (a) => {
        a.losses = { ...a.losses, annotations: {} };
      },
    ],
    [
      'a loss that goes another way after two steps',
      (a) => {
        a.curve[2] *= 1 + 2e-5;
      },
    ],
    [
      'a last loss that is no number',
      (a) => {
        a.curve[3] = Number.NaN;
      },
    ],
    [
      'a norm a little off',
      (a) => {
        a.norm *= 1 + 2e-4;
      },
    ],
    [
      'a gradient 0.2 % too large',
      (a) => {
        const { data } = tensor(a.gradients, 'value_head.bias');
        data.set(data.map((x) => x * 1.002));
      },
    ],
    [
      'one element of a gradient',
      (a) => {
        tensor(a.gradients, 'embeddings.weight').data[70] += 3e-4;
      },
    ],
    [
      'a gradient that is no number',
      (a) => {
        tensor(a.gradients, 'embeddings.weight').data[70] = Number.NaN;
      },
    ],
    [
      'a gradient missing',
      (a) => {
        a.gradients.pop();
      },
    ],
    [
      'a gradient too many',
      (a) => {
        a.gradients.push({ name: 'more', shape: [1], data: Float32Array.of(0) });
      },
    ],
    [
      'a gradient of another size',
      (a) => {
        a.gradients[0] = { ...a.gradients[0], data: a.gradients[0].data.slice(1) };
      },
    ],
    [
      'one weight far off',
      (a) => {
        tensor(a.after, 'value_head.bias').data[3] += 1.1e-3;
      },
    ],
    [
      'a weight that is no number',
      (a) => {
        tensor(a.after, 'value_head.bias').data[3] = Number.NaN;
      },
    ],
    [
      'many weights somewhat off',
      (a) => {
        const { data } = tensor(a.after, 'value_embeddings.weight');
        data.set(data.map((x) => x + 2e-4));
      },
    ],
    [
      'keys that moved too far',
      (a) => {
        tensor(a.after, KEYS).data[d + 1] += 3.1e-3;
      },
    ],
    [
      'queries that moved as keys may',
      (a) => {
        tensor(a.after, KEYS).data[d - 1] += 2e-3;
      },
    ],
    [
      'weights missing',
      (a) => {
        a.after = [];
      },
    ],
  ])('sees %s', async (_, change) => {
    expect((await compareChanged(change)).wrong).not.toEqual([]);
  });

  it('lets Adam move the biases of the keys by its steps', async () => {
    const { wrong } = await compareChanged((a) => {
      tensor(a.after, KEYS).data[d] += 2.9e-3;
      tensor(a.after, KEYS).data[2 * d - 1] -= 2.9e-3;
    });
    expect(wrong).toEqual([]);
  });
});
