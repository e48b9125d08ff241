/** Bytes of elements back together, which lie as all first bytes, all second bytes …; a rest stays as it is. */
export function unshuffleBytes(block: Uint8Array, width: number): Uint8Array {
  const elements = Math.floor(block.length / width);
  const output = block.slice();
  for (let byte = 0; byte < width; byte++) {
    const from = byte * elements;
    for (let i = 0; i < elements; i++) output[i * width + byte] = block[from + i];
  }
  return output;
}

/**
 * The same by bits: row 8·byte + bit holds that bit of every element (bitshuffle, as c-blosc 1 uses it: blocks whose
 * elements are no multiple of 8 are left as they are).
 */
export function unshuffleBits(block: Uint8Array, width: number): Uint8Array {
  const elements = Math.floor(block.length / width);
  if (elements % 8 !== 0) return block;
  const output = block.slice();
  output.fill(0, 0, elements * width);
  const row = elements / 8;
  for (let byte = 0; byte < width; byte++) {
    for (let bit = 0; bit < 8; bit++) {
      const from = (byte * 8 + bit) * row;
      for (let i = 0; i < elements; i++) {
        if ((block[from + (i >> 3)] >> (i & 7)) & 1) output[i * width + byte] |= 1 << bit;
      }
    }
  }
  return output;
}
