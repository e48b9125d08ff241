import * as v from 'valibot';
import { jsonRecord } from '../model/json-file.ts';
import { checkJson, list, natural, object, record, text } from '../model/json-schema.ts';
import { genesRead, parseTrainConfig, type TrainData } from './config.ts';

/** What the `training.json` of a fine-tuned package says of its question, its donors and where it began. */
export interface FineTunedRecord {
  readonly name: string;
  /** Name of the model it goes on from. */
  readonly base: string;
  /** Genes that it reads of a cell, where they are more than the base reads. */
  readonly genesPerCell: number | null;
  /** The head that was taught. */
  readonly annotation: string;
  /** Studies of the configuration that have labels for it, with the SHA-256 of their files. */
  readonly studies: readonly {
    readonly labels: TrainData['labels'][string];
    /** File name → hex SHA-256. */
    readonly files: Readonly<Record<string, string>>;
  }[];
  /** Study → donors; those of the base model stay listed. */
  readonly trainingDonors: Readonly<Record<string, readonly string[]>>;
  readonly validationDonors: Readonly<Record<string, readonly string[]>>;
  readonly heldOutDonors: Readonly<Record<string, readonly string[]>>;
  /** What the fine-tuning itself learnt from. */
  readonly trainedHere: { readonly donors: number; readonly cells: number };
}

const donors = record(list(text));

const RECORD = object({
  name: text,
  base_model: object({ name: text }),
  training_donors: donors,
  validation_donors: donors,
  held_out_donors: donors,
  trained_here: object({ donors, cells: natural(0, Number.MAX_SAFE_INTEGER) }),
  file_sha256: record(record(text)),
  config: v.unknown(),
});

/**
 * The record of a package that a fine-tuning wrote; null for any other `training.json`.
 * @throws ModelError 'training-invalid', TrainError for its configuration
 */
export function parseFineTunedRecord(json: unknown): FineTunedRecord | null {
  const config = jsonRecord(json)?.config;
  if (jsonRecord(jsonRecord(config)?.objective)?.kind !== 'finetune') return null;
  const found = checkJson(RECORD, json, 'training.json', 'training-invalid');
  const { objective, base, data } = parseTrainConfig(config);
  if (objective.kind !== 'finetune') return null;
  const { annotation } = objective;
  return {
    name: found.name,
    base: found.base_model.name,
    genesPerCell: genesRead(base) ?? null,
    annotation,
    studies: data
      .filter(({ labels }) => Object.hasOwn(labels, annotation))
      .map(({ study, labels }) => ({
        labels: labels[annotation],
        files: Object.hasOwn(found.file_sha256, study) ? found.file_sha256[study] : {},
      })),
    trainingDonors: found.training_donors,
    validationDonors: found.validation_donors,
    heldOutDonors: found.held_out_donors,
    trainedHere: {
      donors: Object.values(found.trained_here.donors).flat().length,
      cells: found.trained_here.cells,
    },
  };
}
