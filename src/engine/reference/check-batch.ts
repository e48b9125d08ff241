import type { ModelConfig } from '../../model/config.ts';
import type { TokenBatch } from '../../model/token-batch.ts';

/** A token batch that the model cannot take; `code` says what is wrong. */
export class TokenBatchError extends Error {
  override readonly name = 'TokenBatchError';
  constructor(
    readonly code: 'offsets' | 'gene-id' | 'too-long' | 'values' | 'masked' | 'labels',
    message: string,
  ) {
    super(message);
  }
}

/**
 * A batch is checked before any arithmetic: a GPU would clamp an index out of range in silence.
 * @throws TokenBatchError
 */
export function checkBatch(
  batch: Pick<TokenBatch, 'cuSeqlens' | 'geneIds' | 'values'>,
  config: ModelConfig,
): void {
  const { cuSeqlens, geneIds, values } = batch;
  if (cuSeqlens[0] !== 0 || cuSeqlens.length === 0 || cuSeqlens[cuSeqlens.length - 1] !== geneIds.length)
    throw new TokenBatchError('offsets', `offsets do not cover the ${geneIds.length} tokens of the batch`);
  for (let cell = 0; cell + 1 < cuSeqlens.length; cell++) {
    const length = cuSeqlens[cell + 1] - cuSeqlens[cell];
    if (length < 0) throw new TokenBatchError('offsets', `the offsets of cell ${cell} decrease`);
    if (length > config.maxPositionEmbeddings)
      throw new TokenBatchError(
        'too-long',
        `cell ${cell} has ${length} tokens; the model has ${config.maxPositionEmbeddings} positions`,
      );
  }
  for (const id of geneIds)
    if (id >= config.nToken)
      throw new TokenBatchError('gene-id', `token id ${id}; the model has ${config.nToken} tokens`);
  if (config.valueInput === 'none') return;
  if (values === undefined || values.length !== geneIds.length)
    throw new TokenBatchError('values', 'a TEDDY-X model needs one value for each token');
  for (const value of values) {
    const fits =
      config.valueInput === 'rank'
        ? Number.isFinite(value)
        : Number.isInteger(value) && value >= 0 && value <= config.bins;
    if (!fits) throw new TokenBatchError('values', `value ${value} is not one of the model's`);
  }
}
