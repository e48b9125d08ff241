import { DataError } from '../errors.ts';
import { decodeLz4Block, GrowingBytes } from '../lz4-block.ts';

const MAGIC = 0x184d2204;
/** Block descriptor of the frame header → bytes of a decoded block at most. */
const BLOCK_BYTES: Readonly<Record<number, number>> = { 4: 1 << 16, 5: 1 << 18, 6: 1 << 20, 7: 1 << 22 };

function corrupt(detail: string): DataError {
  return new DataError('corrupt', `an LZ4 buffer of the Arrow file is damaged: ${detail}`, 'lz4');
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
  const output = new GrowingBytes(Math.min(blockBytes, frame.length * 4));
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
      decodeLz4Block(block, output, output.length + blockBytes);
    }
    at += size + (blockChecksum ? 4 : 0);
  }
}
