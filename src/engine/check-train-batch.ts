import type { ModelConfig } from '../model/config.ts';
import { checkBatch, TokenBatchError } from './reference/check-batch.ts';
import type { TrainBatch } from './trainer.ts';

/**
 * A batch to learn from is checked before any arithmetic, as one to encode is: tokens, values, hidden tokens with
 * what was hidden, labels.
 * @throws TokenBatchError
 */
export function checkTrainBatch(batch: TrainBatch, config: ModelConfig): void {
  const { masked, targets, labels } = batch;
  const tokens = batch.geneIds.length;
  const hidden = new Set(masked);
  checkBatch(
    config.valueInput === 'rank' && batch.values !== undefined
      ? { ...batch, values: batch.values.map((value, token) => (hidden.has(token) ? 0 : value)) }
      : batch,
    config,
  );
  if (targets.length !== masked.length)
    throw new TokenBatchError('masked', `${masked.length} hidden tokens, ${targets.length} targets`);
  for (let i = 0; i < masked.length; i++)
    if (masked[i] >= tokens || (i > 0 && masked[i] <= masked[i - 1]))
      throw new TokenBatchError(
        'masked',
        `hidden token ${masked[i]} is out of order or not one of ${tokens}`,
      );
  const classes = { none: config.nToken, binned: config.bins + 1, rank: Number.POSITIVE_INFINITY };
  for (const target of targets) {
    const fits =
      config.valueInput === 'rank'
        ? Number.isFinite(target)
        : Number.isInteger(target) && target >= 0 && target < classes[config.valueInput];
    if (!fits) throw new TokenBatchError('masked', `target ${target} is not one of the model's`);
  }
  const cells = batch.cuSeqlens.length - 1;
  for (const [name, values] of Object.entries(labels)) {
    const known = config.annotations[name];
    if (known === undefined) throw new TokenBatchError('labels', `the model has no annotation ${name}`);
    if (values.length !== cells)
      throw new TokenBatchError('labels', `${values.length} labels of ${name} for ${cells} cells`);
    const odd = values.find((label) => label < -1 || label >= known.length);
    if (odd !== undefined) throw new TokenBatchError('labels', `${name} has no class ${odd}`);
  }
}
