/**
 * A file is a length and a slice: the one way bytes reach the parsers, whether they come from a
 * dropped File, OPFS, our own server or Node's file system.
 */
export interface ByteSource {
  /** Bytes in all. */
  readonly size: number;
  /**
   * Exactly `length` bytes from `offset`, in memory the caller owns.
   * @throws ShortReadError where the source ends before `offset + length`.
   */
  read(offset: number, length: number): Promise<Uint8Array<ArrayBuffer>>;
}

/** A source ended before the bytes asked for: a truncated or changed file. */
export class ShortReadError extends Error {
  override readonly name = 'ShortReadError';
  constructor(
    readonly offset: number,
    readonly asked: number,
    readonly got: number,
  ) {
    super(`asked for ${asked} bytes at ${offset}, got ${got}`);
  }
}
