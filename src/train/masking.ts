import { Random } from '../analysis/random.ts';
import type { TrainBatch } from '../engine/trainer.ts';
import type { ModelConfig } from '../model/config.ts';
import type { TokenBatch } from '../model/token-batch.ts';
import { DRAW, mixSeeds } from './seeds.ts';
import type { TrainingLabels } from './types.ts';

/** Draws of the validation and test sets, so that their losses can be compared from one epoch to the next. */
export const FIXED_EPOCH = 0xffff_ffff;

export interface Masking {
  /** Of a cell's tokens; 0 = nothing is hidden. */
  readonly share: number;
  readonly seed: number;
  /** FIXED_EPOCH = the same tokens whenever. */
  readonly epoch: number;
}

/** What a model reads in place of a hidden token. */
export interface MaskedModel {
  readonly valueInput: ModelConfig['valueInput'];
  /** Id of `<mask>`; TEDDY-X does not read it. */
  readonly maskId: number;
}

/**
 * Indices within a cell of the tokens to hide, ascending: round(share · tokens), but one at least where the cell has
 * any and the share is above 0. A function of (seed, epoch, cell) alone, whatever batch the cell is in.
 */
export function hiddenTokens(tokens: number, cell: number, { share, seed, epoch }: Masking): Uint32Array {
  if (tokens === 0 || share === 0) return new Uint32Array(0);
  const hidden = Math.min(tokens, Math.max(1, Math.round(share * tokens)));
  const random = new Random(mixSeeds(seed, DRAW.mask, epoch, cell));
  // A partial Fisher–Yates shuffle: each set of tokens is as likely as the others.
  const indices = Uint32Array.from({ length: tokens }, (_, i) => i);
  for (let i = 0; i < hidden; i++) {
    const j = i + random.below(tokens - i);
    const kept = indices[i];
    indices[i] = indices[j];
    indices[j] = kept;
  }
  return indices.subarray(0, hidden).sort();
}

/**
 * A micro-batch of the given cells, with tokens hidden: TEDDY-G reads `<mask>` in place of the gene, X binned reads
 * bin 0, X rank leaves the value out; X keeps the gene's id in both.
 * @param cells indices into `tokens`, in the batch's order
 * @param labels annotation → labels of all cells; those that no cell of the batch has are left out
 */
export function maskedBatch(
  tokens: Pick<TokenBatch, 'cuSeqlens' | 'geneIds' | 'values'>,
  cells: ArrayLike<number>,
  labels: Readonly<Record<string, TrainingLabels>>,
  masking: Masking,
  model: MaskedModel,
): TrainBatch {
  const cuSeqlens = new Uint32Array(cells.length + 1);
  for (let c = 0; c < cells.length; c++) {
    cuSeqlens[c + 1] = cuSeqlens[c] + tokens.cuSeqlens[cells[c] + 1] - tokens.cuSeqlens[cells[c]];
  }
  const geneIds = new Uint32Array(cuSeqlens[cells.length]);
  const values = tokens.values && new Float32Array(geneIds.length);
  const masked: number[] = [];
  const targets: number[] = [];
  for (let c = 0; c < cells.length; c++) {
    const from = tokens.cuSeqlens[cells[c]];
    const to = tokens.cuSeqlens[cells[c] + 1];
    geneIds.set(tokens.geneIds.subarray(from, to), cuSeqlens[c]);
    if (values && tokens.values) values.set(tokens.values.subarray(from, to), cuSeqlens[c]);
    for (const index of hiddenTokens(to - from, cells[c], masking)) {
      const at = cuSeqlens[c] + index;
      masked.push(at);
      if (values) {
        targets.push(values[at]);
        values[at] = 0;
      } else {
        targets.push(geneIds[at]);
        geneIds[at] = model.maskId;
      }
    }
  }
  return {
    cuSeqlens,
    geneIds,
    ...(values ? { values } : {}),
    masked: Uint32Array.from(masked),
    targets: Float32Array.from(targets),
    labels: Object.fromEntries(
      Object.entries(labels).flatMap(([annotation, { codes }]) => {
        const own = Int32Array.from({ length: cells.length }, (_, c) => codes[cells[c]]);
        return own.some((code) => code >= 0) ? [[annotation, own]] : [];
      }),
    ),
  };
}
