import { NumberInput, Select, SimpleGrid } from '@mantine/core';
import { useState } from 'react';
import { MAX_GENES } from '../../model/config.ts';
import type { LoadedModel } from '../../run/services.ts';
import { formatCount } from '../common/format.ts';
import { useApp } from '../state/store.ts';
import { genesPerCellOf, type TrainForm } from '../state/train-form.ts';

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
  const { nLayers, maxPositionEmbeddings } = model.config;
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
        <WholeField
          label="Last layers"
          description={`of ${nLayers}`}
          most={nLayers}
          value={form.lastLayers}
          onWhole={(lastLayers) => change({ lastLayers })}
          testId="train-layers"
        />
      )}
      {form.trainable === 'lora' && (
        <WholeField
          label="Rank of the adapters"
          description="their scale is 2"
          most={256}
          value={form.loraRank}
          onWhole={(loraRank) => change({ loraRank })}
          testId="train-rank"
        />
      )}
      <WholeField
        label="Genes read of a cell"
        description={genesNote(form, model)}
        least={maxPositionEmbeddings}
        most={Math.max(MAX_GENES, maxPositionEmbeddings)}
        value={genesPerCellOf(form, model)}
        onWhole={(genes) => change({ genesPerCell: genes === maxPositionEmbeddings ? null : genes })}
        testId="train-genes"
      />
      <WholeField
        label="Epochs"
        description="passes over the training cells, at most"
        most={10_000}
        value={form.epochs}
        onWhole={(epochs) => change({ epochs })}
        testId="train-epochs"
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

/** What more genes mean for positions that do not learn has to be said before the start. */
function genesNote(form: TrainForm, model: LoadedModel): string {
  const own = model.config.maxPositionEmbeddings;
  const stays = genesPerCellOf(form, model) > own && form.trainable !== 'all';
  const reads = `by rank, at most; ${model.name} reads ${formatCount(own)}`;
  return stays ? `${reads}, and ranks beyond stay copies of its last, unless all weights learn` : reads;
}

/** Boxes of a row stay in line where one has no description: it stands below. */
const ORDER: ('label' | 'input' | 'description')[] = ['label', 'input', 'description'];

interface WholeFieldProps {
  readonly label: string;
  readonly description: string;
  readonly least?: number;
  readonly most: number;
  readonly value: number;
  readonly onWhole: (value: number) => void;
  readonly testId: string;
}

/** A whole number within bounds. What else is typed stands there until the box is left, and changes nothing. */
function WholeField({ label, description, least = 1, most, value, onWhole, testId }: WholeFieldProps) {
  const [unfit, setUnfit] = useState<string | number | null>(null);
  return (
    <NumberInput
      label={label}
      description={description}
      inputWrapperOrder={ORDER}
      min={least}
      max={most}
      allowDecimal={false}
      value={unfit ?? value}
      onChange={(typed) => {
        const fits = typeof typed === 'number' && Number.isInteger(typed) && typed >= least && typed <= most;
        setUnfit(fits ? null : typed);
        if (fits) onWhole(typed);
      }}
      onBlur={() => setUnfit(null)}
      data-testid={testId}
    />
  );
}
