import type { CellResults, Prediction } from '../../run/results.ts';

/**
 * Collects the results of batches into columns allocated once for all cells, and gives views of the
 * cells done so far: drawing a partial result copies nothing.
 */
export class ResultsBuffer {
  #done = 0;
  #columns: CellResults | null = null;
  readonly #qcPass: Uint8Array<ArrayBuffer> | null;

  /** @param qcPass [all rows of the file] 1 = passes. */
  constructor(
    readonly total: number,
    qcPass: Uint8Array<ArrayBuffer> | null,
  ) {
    this.#qcPass = qcPass;
  }

  get done(): number {
    return this.#done;
  }

  /** Appends the cells of a batch. */
  add(batch: CellResults): void {
    this.#columns ??= allocate(batch, this.total);
    const columns = this.#columns;
    const at = this.#done;
    columns.rows.set(batch.rows, at);
    columns.embedding.set(batch.embedding, at * batch.dimension);
    for (const [name, states] of Object.entries(batch.annotationStates ?? {}))
      columns.annotationStates?.[name]?.set(states, at * batch.dimension);
    columns.withheld.set(batch.withheld, at);
    columns.tokens.set(batch.tokens, at);
    for (const [name, { classes, probabilities }] of Object.entries(batch.predictions)) {
      columns.predictions[name]?.probabilities.set(probabilities, at * classes.length);
    }
    const passes = this.#qcPass;
    if (passes)
      columns.qcPass?.set(
        Uint8Array.from(batch.rows, (row) => passes[row]),
        at,
      );
    this.#done += batch.rows.length;
  }

  /** The cells done so far; null before the first. Views: do not send them to a worker. */
  view(): CellResults | null {
    return this.#take((values, end) => values.subarray(0, end) as typeof values);
  }

  /** The cells done, in arrays of their own. */
  finish(): CellResults | null {
    return this.#take((values, end) =>
      values.length === end ? values : (values.slice(0, end) as typeof values),
    );
  }

  #take(take: Take): CellResults | null {
    const columns = this.#columns;
    if (!columns) return null;
    const n = this.#done;
    const predictions = Object.entries(columns.predictions).map(
      ([name, { classes, probabilities }]): [string, Prediction] => [
        name,
        { classes, probabilities: take(probabilities, n * classes.length) },
      ],
    );
    return {
      rows: take(columns.rows, n),
      dimension: columns.dimension,
      embedding: take(columns.embedding, n * columns.dimension),
      predictions: Object.fromEntries(predictions),
      withheld: take(columns.withheld, n),
      tokens: take(columns.tokens, n),
      ...mapStates(columns, (states) => take(states, n * columns.dimension)),
      ...(this.#qcPass && columns.qcPass ? { qcPass: take(columns.qcPass, n) } : {}),
    };
  }
}

type Columns = Float32Array<ArrayBuffer> | Uint32Array<ArrayBuffer> | Uint8Array<ArrayBuffer>;
type Take = <T extends Columns>(values: T, end: number) => T;

function allocate(batch: CellResults, total: number): CellResults {
  const predictions = Object.entries(batch.predictions).map(([name, { classes }]): [string, Prediction] => [
    name,
    { classes, probabilities: new Float32Array(total * classes.length) },
  ]);
  return {
    rows: new Uint32Array(total),
    dimension: batch.dimension,
    embedding: new Float32Array(total * batch.dimension),
    predictions: Object.fromEntries(predictions),
    withheld: new Uint8Array(total),
    tokens: new Uint32Array(total),
    qcPass: new Uint8Array(total),
    ...mapStates(batch, () => new Float32Array(total * batch.dimension)),
  };
}

/** The annotation states of results, each changed; nothing where they were not kept. */
function mapStates(
  { annotationStates }: CellResults,
  change: (states: Float32Array<ArrayBuffer>) => Float32Array<ArrayBuffer>,
): Pick<CellResults, 'annotationStates'> {
  if (!annotationStates) return {};
  const changed = Object.entries(annotationStates).map(([name, states]) => [name, change(states)] as const);
  return { annotationStates: Object.fromEntries(changed) };
}
