export type ExportErrorCode = 'too-large' | 'whole-impossible';

/** An export that this format or this place cannot hold. */
export class ExportError extends Error {
  override readonly name = 'ExportError';
  constructor(
    /** `too-large`: for the format; `whole-impossible`: the original cannot be added to. */
    readonly code: ExportErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
