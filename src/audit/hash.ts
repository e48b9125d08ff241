/**
 * Hashes of genes and counts, all uint32. They are stored in sketches: changing one changes the schema
 * (sketch-file.ts).
 */

/** The finaliser of MurmurHash3 (Appleby, public domain): a bijection of uint32 that mixes every bit. */
export function mix(x: number): number {
  let h = x;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/**
 * Hash of an Ensembl id. Ids of one species differ in their number alone, and numbers below 2^32 (all there
 * are) never collide: what is not a digit is hashed (FNV-1a) and added to the number before it is mixed.
 */
export function geneHash(id: string): number {
  let words = 0x811c9dc5;
  let number = 0;
  for (let i = 0; i < id.length; i++) {
    const code = id.charCodeAt(i);
    if (code >= 0x30 && code <= 0x39) number = Math.imul(number, 10) + code - 0x30;
    else words = Math.imul(words ^ code, 0x01000193);
  }
  return mix(words + number);
}

const bits = new DataView(new ArrayBuffer(8));
/** Most counts are small whole numbers. */
const SMALL = Uint32Array.from({ length: 1024 }, (_, count) => hashOfBits(count));

/** Hash of a count, by the bits of its float64: 3 stored as integer and as float is one count. */
export function countHash(count: number): number {
  const whole = count >>> 0;
  return whole === count && whole < SMALL.length ? SMALL[whole] : hashOfBits(count);
}

function hashOfBits(count: number): number {
  bits.setFloat64(0, count);
  return mix(bits.getUint32(0) ^ mix(bits.getUint32(4) + 0x9e3779b9));
}

/** Hash of a gene with its count, from both hashes. */
export function pairHash(gene: number, count: number): number {
  return mix(gene ^ count);
}

/** A second one, independent of it: together 64 bits. */
export function secondPairHash(gene: number, count: number): number {
  return mix(Math.imul(gene, 0x9e3779b1) + count);
}
