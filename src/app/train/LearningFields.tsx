import { NumberInput, Select, SimpleGrid } from '@mantine/core';
import type { LoadedModel } from '../../run/services.ts';
import { useApp } from '../state/store.ts';
import type { TrainForm } from '../state/train-form.ts';

interface LearningFieldsProps {
  readonly form: TrainForm;
  readonly model: LoadedModel;
}

const PARTS: readonly { readonly value: TrainForm['trainable']; readonly label: string }[] = [
  { value: 'heads', label: 'the head alone: quickest' },
  { value: 'last-layers', label: 'the head and the last layers' },
  { value: 'lora', label: 'the head and low-rank adapters (LoRA)' },
  { value: 'all', label: 'all weights: most memory' },
];

/** Which weights learn, how long and how fast. */
export function LearningFields({ form, model }: LearningFieldsProps) {
  const change = useApp((state) => state.changeTraining);
  const { nLayers } = model.config;
  return (
    <SimpleGrid cols={{ base: 1, xs: 2, md: 3 }} spacing="md">
      <Select
        label="What is trained"
        data={[...PARTS]}
        value={form.trainable}
        onChange={(trainable) => trainable && change({ trainable: trainable as TrainForm['trainable'] })}
        allowDeselect={false}
        data-testid="train-what"
      />
      {form.trainable === 'last-layers' && (
        <NumberInput
          label="Last layers"
          description={`of ${nLayers}`}
          inputWrapperOrder={ORDER}
          min={1}
          max={nLayers}
          allowDecimal={false}
          value={form.lastLayers}
          onChange={(lastLayers) => isWhole(lastLayers, nLayers) && change({ lastLayers })}
          data-testid="train-layers"
        />
      )}
      {form.trainable === 'lora' && (
        <NumberInput
          label="Rank of the adapters"
          description="their scale is 2"
          inputWrapperOrder={ORDER}
          min={1}
          max={256}
          allowDecimal={false}
          value={form.loraRank}
          onChange={(loraRank) => isWhole(loraRank, 256) && change({ loraRank })}
          data-testid="train-rank"
        />
      )}
      <NumberInput
        label="Epochs"
        description="passes over the training cells, at most"
        inputWrapperOrder={ORDER}
        min={1}
        max={10_000}
        allowDecimal={false}
        value={form.epochs}
        onChange={(epochs) => isWhole(epochs, 10_000) && change({ epochs })}
        data-testid="train-epochs"
      />
      <NumberInput
        label="Learning rate"
        description="warmed up, then down half a cosine"
        inputWrapperOrder={ORDER}
        min={0}
        step={0.0001}
        decimalScale={8}
        value={form.learningRate}
        onChange={(learningRate) => typeof learningRate === 'number' && change({ learningRate })}
        data-testid="train-rate"
      />
      <NumberInput
        label="λ of hidden genes"
        description="15 % of the genes hidden and guessed; 0 = none"
        inputWrapperOrder={ORDER}
        min={0}
        max={100}
        step={0.1}
        value={form.masked}
        onChange={(masked) => typeof masked === 'number' && masked >= 0 && change({ masked })}
        data-testid="train-lambda"
      />
      <NumberInput
        label="Seed"
        description="of donor sets, order, dropout and new weights"
        inputWrapperOrder={ORDER}
        min={0}
        max={2 ** 32 - 1}
        allowDecimal={false}
        value={form.seed}
        onChange={(seed) => typeof seed === 'number' && change({ seed })}
        data-testid="train-seed"
      />
    </SimpleGrid>
  );
}

/** Boxes of a row stay in line where one has no description: it stands below. */
const ORDER: ('label' | 'input' | 'description')[] = ['label', 'input', 'description'];

function isWhole(value: number | string, most: number): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= most;
}
