/** What an audit found: plain data that crosses workers. Rows are rows of the file audited, ascending. */

/** A name for each cell (its donor), or none. */
export interface CellGroups {
  readonly names: readonly string[];
  /** [cells] index into `names`, −1 = none. */
  readonly codes: Int32Array;
}

/** Cells of one group that are also cells of another; null = cells without a group. */
export interface SharedCells {
  readonly group: string | null;
  readonly other: string | null;
  /** Of `group`. */
  readonly cells: number;
}

/** Cells that occur more than once in one file. */
export interface Duplicates {
  /** Genes compared: those that one column each names. */
  readonly genes: number;
  /** Cells that express too few of them. */
  readonly incomparable: number;
  /** Rows that have a copy anywhere in the file. */
  readonly rows: Uint32Array<ArrayBuffer>;
  /** Of them, those with a copy in another group: a split by group does not keep them apart. */
  readonly rowsAcross: Uint32Array<ArrayBuffer>;
  /** Both ways round, most cells first. */
  readonly pairs: readonly SharedCells[];
}

/** Cells of the file found among those of another file, or of one source of a sketch. */
export interface Overlap {
  /** Of the other file or source. */
  readonly name: string;
  /** Genes compared: those that one column each names on both sides. */
  readonly genes: number;
  /** Cells on the other side, and of them those that can be compared. */
  readonly cells: number;
  readonly comparable: number;
  /** Cells of this file that express too few of the genes. */
  readonly incomparable: number;
  /** Rows of this file that are there too. */
  readonly rows: Uint32Array<ArrayBuffer>;
  /** Cells there that are in this file. */
  readonly found: number;
  /** `group` of this file, `other` of that one; most cells first. */
  readonly pairs: readonly SharedCells[];
}

/** How much of a group is among a model's training cells. */
export interface GroupShare {
  readonly name: string;
  readonly cells: number;
  readonly found: number;
}

export interface TrainingOverlap {
  readonly model: string;
  /** One for each study of the model's sketch. */
  readonly sources: readonly Overlap[];
  /** Groups of the file with cells among them, most cells first. */
  readonly groups: readonly GroupShare[];
}

export interface OtherOverlap {
  readonly name: string;
  /** Every gene of every cell was compared, or a sketch of the other side. */
  readonly kind: 'file' | 'sketch';
  readonly overlaps: readonly Overlap[];
}

export interface AuditFindings {
  readonly cells: number;
  /** Column that names the groups; null = none was given. */
  readonly groupColumn: string | null;
  readonly within: Duplicates;
  /** null = no model was given, or its package has no sketch (`modelWithoutSketch`). */
  readonly training: TrainingOverlap | null;
  readonly modelWithoutSketch: string | null;
  /** Rows of the file that are training cells of the model: never a test of it. */
  readonly trainingRows: Uint32Array<ArrayBuffer>;
  readonly other: OtherOverlap | null;
}
