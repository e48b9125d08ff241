/** TEDDY-G reads genes by rank, TEDDY-X by value. */
export type ModelType = 'teddy_g' | 'teddy_x';

/** How a token's states become one vector a cell (design.md, "Pooling"). */
export type Pooling = 'gene_mean' | 'first_gene' | 'all_positions';

/** What stands beside a gene's id at the input. */
export type ValueInput = 'none' | 'binned' | 'rank';

/** `config.json` of a package, checked. Field names follow the released file in camelCase. */
export interface ModelConfig {
  readonly modelType: ModelType;
  readonly dModel: number;
  readonly nHeads: number;
  readonly dHid: number;
  readonly nLayers: number;
  readonly nToken: number;
  readonly maxPositionEmbeddings: number;
  readonly layerActivation: 'gelu' | 'relu';
  readonly preNorm: boolean;
  readonly layerNormEps: number;
  readonly bins: number;
  readonly continuousRank: boolean;
  /** 'none' for TEDDY-G; for X 'binned' where bins > 0, else 'rank'. */
  readonly valueInput: ValueInput;
  /**
   * Annotation name → classes, in the order of `config.json`; empty for published checkpoints.
   * The annotation tokens stand in this order before the genes.
   */
  readonly annotations: Readonly<Record<string, readonly string[]>>;
}
