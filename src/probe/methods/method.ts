import type { Fits } from '../fits.ts';
import type { MethodResult } from '../results.ts';
import type { NoInnerFolds } from '../selection/inner-folds.ts';
import type { Fold, ProbeData, ProbeSettings } from '../types.ts';

/** What a method may look at, and who hears how far it is. */
export interface MethodContext {
  readonly data: ProbeData;
  readonly settings: ProbeSettings;
  readonly fits: Fits;
}

/** A method's answers for the tested cells of one fold. */
export interface FoldAnswer {
  /** [test, k]; a row of NaN = the method answers nothing for this cell. */
  readonly probabilities: Float32Array<ArrayBuffer>;
  /** What was chosen on the training cells; null = the method has nothing to choose. */
  readonly chosen: {
    readonly c: number;
    readonly threshold: number | null;
    readonly fallback: NoInnerFolds | null;
  } | null;
  readonly converged: boolean;
}

/** One row of the table: anything that learns from a fold's training cells and answers its tested ones. */
export interface Method {
  readonly id: MethodResult['id'];
  /** For people. */
  readonly name: string;
  /**
   * Whether its probabilities put cells in an order worth measuring. A guess that looks at no cell has none:
   * pooled over folds its AUROC would only tell how the folds' class shares differ, and lies below 0.5.
   */
  readonly ranks: boolean;
  /** The most model fits that one fold takes, for progress. */
  readonly fits: number;
  /** @throws the signal's reason once it aborted */
  answer(fold: Fold, context: MethodContext): Promise<FoldAnswer>;
}
