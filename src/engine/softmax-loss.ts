/**
 * Cells to learn a linear softmax from, handed over by ranges so that no second copy of all features need
 * stand in memory.
 */
export interface SoftmaxData {
  readonly cells: number;
  /** d */
  readonly dimension: number;
  /** m: one for each class, or 1 = two classes of which the first has logit 0 (binomial). */
  readonly outputs: number;
  /** Features of cells [first, last): [last − first, d]. */
  features(first: number, last: number): Float32Array<ArrayBuffer>;
  /** [cells] class */
  readonly labels: Int32Array<ArrayBuffer>;
  /** [cells] */
  readonly weights: Float64Array<ArrayBuffer>;
}

/** The data's part of a softmax regression where its features lie: memory, a wasm heap, a GPU. */
export interface SoftmaxLoss {
  /** Σ_cells weight · −log softmax(x Wᵀ + b)[label] and its gradient. */
  evaluate(
    /** [m, d + 1]: the coefficients of an output, its intercept behind them. */
    parameters: Float64Array,
    /** [m, d + 1] written */
    gradient: Float64Array,
    /** Awaited between chunks of work: gives the event loop a turn, throws on a cancel. */
    pause: () => Promise<void>,
  ): Promise<number>;
  destroy(): void;
}

/** Classes of the softmax: a device computes the binomial as two classes, the first one's row being zeros. */
export function classesOf({ outputs }: SoftmaxData): number {
  return Math.max(2, outputs);
}
