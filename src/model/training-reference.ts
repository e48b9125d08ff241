import * as v from 'valibot';
import type { ByteSource } from './byte-source.ts';
import { ModelError } from './errors.ts';
import { list, text } from './json-schema.ts';
import { openSafetensors } from './safetensors.ts';
import type { WithheldReason } from './token-batch.ts';

/** Percentiles (index into 101 quantiles) of held-out donors' cells that bound "seen in training". */
const DISTANCE_PERCENTILE = 99;
const LIKELIHOOD_PERCENTILE = 1;

const CLASSES = v.pipe(list(text, 10_000), v.nonEmpty());

/**
 * `training_reference.safetensors`: which cells are unlike everything the model was trained on.
 * A softmax names a disease for any cell at all; this says when not to believe it (design.md).
 */
export class TrainingReference {
  /** [d] the cell at hand and its product with the precision. */
  readonly #x: Float64Array;
  readonly #px: Float64Array;
  /** [K, d] precision · mean, and [K] meanᵀ · precision · mean. */
  private readonly projectedMeans: Float64Array;
  private readonly meanNorms: Float64Array;

  private constructor(
    /** Cell-type classes of the training cells, K of them. */
    readonly classes: readonly string[],
    readonly dimension: number,
    /** Vocabulary ids below this have frequencies. */
    readonly genes: number,
    /** [K, d] class means of gene-mean embeddings. */
    private readonly means: Float32Array,
    /** [d, d] shared precision matrix. */
    private readonly precision: Float32Array,
    /** [K, genes] log share of the class's training cells with the gene among their tokens. */
    private readonly logFrequency: Float32Array,
    readonly greatestDistance: number,
    readonly leastLikelihood: number,
  ) {
    this.#x = new Float64Array(dimension);
    this.#px = new Float64Array(dimension);
    this.projectedMeans = new Float64Array(means.length);
    this.meanNorms = new Float64Array(classes.length);
    for (let k = 0; k < classes.length; k++) {
      project(precision, means, k * dimension, this.projectedMeans, k * dimension);
      for (let i = k * dimension; i < (k + 1) * dimension; i++) {
        this.meanNorms[k] += means[i] * this.projectedMeans[i];
      }
    }
  }

  /**
   * @param dimension of the model's embedding
   * @param vocabularySize tokens of vocab.txt
   * @throws ModelError 'reference-invalid' where the file does not fit the model
   */
  static async open(
    source: ByteSource,
    dimension: number,
    vocabularySize: number,
  ): Promise<TrainingReference> {
    const file = await openSafetensors(source);
    const pool = file.metadata.get('pool') ?? 'gene_mean';
    if (pool !== 'gene_mean') throw invalid(`it is for ${pool} embeddings`, 'pool');
    const classes = classNames(file.metadata.get('classes'));
    const tensor = async (name: string, ...shape: number[]): Promise<Float32Array> => {
      const found = file.tensors.get(name)?.shape;
      if (!found || found.join() !== shape.join()) {
        throw invalid(`${name} is [${found ?? 'missing'}], not [${shape}]`, name);
      }
      const values = await file.read(name);
      if (values.some(Number.isNaN)) throw invalid(`${name} holds NaN`, name);
      return values;
    };
    const genes = file.tensors.get('gene_log_frequency')?.shape[1] ?? 0;
    if (genes > vocabularySize) throw invalid(`it has ${genes} genes, vocab.txt ${vocabularySize}`, 'genes');
    return new TrainingReference(
      classes,
      dimension,
      genes,
      await tensor('means', classes.length, dimension),
      await tensor('precision', dimension, dimension),
      await tensor('gene_log_frequency', classes.length, genes),
      (await tensor('distance_quantiles', 101))[DISTANCE_PERCENTILE],
      (await tensor('likelihood_quantiles', 101))[LIKELIHOOD_PERCENTILE],
    );
  }

  /**
   * Least Mahalanobis distance of a gene-mean embedding to a class mean: with precision P,
   * `(x − m)ᵀP(x − m) = xᵀPx − xᵀPm − mᵀPx + mᵀPm`, so that P meets each cell only once.
   * @param embeddings [cells, d]
   * @param offset of the cell's first value
   */
  distance(embeddings: Float32Array, offset: number): number {
    const { dimension: d, means, projectedMeans, meanNorms } = this;
    const x = this.#x;
    for (let i = 0; i < d; i++) x[i] = embeddings[offset + i];
    project(this.precision, x, 0, this.#px, 0);
    const px = this.#px;
    let own = 0;
    for (let i = 0; i < d; i++) own += x[i] * px[i];
    let least = Number.POSITIVE_INFINITY;
    for (let k = 0; k < this.classes.length; k++) {
      let mixed = 0;
      for (let i = 0; i < d; i++) mixed += x[i] * projectedMeans[k * d + i] + means[k * d + i] * px[i];
      const distance = Math.sqrt(Math.max(0, own - mixed + meanNorms[k]));
      if (!(distance >= least)) least = distance;
    }
    return least;
  }

  /**
   * Greatest mean log frequency, over the classes, of a cell's tokens as the model reads them.
   * NaN for a cell without tokens.
   */
  likelihood(geneIds: ArrayLike<number>): number {
    let greatest = Number.NEGATIVE_INFINITY;
    for (let k = 0; k < this.classes.length; k++) {
      let sum = 0;
      let n = 0;
      for (let t = 0; t < geneIds.length; t++) {
        if (geneIds[t] >= this.genes) continue;
        sum += this.logFrequency[k * this.genes + geneIds[t]];
        n++;
      }
      const mean = sum / n;
      if (!(mean <= greatest)) greatest = mean;
    }
    return greatest;
  }

  /**
   * Whether the cell's predictions are shown, or why not.
   * @param embeddings [cells, d] gene-mean embeddings (never another pooling)
   * @param offset of the cell's first value
   * @param geneIds the cell's tokens as the model reads them
   */
  judge(
    embeddings: Float32Array,
    offset: number,
    geneIds: ArrayLike<number>,
  ): Extract<WithheldReason, 'shown' | 'distance' | 'likelihood'> {
    // Written so that a NaN is withheld.
    if (!(this.distance(embeddings, offset) <= this.greatestDistance)) return 'distance';
    return this.likelihood(geneIds) >= this.leastLikelihood ? 'shown' : 'likelihood';
  }
}

/** out = matrix · vector, for a square matrix and vectors that begin at offsets of larger arrays. */
function project(
  matrix: Float32Array,
  vector: ArrayLike<number>,
  vectorOffset: number,
  out: Float64Array,
  outOffset: number,
): void {
  const d = Math.sqrt(matrix.length);
  for (let i = 0; i < d; i++) {
    let sum = 0;
    for (let j = 0; j < d; j++) sum += matrix[i * d + j] * vector[vectorOffset + j];
    out[outOffset + i] = sum;
  }
}

function classNames(json: string | undefined): readonly string[] {
  let names: unknown;
  try {
    names = JSON.parse(json ?? '');
  } catch (cause) {
    throw new ModelError('reference-invalid', 'training_reference.safetensors names no classes', 'classes', {
      cause,
    });
  }
  const parsed = v.safeParse(CLASSES, names);
  if (!parsed.success) throw invalid('its classes are not a list of names', 'classes');
  return parsed.output;
}

function invalid(message: string, subject: string): ModelError {
  return new ModelError('reference-invalid', `training_reference.safetensors: ${message}`, subject);
}
