/** What is wrong with a file of cells; the sentence for people is looked up by this code. */
export type DataErrorCode =
  | 'not-a-dataset'
  | 'not-anndata'
  | 'unsupported-format'
  | 'truncated'
  | 'corrupt'
  | 'crashed'
  | 'unsupported-filter'
  | 'unsupported-type'
  | 'too-large'
  | 'bad-shape'
  | 'bad-index'
  | 'bad-schema'
  | 'missing'
  | 'no-matrix'
  | 'no-cells'
  | 'not-recoverable'
  | 'unreadable';

/** A file of cells that cannot be used, with the part of the file at fault in `subject`. */
export class DataError extends Error {
  override readonly name = 'DataError';
  constructor(
    readonly code: DataErrorCode,
    message: string,
    /** Path inside the file, filter or format the error is about; empty for the whole file. */
    readonly subject: string = '',
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
