import { DataError } from '../errors.ts';

/** Distances beyond take two more bytes (c-blosc's blosclz.c, MAX_DISTANCE). */
const MAX_NEAR = 8191;

/**
 * Unpacks one BloscLZ block: runs of literals, and copies of earlier output whose length and distance follow in bytes.
 * @throws DataError `corrupt`
 */
export function decodeBloscLz(block: Uint8Array, size: number): Uint8Array {
  const output = new Uint8Array(size);
  let from = 0;
  let to = 0;
  const next = (): number => {
    if (from >= block.length) throw corrupt();
    return block[from++];
  };
  // The first run is of literals, whatever its upper bits say.
  let control = next() & 31;
  for (;;) {
    if (control < 32) {
      const length = control + 1;
      if (from + length > block.length || to + length > size) throw corrupt();
      output.set(block.subarray(from, from + length), to);
      from += length;
      to += length;
    } else {
      let length = (control >> 5) - 1;
      const high = (control & 31) << 8;
      if (length === 6) {
        let more = 255;
        while (more === 255) {
          more = next();
          length += more;
        }
      }
      const low = next();
      let distance = high + low + 1;
      if (low === 255 && high === 31 << 8) distance = ((next() << 8) | next()) + MAX_NEAR + 1;
      length += 3;
      if (distance > to || to + length > size) throw corrupt();
      for (let i = 0; i < length; i++) output[to + i] = output[to - distance + i];
      to += length;
    }
    if (from >= block.length) return output.subarray(0, to);
    control = next();
  }
}

function corrupt(): DataError {
  return new DataError('corrupt', 'a Blosc chunk of the zarr store is damaged', 'blosc');
}
