/** Why a probe's configuration or file cannot be used; the sentence for people is looked up by this code. */
export type ProbeFileErrorCode =
  | 'config-invalid'
  | 'config-version'
  | 'probe-invalid'
  | 'probe-version'
  | 'probe-mismatch';

/** A configuration or a saved probe that is not what it should be, with the field or tensor in `subject`. */
export class ProbeFileError extends Error {
  override readonly name = 'ProbeFileError';
  constructor(
    readonly code: ProbeFileErrorCode,
    message: string,
    readonly subject: string = '',
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
