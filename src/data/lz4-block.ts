import { DataError } from './errors.ts';

const MIN_MATCH = 4;

/** Bytes that grow: a packed piece does not have to say how long its contents are. */
export class GrowingBytes {
  bytes: Uint8Array<ArrayBuffer>;
  length = 0;

  constructor(capacity: number) {
    this.bytes = new Uint8Array(capacity);
  }

  reserve(more: number): void {
    const needed = this.length + more;
    if (needed <= this.bytes.length) return;
    const grown = new Uint8Array(Math.max(needed, this.bytes.length * 2));
    grown.set(this.bytes.subarray(0, this.length));
    this.bytes = grown;
  }
}

/**
 * One LZ4 block (lz4_Block_format.md): literals and copies of earlier output.
 * @param limit bytes of output in all
 * @throws DataError `corrupt`
 */
export function decodeLz4Block(block: Uint8Array, output: GrowingBytes, limit: number): void {
  let at = 0;
  const extended = (start: number): number => {
    let length = start;
    if (start !== 15) return length;
    for (;;) {
      if (at >= block.length) throw corrupt('a length is cut off');
      const more = block[at++];
      length += more;
      if (more !== 255) return length;
    }
  };
  while (at < block.length) {
    const token = block[at++];
    const literals = extended(token >> 4);
    if (at + literals > block.length || output.length + literals > limit) throw corrupt('literals run over');
    output.reserve(literals);
    output.bytes.set(block.subarray(at, at + literals), output.length);
    output.length += literals;
    at += literals;
    if (at === block.length) return;
    if (at + 2 > block.length) throw corrupt('an offset is cut off');
    const offset = block[at] | (block[at + 1] << 8);
    at += 2;
    if (offset === 0 || offset > output.length) throw corrupt('a copy starts before the data');
    const length = extended(token & 15) + MIN_MATCH;
    if (output.length + length > limit) throw corrupt('a copy runs over');
    output.reserve(length);
    const { bytes } = output;
    const from = output.length - offset;
    for (let i = 0; i < length; i++) bytes[output.length + i] = bytes[from + i];
    output.length += length;
  }
}

function corrupt(detail: string): DataError {
  return new DataError('corrupt', `an LZ4 block is damaged: ${detail}`, 'lz4');
}
