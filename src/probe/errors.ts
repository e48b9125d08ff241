/** Why data or settings cannot be probed; the sentence for people is looked up by this code. */
export type ProbeErrorCode =
  /** Fewer than two classes have a labelled cell that can be used. */
  | 'one-class'
  /** A split by group, of a file that names none. */
  | 'no-groups'
  | 'too-few-groups'
  | 'unknown-group'
  /** A group the encoder has seen was asked to be a test. */
  | 'seen-group'
  | 'unknown-case'
  | 'no-cases'
  | 'nothing-to-test'
  | 'nothing-to-train'
  /** No fold has two classes among its training cells. */
  | 'one-class-in-training'
  | 'bad-setting'
  | 'wrong-dimension'
  /** No feature varies over the training cells. */
  | 'constant-features';

/** A probe that cannot be made, with the group, case or setting it is about in `subject`. */
export class ProbeError extends Error {
  override readonly name = 'ProbeError';
  constructor(
    readonly code: ProbeErrorCode,
    message: string,
    readonly subject: string = '',
  ) {
    super(message);
  }
}
