import * as v from 'valibot';
import type { ByteSource } from '../model/byte-source.ts';
import type { Pooling } from '../model/config.ts';
import { ModelError } from '../model/errors.ts';
import { openSafetensors, type SafetensorsFile } from '../model/safetensors.ts';
import { writeSafetensors } from '../model/safetensors-writer.ts';
import type { FeatureSource } from './config.ts';
import { ProbeFileError } from './file-errors.ts';
import { requireVersion } from './require-version.ts';
import { count, FEATURES, hex, LABEL_TABLE, POOLINGS, share, text, texts } from './schema-parts.ts';
import type { TrainedProbe } from './types.ts';

/** What is said of a saved probe beside its numbers; plain JSON in the file's `__metadata__`. */
export interface ProbeDescription {
  readonly schema: 'teddy-web/probe/1';
  /** Of teddy-web. */
  readonly version: string;
  /** ISO 8601. */
  readonly trained: string;
  readonly model: { readonly name: string; readonly sha256: string; readonly vocabularySha256: string };
  readonly pooling: Pooling;
  readonly features: FeatureSource;
  readonly classes: readonly string[];
  readonly label: { readonly column: string; readonly table: Readonly<Record<string, string | null>> };
  /** What it was trained on: counts and donors, never a cell. */
  readonly training: {
    readonly file: string;
    readonly cells: number;
    readonly groupColumn: string | null;
    readonly groups: readonly string[];
  };
  readonly c: number;
  readonly threshold: number | null;
  /** The evaluation of the same procedure; null = it was not evaluated. */
  readonly measured: MeasuredProbe | null;
}

/** Headline figures with what is needed to read them. NaN is kept as null. */
export interface MeasuredProbe {
  readonly split: string;
  readonly tested: number;
  readonly testedGroups: number;
  readonly methods: readonly {
    readonly name: string;
    readonly accuracy: number | null;
    readonly balancedAccuracy: number | null;
    readonly auroc: number | null;
  }[];
  /** How sure the figures are, as a sentence. */
  readonly uncertainty: string;
}

export interface SavedProbe {
  readonly description: ProbeDescription;
  readonly probe: TrainedProbe;
}

/** One key of `__metadata__`, so that other readers of safetensors see plain text. */
const KEY = 'teddy_probe';
const MAX_DIMENSION = 4096;
const MAX_CLASSES = 1000;
/** The precision of the largest dimension with the coefficients of most classes, and room for the header. */
const MAX_BYTES = 256 * 2 ** 20;
const QUANTILES = 101;

const figure = v.nullable(v.pipe(v.number(), v.finite()));
const DESCRIPTION = v.strictObject({
  schema: v.literal('teddy-web/probe/1'),
  version: text,
  trained: text,
  model: v.strictObject({ name: text, sha256: hex, vocabularySha256: hex }),
  pooling: v.picklist(POOLINGS),
  features: FEATURES,
  classes: v.pipe(texts, v.minLength(2), v.maxLength(MAX_CLASSES)),
  label: v.strictObject({ column: text, table: LABEL_TABLE }),
  training: v.strictObject({
    file: text,
    cells: count(Number.MAX_SAFE_INTEGER),
    groupColumn: v.nullable(text),
    groups: texts,
  }),
  c: v.pipe(v.number(), v.finite(), v.gtValue(0)),
  threshold: v.nullable(share),
  measured: v.nullable(
    v.strictObject({
      split: text,
      tested: count(Number.MAX_SAFE_INTEGER),
      testedGroups: count(Number.MAX_SAFE_INTEGER),
      methods: v.pipe(
        v.array(v.strictObject({ name: text, accuracy: figure, balancedAccuracy: figure, auroc: figure })),
        v.maxLength(20),
      ),
      uncertainty: text,
    }),
  ),
});

/** `NAME.probe.safetensors` as bytes: float64, so that it answers to the bit what it answered when trained. */
export function writeProbeFile({ description, probe }: SavedProbe): Uint8Array<ArrayBuffer> {
  const d = probe.dimension;
  const f64 = (name: string, shape: readonly number[], data: Float64Array) =>
    ({ name, dtype: 'F64', shape, data }) as const;
  const answers = probe.intercepts.length;
  return writeSafetensors(
    [
      f64('scaler.mean', [d], probe.scalerMean),
      f64('scaler.scale', [d], probe.scalerScale),
      f64('coefficients', [answers, d], probe.coefficients),
      f64('intercepts', [answers], probe.intercepts),
      f64('outside.mean', [d], probe.featureMean),
      f64('outside.precision', [d, d], probe.featurePrecision),
      f64('outside.distance_quantiles', [QUANTILES], probe.distanceQuantiles),
    ],
    { [KEY]: JSON.stringify(description) },
  );
}

/**
 * Reads and checks a saved probe: its description, the shape of every tensor, that each number is one.
 * @throws ProbeFileError 'probe-version' for another schema, 'probe-invalid' naming field or tensor
 */
export async function readProbeFile(source: ByteSource): Promise<SavedProbe> {
  if (source.size > MAX_BYTES) throw invalid(`${source.size} bytes are more than a probe has`);
  const file = await openSafetensors(source).catch((cause: unknown) => {
    if (cause instanceof ModelError) throw invalid(cause.message, cause.subject, cause);
    throw cause;
  });
  const description = parseDescription(file.metadata.get(KEY));
  const k = description.classes.length;
  const d = file.entries.get('scaler.mean')?.shape[0] ?? 0;
  if (!(d >= 1 && d <= MAX_DIMENSION)) throw invalid(`${d} features`, 'scaler.mean');
  if (new Set(description.classes).size !== k) throw invalid('a class is named twice', 'classes');
  const answers = k === 2 ? 1 : k;
  const known = new Set<string>();
  const read = (name: string, ...shape: number[]) => {
    known.add(name);
    return readTensor(file, name, shape);
  };
  const probe: TrainedProbe = {
    classes: description.classes,
    dimension: d,
    scalerMean: await read('scaler.mean', d),
    scalerScale: await read('scaler.scale', d),
    coefficients: await read('coefficients', answers, d),
    intercepts: await read('intercepts', answers),
    c: description.c,
    threshold: description.threshold,
    featureMean: await read('outside.mean', d),
    featurePrecision: await read('outside.precision', d, d),
    distanceQuantiles: await read('outside.distance_quantiles', QUANTILES),
  };
  if (!probe.scalerScale.every((scale) => scale > 0)) throw invalid('a scale is not above 0', 'scaler.scale');
  const quantiles = probe.distanceQuantiles;
  if (!quantiles.every((value, i) => value >= (i === 0 ? 0 : quantiles[i - 1])))
    throw invalid('the quantiles do not ascend', 'outside.distance_quantiles');
  const extra = [...file.entries.keys()].find((name) => !known.has(name));
  if (extra !== undefined) throw invalid(`it has a tensor ${extra.slice(0, 80)} that a probe has not`, extra);
  return { description, probe };
}

async function readTensor(
  file: SafetensorsFile,
  name: string,
  shape: readonly number[],
): Promise<Float64Array<ArrayBuffer>> {
  const entry = file.entries.get(name);
  if (!entry || entry.shape.join() !== shape.join() || entry.dtype !== 'F64') {
    const found = entry ? `${entry.dtype} [${entry.shape}]` : 'missing';
    throw invalid(`${name} is ${found}, not F64 [${shape}]`, name);
  }
  const values = await file.readNumbers(name);
  if (!values.every(Number.isFinite)) throw invalid(`${name} holds values that are not numbers`, name);
  return values;
}

function parseDescription(json: string | undefined): ProbeDescription {
  if (json === undefined) throw invalid('it is a safetensors file, but does not describe a probe', KEY);
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (cause) {
    throw invalid('its description is not JSON', KEY, cause);
  }
  requireVersion(value, DESCRIPTION.entries.schema.literal, 'probe-version', 'the file');
  const parsed = v.safeParse(DESCRIPTION, value);
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  const field = v.getDotPath(issue) ?? KEY;
  throw invalid(`${field.slice(0, 200)}: ${issue.message.slice(0, 200)}`, field);
}

function invalid(message: string, subject = '', cause?: unknown): ProbeFileError {
  return new ProbeFileError('probe-invalid', message, subject, { cause });
}
