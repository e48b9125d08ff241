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
  | 'missing-parts'
  | 'not-together'
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
    /** Which of several files the error is about. */
    readonly file: string = '',
  ) {
    super(message, options);
  }
}

/** The same error of one of several files. */
export function ofFile(error: unknown, file: string): unknown {
  if (!(error instanceof DataError) || error.file !== '') return error;
  return new DataError(error.code, error.message, error.subject, { cause: error }, file);
}
