/** Accuracy of one annotation on held-out donors beside its two baselines. */
export interface HeldOutScore {
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
