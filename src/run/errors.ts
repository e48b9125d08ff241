/** Why a run cannot start or go on though file and model are sound by themselves. */
export type RunErrorCode =
  | 'nothing-open'
  | 'no-counts'
  | 'no-known-gene'
  | 'no-cells-chosen'
  | 'unknown-column'
  | 'unknown-gene'
  | 'no-model'
  | 'model-unreachable'
  | 'model-gone'
  | 'no-engine'
  | 'not-finite'
  | 'too-many-values'
  | 'no-features'
  | 'too-few-classes';

/** A request that makes no sense for what is open, with what it is about in `subject`. */
export class RunError extends Error {
  override readonly name = 'RunError';
  constructor(
    readonly code: RunErrorCode,
    message: string,
    readonly subject: string = '',
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
