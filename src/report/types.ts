import type { ProbeConfig } from '../probe/config.ts';
import type { Evaluation } from '../probe/results.ts';

/** Everything a report says, before anybody lays it out: the HTML and the JSON are made from it. */
export interface ProbeReport {
  /** Of teddy-web. */
  readonly version: string;
  /** ISO 8601. */
  readonly date: string;
  /** Enough to run it again: `npx teddy-web probe --config FILE`. */
  readonly config: ProbeConfig;
  readonly data: {
    readonly file: string;
    readonly cells: number;
    readonly embedded: number;
    readonly genes: number;
    readonly genesInVocabulary: number;
    readonly matrix: string;
    /** Why this matrix. */
    readonly reason: string;
  };
  /** One line, as exports have it. */
  readonly quality: string;
  readonly model: {
    readonly name: string;
    readonly sha256: string;
    readonly parameters: number;
    readonly engine: string;
    /** What the model is, in the words of its card; null where the package has none. */
    readonly what: string | null;
    readonly trainingData: string;
    readonly oneStudyClasses: string | null;
  };
  /** Findings of the contamination audit, as sentences; empty = none was made. */
  readonly audit: readonly string[];
  readonly evaluation: Evaluation;
}
