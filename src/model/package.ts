import type { ModelConfig } from './config.ts';
import type { TrainingRecord } from './training-record.ts';
import type { TrainingReference } from './training-reference.ts';
import type { Vocabulary } from './vocabulary.ts';
import type { WeightSource } from './weights.ts';

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
