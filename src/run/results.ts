import type { MatrixName } from '../data/dataset.ts';
import type { Pooling } from '../model/config.ts';

/** Columns for n embedded cells. */
export interface CellResults {
  /** [n] row in the file. */
  readonly rows: Uint32Array<ArrayBuffer>;
  readonly dimension: number;
  /** [n, dimension] */
  readonly embedding: Float32Array<ArrayBuffer>;
  /** Annotation name → classes and [n, classes] softmax probabilities. */
  readonly predictions: Readonly<Record<string, Prediction>>;
  /** [n] index into WITHHELD_REASONS; 0 = shown. */
  readonly withheld: Uint8Array<ArrayBuffer>;
  /** [n] tokens read by the model. */
  readonly tokens: Uint32Array<ArrayBuffer>;
  /** Annotation name → [n, dimension] last-layer states of its token; where the run was asked to keep them. */
  readonly annotationStates?: Readonly<Record<string, Float32Array<ArrayBuffer>>>;
  /** [n, 2] once the layout is there. */
  readonly umap?: Float32Array<ArrayBuffer>;
  /** [n] 1 = passes QC. */
  readonly qcPass?: Uint8Array<ArrayBuffer>;
}

export interface Prediction {
  readonly classes: readonly string[];
  /** [n, classes]; a row of NaN = no answer. */
  readonly probabilities: Float32Array<ArrayBuffer>;
  /**
   * [n] index into PROBE_WITHHELD (src/run/messages.ts), of a probe's answers: it has a rule of its own,
   * and that of the model does not apply to it.
   */
  readonly withheld?: Uint8Array<ArrayBuffer>;
}

/** What `uns['teddy']` and every export say of how the numbers came about. */
export interface Provenance {
  readonly model: string;
  readonly modelSha256: string;
  readonly engine: string;
  readonly pooling: Pooling;
  readonly matrix: MatrixName;
  /** What was said of the matrix where it holds no whole counts as they were counted. */
  readonly matrixNote?: string;
  readonly qc: string;
  /** Of the draw of cells, where they were drawn at random, and of the layout. */
  readonly seed: number;
  readonly trainingData: string;
  /** Classes that one training study alone holds, as `annotation: class, class; …`. */
  readonly oneStudyClasses?: string;
  /** The saved probes whose answers are among the predictions, with their models and dates. */
  readonly probes?: string;
  readonly version: string;
}
