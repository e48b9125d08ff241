import type { TrainConfig } from './config.ts';

/**
 * Learning rate of an optimiser step: linear warm-up from 1/warm-up of the peak to the peak, then half a cosine or a
 * line down to 0 after the last step, or the peak throughout.
 * @param step from 0
 * @param steps of the whole run
 */
export function learningRateAt(
  step: number,
  steps: number,
  {
    learningRate,
    schedule,
    warmupSteps,
  }: Pick<TrainConfig['optimiser'], 'learningRate' | 'schedule' | 'warmupSteps'>,
): number {
  const warmup = Math.min(warmupSteps, Math.max(0, steps - 1));
  if (step < warmup) return (learningRate * (step + 1)) / warmup;
  if (schedule === 'constant') return learningRate;
  const progress = Math.min(1, (step - warmup) / Math.max(1, steps - warmup));
  return learningRate * (schedule === 'linear' ? 1 - progress : 0.5 * (1 + Math.cos(Math.PI * progress)));
}
