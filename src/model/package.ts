import { type ModelConfig, parseConfig } from './config.ts';
import { checkTensors } from './encoder-tensors.ts';
import { ModelError } from './errors.ts';
import { finiteWeights } from './finite-weights.ts';
import { readJson, readText } from './json-file.ts';
import { parseMedians } from './medians.ts';
import { findPackageFiles, type PackageFiles } from './package-files.ts';
import type { PackageSource } from './package-source.ts';
import { openSafetensors } from './safetensors.ts';
import { type HashOptions, sha256 } from './sha256.ts';
import { parseTrainingRecord, type TrainingRecord } from './training-record.ts';
import { TrainingReference } from './training-reference.ts';
import { Vocabulary } from './vocabulary.ts';
import type { WeightSource } from './weights.ts';

/** What the dataset worker needs of a package: everything but the weights. */
export interface TokenizerPackage {
  readonly name: string;
  readonly config: ModelConfig;
  readonly vocabulary: Vocabulary;
  /** Ensembl id → non-zero median of counts per 10,000. */
  readonly medians: ReadonlyMap<string, number>;
}

/** An opened, checked model package: the released TEDDY layout, with our additions where present. */
export interface ModelPackage {
  readonly name: string;
  readonly config: ModelConfig;
  readonly vocabulary: Vocabulary;
  /** Ensembl id → non-zero median of counts per 10,000. */
  readonly medians: ReadonlyMap<string, number>;
  readonly weights: WeightSource;
  readonly parameters: number;
  /** Hex SHA-256 of model.safetensors. */
  readonly sha256: string;
  readonly training: TrainingRecord | null;
  readonly reference: TrainingReference | null;
  /** Tensors in the file that the encoder does not use. */
  readonly extraTensors: readonly string[];
}

export interface OpenPackageOptions extends HashOptions {
  /** Which folder to take where several models were dropped together. */
  readonly folder?: string | undefined;
  /** Hash of model.safetensors already known (OPFS keeps it): it is not read for that again. */
  readonly sha256?: string | undefined;
}

/** Opens a package for tokenizing alone. @throws ModelError */
export async function openTokenizerPackage(
  source: PackageSource,
  { folder }: Pick<OpenPackageOptions, 'folder'> = {},
): Promise<TokenizerPackage> {
  return readTokenizer(source, findPackageFiles(await source.list(), { folder, needWeights: false }));
}

/**
 * Opens and checks a model package: the released TEDDY layout, with our additions where present.
 * Reads the weights once for their SHA-256; tensors are read later, as they are used.
 * @throws ModelError for anything missing, damaged or of another shape, naming it.
 */
export async function openModelPackage(
  source: PackageSource,
  options: OpenPackageOptions = {},
): Promise<ModelPackage> {
  const files = findPackageFiles(await source.list(), { folder: options.folder, needWeights: true });
  const tokenizer = await readTokenizer(source, files);
  const { config, vocabulary } = tokenizer;
  const weightBytes = await source.open(required(files.weights));
  const weights = await openSafetensors(weightBytes);
  const unread = [...weights.entries.keys()].filter((name) => !weights.tensors.has(name));
  const extraTensors = [...checkTensors(config, weights), ...unread];
  const training = files.training
    ? parseTrainingRecord(
        await readJson(await source.open(files.training), files.training, 'training-invalid'),
      )
    : null;
  const reference = files.reference
    ? await TrainingReference.open(await source.open(files.reference), config.dModel, vocabulary.size)
    : null;
  let parameters = 0;
  for (const { length } of weights.entries.values()) parameters += length;
  return {
    ...tokenizer,
    weights: finiteWeights(weights),
    parameters,
    sha256: options.sha256 ?? (await sha256(weightBytes, options)),
    training,
    reference,
    extraTensors,
  };
}

async function readTokenizer(source: PackageSource, files: PackageFiles): Promise<TokenizerPackage> {
  const config = parseConfig(await readJson(await source.open(files.config), files.config, 'config-invalid'));
  const vocabulary = Vocabulary.parse(
    await readText(await source.open(files.vocabulary), files.vocabulary, 'vocabulary-invalid'),
    await readJson(await source.open(files.addedTokens), files.addedTokens, 'vocabulary-invalid'),
  );
  checkIds(config, vocabulary);
  const medians = parseMedians(
    await readJson(await source.open(files.medians), files.medians, 'medians-invalid'),
  );
  const folder = files.config.split('/').at(-2);
  return { name: folder ?? source.name, config, vocabulary, medians };
}

/** No id may reach past the embedding table, and every annotation needs its token. */
function checkIds(config: ModelConfig, vocabulary: Vocabulary): void {
  const greatest = Math.max(vocabulary.size - 1, ...vocabulary.special.values());
  if (greatest >= config.nToken) {
    throw new ModelError(
      'vocabulary-invalid',
      `the vocabulary uses the id ${greatest}, config.json says ntoken ${config.nToken}`,
      'ntoken',
    );
  }
  vocabulary.annotationIds(Object.keys(config.annotations));
}

function required(path: string | null): string {
  if (path === null)
    throw new ModelError('weights-missing', 'there is no model.safetensors', 'model.safetensors');
  return path;
}
