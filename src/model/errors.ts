/** What is wrong with a model package; the sentence for people is looked up by this code. */
export type ModelErrorCode =
  | 'config-missing'
  | 'config-invalid'
  | 'vocabulary-missing'
  | 'vocabulary-invalid'
  | 'medians-missing'
  | 'medians-ambiguous'
  | 'medians-invalid'
  | 'weights-missing'
  | 'weights-corrupt'
  | 'tensor-missing'
  | 'tensor-shape'
  | 'tensor-dtype'
  | 'several-models'
  | 'training-invalid'
  | 'reference-invalid';

/** A model package that cannot be used, with the file, tensor or field at fault in `subject`. */
export class ModelError extends Error {
  override readonly name = 'ModelError';
  constructor(
    readonly code: ModelErrorCode,
    message: string,
    readonly subject: string = '',
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
