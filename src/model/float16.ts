/**
 * Half-precision values as stored in safetensors. Decoding is a table of all 65,536 halves: one load
 * a value, exact, and the same in every browser whether it has Float16Array or not.
 */

let table: Float32Array | undefined;

/** Value of one IEEE 754 binary16 bit pattern. */
function decodeHalf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** [n] binary16 bit patterns → [n] float32, exactly. */
export function float16ToFloat32(bits: Uint16Array): Float32Array<ArrayBuffer> {
  table ??= Float32Array.from({ length: 0x10000 }, (_, i) => decodeHalf(i));
  const halves = table;
  const out = new Float32Array(bits.length);
  for (let i = 0; i < bits.length; i++) out[i] = halves[bits[i]];
  return out;
}

/** [n] bfloat16 bit patterns → [n] float32: the upper half of a float32's bits. */
export function bfloat16ToFloat32(bits: Uint16Array): Float32Array<ArrayBuffer> {
  const out = new Float32Array(bits.length);
  const words = new Uint32Array(out.buffer);
  for (let i = 0; i < bits.length; i++) words[i] = bits[i] << 16;
  return out;
}

/** [n] float32 → [n] binary16 bit patterns, rounded to nearest, ties to even; overflow becomes infinity. */
export function float32ToFloat16(values: Float32Array): Uint16Array<ArrayBuffer> {
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const out = new Uint16Array(values.length);
  for (let i = 0; i < values.length; i++) out[i] = encodeHalf(words[i], values[i]);
  return out;
}

/** The half nearest to a float32, given as bits and as number. */
function encodeHalf(word: number, value: number): number {
  const sign = (word >>> 16) & 0x8000;
  const magnitude = word & 0x7fff_ffff;
  if (magnitude > 0x7f80_0000) return 0x7e00;
  // From 65,520 up.
  if (magnitude >= 0x477f_f000) return sign | 0x7c00;
  // Below 2⁻¹⁴, the smallest normal half: in units of 2⁻²⁴.
  if (magnitude < 0x3880_0000) return sign | roundHalfToEven(Math.abs(value) * 2 ** 24);
  // The exponent's bias changes from 127 to 15, and 13 bits go; a carry runs into the exponent by itself.
  return sign | ((magnitude - 0x3800_0000 + 0xfff + ((magnitude >>> 13) & 1)) >>> 13);
}

/** [n] float32 → [n] bfloat16 bit patterns, rounded to nearest, ties to even. */
export function float32ToBfloat16(values: Float32Array): Uint16Array<ArrayBuffer> {
  const words = new Uint32Array(values.slice().buffer);
  const out = new Uint16Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const word = words[i];
    out[i] = Number.isNaN(values[i]) ? 0x7fc0 : (word + 0x7fff + ((word >>> 16) & 1)) >>> 16;
  }
  return out;
}

function roundHalfToEven(x: number): number {
  const floor = Math.floor(x);
  const rest = x - floor;
  if (rest !== 0.5) return rest < 0.5 ? floor : floor + 1;
  return floor % 2 === 0 ? floor : floor + 1;
}
