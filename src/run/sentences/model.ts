import type { ModelErrorCode } from '../../model/errors.ts';
import { always, type Say, saysItself } from './sentence.ts';

const MODEL_FOLDER =
  'A model folder holds config.json, vocab.txt, added_tokens.json, model.safetensors and the gene medians.';

const unusable: Say = (message) => ({ what: `The model cannot be used: ${message}.`, help: MODEL_FOLDER });

/** Of a model package that cannot be used. */
export const MODEL: Readonly<Record<ModelErrorCode, Say>> = {
  'config-missing': always('This is not a model: there is no config.json.', MODEL_FOLDER),
  'config-invalid': unusable,
  'vocabulary-missing': unusable,
  'vocabulary-invalid': unusable,
  'medians-missing': () => ({
    what: 'The model comes without gene medians, and ranks need them.',
    help:
      'Add teddy_gene_medians.json (published under teddy/data_processing/utils/medians/data) to what you drop, ' +
      'beside the model folder or inside it.',
  }),
  'medians-ambiguous': saysItself('Keep one file of gene medians.'),
  'medians-invalid': unusable,
  'weights-missing': unusable,
  'weights-corrupt': (message) => ({
    what: `The model's weights are damaged: ${message}.`,
    help: 'Download model.safetensors again.',
  }),
  'tensor-missing': unusable,
  'tensor-shape': unusable,
  'tensor-dtype': saysItself('Weights may be stored as F32, F16 or BF16.'),
  'several-models': saysItself('Drop the folder of one model alone.'),
  'training-invalid': unusable,
  'reference-invalid': unusable,
};
