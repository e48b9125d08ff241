/** Why a training cannot start or go on; the sentence for people is looked up by this code. */
export type TrainErrorCode =
  | 'config-version'
  | 'config-invalid'
  /** No cell of a training donor has what the objective needs. */
  | 'nothing-to-train'
  /** A label with fewer than two classes among the training cells. */
  | 'one-class'
  | 'unknown-donor'
  /** A donor in two sets. */
  | 'donor-twice'
  /** A donor the encoder was trained on was asked to be a test. */
  | 'seen-donor'
  /** A loss or gradient is no finite number, and no good checkpoint is there to go back to. */
  | 'not-finite'
  | 'checkpoint-invalid'
  /** The checkpoint is of another configuration, model or other cells. */
  | 'checkpoint-other'
  | 'too-little-memory'
  /** The base model lacks what the objective needs: `<mask>`, room for a token. */
  | 'unfit-model';

/** A training that cannot be made, with the field, donor or annotation it is about in `subject`. */
export class TrainError extends Error {
  override readonly name = 'TrainError';
  constructor(
    readonly code: TrainErrorCode,
    message: string,
    readonly subject: string = '',
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
