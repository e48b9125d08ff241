import * as v from 'valibot';
import { jsonRecord } from './json-file.ts';
import { checkJson, list, natural, object, record, recordWithNote, said, text } from './json-schema.ts';

/** Accuracy of one annotation on held-out donors beside its two baselines. */
interface HeldOutScore {
  readonly n: number;
  readonly accuracy: number;
  readonly commonestClass: number;
  readonly commonestClassOfItsStudy: number;
  /** The best that one answer to all of these cells can do; null in older packages. */
  readonly oneClassForEveryCell: number | null;
}

/** Mean loss on hidden tokens of held-out donors: nats, or squared error of the rank value. */
interface HiddenLoss {
  readonly loss: number;
  /** The base model on the same tokens; null = there was none. */
  readonly base: number | null;
  /** Guessing by the study's frequencies in training. */
  readonly frequencies: number;
}

/** `training.json`, checked: what a model was trained on and how it did. */
export interface TrainingRecord {
  readonly name: string;
  readonly what: string;
  readonly cellsInTrainingSet: number;
  /** study → donors */
  readonly trainingDonors: Readonly<Record<string, readonly string[]>>;
  /** Those that decided when to stop, which weights to keep and when to answer; ours, empty in older packages. */
  readonly validationDonors: Readonly<Record<string, readonly string[]>>;
  readonly heldOutDonors: Readonly<Record<string, readonly string[]>>;
  /** annotation → study (or "all") → score */
  readonly heldOutScores: Readonly<Record<string, Readonly<Record<string, HeldOutScore>>>>;
  /** study (or "all") → loss; empty where none was measured. */
  readonly hiddenLosses: Readonly<Record<string, HiddenLoss>>;
  /** annotation → classes that one study alone holds */
  readonly classesSeenInOneStudyOnly: Readonly<Record<string, readonly string[]>>;
  readonly oneStudyNote: string | null;
  readonly withheldShares: Readonly<Record<string, number>>;
  readonly sources: readonly { readonly name: string; readonly citation: string; readonly licence: string }[];
  /** annotation → study → class → training cells; ours, absent in older packages. */
  readonly trainingClassCounts: Readonly<
    Record<string, Readonly<Record<string, Readonly<Record<string, number>>>>>
  > | null;
}

const SHARE = said('a share from 0 to 1');
const share = v.pipe(v.number(SHARE), v.minValue(0, SHARE), v.maxValue(1, SHARE));
const count = natural(0, Number.MAX_SAFE_INTEGER);
const names = record(list(text));

const SCORE = object({
  n: count,
  accuracy: share,
  commonest_class: share,
  commonest_class_of_its_study: share,
  one_class_for_every_cell: v.optional(share),
});

const NATS = said('a number, 0 or more');
const nats = v.pipe(v.number(NATS), v.minValue(0, NATS));

const HIDDEN = object({
  masked_gene_loss: nats,
  base_model: v.optional(nats),
  gene_frequencies_of_the_study: nats,
});

const RECORD = object({
  name: text,
  what: text,
  cells_in_training_set: v.nullish(count, 0),
  training_donors: v.nullish(names, {}),
  validation_donors: v.nullish(names, {}),
  held_out_donors: v.nullish(names, {}),
  held_out_donor_cells: v.nullish(record(record(SCORE)), {}),
  held_out_masked_gene_loss_nats: v.nullish(record(HIDDEN), {}),
  classes_seen_in_one_study_only: v.nullish(recordWithNote(list(text)), {}),
  withheld_as_outside_of_training: v.nullish(record(share), {}),
  sources: v.nullish(list(object({ name: text, citation: text, licence: text })), []),
  training_class_counts: v.optional(record(record(record(count)))),
});

/** A training.json with none of these is of another tool. */
const TELLING = ['name', 'what', 'training_donors'];

/**
 * `training.json` of our packages. What a model card does not say stays empty; what it says must
 * have the right type, since the page repeats it to the user.
 * @returns null for another tool's training.json, which names neither a model nor its donors
 * @throws ModelError 'training-invalid' whose subject is the field at fault.
 */
export function parseTrainingRecord(json: unknown): TrainingRecord | null {
  const fields = jsonRecord(json);
  if (fields && !TELLING.some((field) => Object.hasOwn(fields, field))) return null;
  const found = checkJson(RECORD, json, 'training.json', 'training-invalid');
  const { note, ...classes } = found.classes_seen_in_one_study_only;
  return {
    name: found.name,
    what: found.what,
    cellsInTrainingSet: found.cells_in_training_set,
    trainingDonors: found.training_donors,
    validationDonors: found.validation_donors,
    heldOutDonors: found.held_out_donors,
    heldOutScores: mapValues(found.held_out_donor_cells, (byStudy) =>
      mapValues(byStudy, (score) => ({
        n: score.n,
        accuracy: score.accuracy,
        commonestClass: score.commonest_class,
        commonestClassOfItsStudy: score.commonest_class_of_its_study,
        oneClassForEveryCell: score.one_class_for_every_cell ?? null,
      })),
    ),
    hiddenLosses: mapValues(found.held_out_masked_gene_loss_nats, (row) => ({
      loss: row.masked_gene_loss,
      base: row.base_model ?? null,
      frequencies: row.gene_frequencies_of_the_study,
    })),
    classesSeenInOneStudyOnly: classes,
    oneStudyNote: note ?? null,
    withheldShares: found.withheld_as_outside_of_training,
    sources: found.sources,
    trainingClassCounts: found.training_class_counts ?? null,
  };
}

function mapValues<A, B>(values: Readonly<Record<string, A>>, map: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, map(value)]));
}
