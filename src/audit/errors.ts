/** What is wrong with an audit's other side; the sentence for people is looked up by this code. */
export type AuditErrorCode = 'sketch-invalid' | 'sketch-version' | 'sketch-too-large';

/** A sketch that cannot be used, with the tensor or field at fault in `subject`. */
export class AuditError extends Error {
  override readonly name = 'AuditError';
  constructor(
    readonly code: AuditErrorCode,
    message: string,
    readonly subject: string = '',
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
