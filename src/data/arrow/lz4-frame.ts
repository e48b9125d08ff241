import { DataError } from '../errors.ts';

const MAGIC = 0x184d2204;
const MIN_MATCH = 4;
/** Block descriptor of the frame header → bytes of a decoded block at most. */
const BLOCK_BYTES: Readonly<Record<number, number>> = { 4: 1 << 16, 5: 1 << 18, 6: 1 << 20, 7: 1 << 22 };

function corrupt(detail: string): DataError {
  return new DataError('corrupt', `an LZ4 buffer of the Arrow file is damaged: ${detail}`, 'lz4');
}

/** Bytes that grow: a frame does not have to say how long its contents are. */
class Output {
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
 * Contents of one LZ4 frame, the form Arrow's LZ4_FRAME buffers have (format: lz4_Frame_format.md 1.6.4;
 * checksums are skipped, dictionaries refused).
 * @throws DataError `corrupt` on any input that is not such a frame; memory stays within the block sizes.
 */
export function decodeLz4Frame(frame: Uint8Array): Uint8Array<ArrayBuffer> {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  if (frame.length < 7 || view.getUint32(0, true) !== MAGIC) throw corrupt('no frame header');
  const flags = frame[4];
  const blockBytes = BLOCK_BYTES[(frame[5] >> 4) & 7];
  if (flags >> 6 !== 1 || blockBytes === undefined) throw corrupt('unknown frame version');
  if ((flags & 1) !== 0) throw corrupt('it needs a dictionary');
  const blockChecksum = (flags & 0x10) !== 0;
  let at = 6 + ((flags & 0x08) !== 0 ? 8 : 0) + 1;
  const output = new Output(Math.min(blockBytes, frame.length * 4));
  for (;;) {
    if (at + 4 > frame.length) throw corrupt('it ends within a block');
    const word = view.getUint32(at, true);
    at += 4;
    if (word === 0) return output.bytes.slice(0, output.length);
    const size = word & 0x7fffffff;
    if (size > blockBytes || at + size > frame.length) throw corrupt('a block is longer than it may be');
    const block = frame.subarray(at, at + size);
    if (word >>> 31 === 1) {
      output.reserve(size);
      output.bytes.set(block, output.length);
      output.length += size;
    } else {
      decodeBlock(block, output, output.length + blockBytes);
    }
    at += size + (blockChecksum ? 4 : 0);
  }
}

/** One compressed block: literals and copies of earlier output, up to `limit` bytes in all. */
function decodeBlock(block: Uint8Array, output: Output, limit: number): void {
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
