/** 2³² over the golden ratio: what counters are multiplied by before they are mixed. */
export const GOLDEN_RATIO = 0x9e3779b9;

/** Finaliser of MurmurHash3 (Appleby, public domain): a bijection of uint32 that mixes every bit. */
export function murmurFinaliser(x: number): number {
  let h = x;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
