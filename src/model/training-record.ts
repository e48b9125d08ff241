import { ModelError } from './errors.ts';
import { jsonRecord } from './json-file.ts';

/** Accuracy of one annotation on held-out donors beside its two baselines. */
interface HeldOutScore {
  readonly n: number;
  readonly accuracy: number;
  readonly commonestClass: number;
  readonly commonestClassOfItsStudy: number;
}

/** `training.json`, checked: what a model was trained on and how it did. */
export interface TrainingRecord {
  readonly name: string;
  readonly what: string;
  readonly cellsInTrainingSet: number;
  /** study → donors */
  readonly trainingDonors: Readonly<Record<string, readonly string[]>>;
  readonly heldOutDonors: Readonly<Record<string, readonly string[]>>;
  /** annotation → study (or "all") → score */
  readonly heldOutScores: Readonly<Record<string, Readonly<Record<string, HeldOutScore>>>>;
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

type Fields = Readonly<Record<string, unknown>>;

/**
 * `training.json` of our packages. What a model card does not say stays empty; what it says must
 * have the right type, since the page repeats it to the user.
 * @returns null for another tool's training.json, which names neither a model nor its donors
 * @throws ModelError 'training-invalid' whose subject is the field at fault.
 */
export function parseTrainingRecord(json: unknown): TrainingRecord | null {
  const root = record(json, 'training.json');
  if (!['name', 'what', 'training_donors'].some((field) => Object.hasOwn(root, field))) return null;
  const oneStudy = optionalRecord(root, 'classes_seen_in_one_study_only');
  const { note, ...classes } = oneStudy;
  return {
    name: text(root, 'name'),
    what: text(root, 'what'),
    cellsInTrainingSet: count(root.cells_in_training_set ?? 0, 'cells_in_training_set'),
    trainingDonors: listsOf(optionalRecord(root, 'training_donors'), 'training_donors'),
    heldOutDonors: listsOf(optionalRecord(root, 'held_out_donors'), 'held_out_donors'),
    heldOutScores: mapRecord(optionalRecord(root, 'held_out_donor_cells'), (byStudy, annotation) =>
      mapRecord(record(byStudy, `held_out_donor_cells.${annotation}`), heldOutScore),
    ),
    classesSeenInOneStudyOnly: listsOf(classes, 'classes_seen_in_one_study_only'),
    oneStudyNote: note === undefined ? null : string(note, 'classes_seen_in_one_study_only.note'),
    withheldShares: mapRecord(optionalRecord(root, 'withheld_as_outside_of_training'), share),
    sources: list(root.sources ?? [], 'sources').map((source, i) => {
      const fields = record(source, `sources[${i}]`);
      return {
        name: text(fields, 'name'),
        citation: text(fields, 'citation'),
        licence: text(fields, 'licence'),
      };
    }),
    trainingClassCounts:
      root.training_class_counts === undefined
        ? null
        : mapRecord(record(root.training_class_counts, 'training_class_counts'), (studies, annotation) =>
            mapRecord(record(studies, `training_class_counts.${annotation}`), (counts, study) =>
              mapRecord(record(counts, `training_class_counts.${annotation}.${study}`), count),
            ),
          ),
  };
}

function heldOutScore(value: unknown, study: string): HeldOutScore {
  const fields = record(value, study);
  return {
    n: count(fields.n, `${study}.n`),
    accuracy: share(fields.accuracy, `${study}.accuracy`),
    commonestClass: share(fields.commonest_class, `${study}.commonest_class`),
    commonestClassOfItsStudy: share(
      fields.commonest_class_of_its_study,
      `${study}.commonest_class_of_its_study`,
    ),
  };
}

function invalid(field: string, what: string): ModelError {
  return new ModelError('training-invalid', `training.json: ${field} ${what}`, field);
}

function record(value: unknown, field: string): Fields {
  const fields = jsonRecord(value);
  if (!fields) throw invalid(field, 'is not a JSON object');
  return fields;
}

function optionalRecord(fields: Fields, field: string): Fields {
  return record(fields[field] ?? {}, field);
}

/** The record with each value parsed.  */
function mapRecord<T>(
  fields: Fields,
  parse: (value: unknown, name: string) => T,
): Readonly<Record<string, T>> {
  return Object.fromEntries(
    Object.entries(fields)
      .filter(([name]) => name !== '__proto__')
      .map(([name, value]) => [name, parse(value, name)]),
  );
}

function listsOf(fields: Fields, field: string): Readonly<Record<string, readonly string[]>> {
  return mapRecord(fields, (value, name) =>
    list(value, `${field}.${name}`).map((item) => string(item, `${field}.${name}`)),
  );
}

function list(value: unknown, field: string): readonly unknown[] {
  if (!Array.isArray(value)) throw invalid(field, 'is not a list');
  return value;
}

function string(value: unknown, field: string): string {
  if (typeof value !== 'string') throw invalid(field, 'is not text');
  return value;
}

function text(fields: Fields, field: string): string {
  return string(fields[field], field);
}

function count(value: unknown, field: string): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0)
    throw invalid(field, 'is not a count');
  return value;
}

function share(value: unknown, field: string): number {
  if (typeof value !== 'number' || !(value >= 0 && value <= 1))
    throw invalid(field, 'is not a share from 0 to 1');
  return value;
}
