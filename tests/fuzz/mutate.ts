import type { Random } from '../../src/analysis/random.ts';

type Bytes = Uint8Array<ArrayBuffer>;

/** Values at which sizes, offsets and signs go wrong. */
const EDGES = [0, 1, -1, 2, 3, 7, 8, 127, 128, 255, 256, 32_767, 65_535, 0x7fffffff, -0x80000000, 2 ** 31];
const WIDE_EDGES = [0n, 1n, -1n, 2n ** 31n, 2n ** 32n, 2n ** 53n, 2n ** 62n, 2n ** 63n - 1n, -(2n ** 63n)];
/** What takes the place of a number in a text. */
const NUMBERS = [
  '0',
  '-1',
  '1',
  '2147483648',
  '4294967296',
  '1e308',
  '1e999',
  '9007199254740993',
  '0.5',
  'NaN',
  '""',
  'null',
  '[]',
  '{}',
];

/** One to four changes of the bytes, drawn by `random`. The bytes given stay as they are. */
export function mutated(bytes: Bytes, random: Random): Bytes {
  let changed = bytes;
  for (let left = random.below(2) === 0 ? 1 : 1 + random.below(4); left > 0; left--) {
    changed = CHANGES[random.below(CHANGES.length)](changed, random);
  }
  return changed;
}

const CHANGES: readonly ((bytes: Bytes, random: Random) => Bytes)[] = [
  (bytes, random) => withByte(bytes, random, (byte) => byte ^ (1 << random.below(8))),
  (bytes, random) => withByte(bytes, random, (byte) => byte ^ (1 << random.below(8))),
  (bytes, random) => withByte(bytes, random, () => random.below(256)),
  withEdge,
  withEdge,
  withWideEdge,
  withNumber,
  withNumber,
  /** Cut off. */
  (bytes, random) => bytes.slice(0, random.below(bytes.length + 1)),
  /** A piece left out. */
  (bytes, random) => {
    const { from, to } = piece(bytes, random);
    return joined(bytes.subarray(0, from), bytes.subarray(to));
  },
  /** A piece twice. */
  (bytes, random) => {
    const { from, to } = piece(bytes, random);
    return joined(bytes.subarray(0, to), bytes.subarray(from));
  },
  /** A piece in the place of another. */
  (bytes, random) => {
    const { from, to } = piece(bytes, random);
    const copy = bytes.slice();
    copy.copyWithin(random.below(bytes.length + 1), from, to);
    return copy;
  },
  /** A piece that was never written. */
  (bytes, random) => {
    const { from, to } = piece(bytes, random);
    const copy = bytes.slice();
    copy.fill(random.below(2) === 0 ? 0 : 0xff, from, to);
    return copy;
  },
  /** Rubbish put in. */
  (bytes, random) => {
    const at = random.below(bytes.length + 1);
    const rubbish = Uint8Array.from({ length: 1 + random.below(16) }, () => random.below(256));
    return joined(bytes.subarray(0, at), rubbish, bytes.subarray(at));
  },
];

function withByte(bytes: Bytes, random: Random, change: (byte: number) => number): Bytes {
  if (bytes.length === 0) return bytes;
  const copy = bytes.slice();
  const at = random.below(copy.length);
  copy[at] = change(copy[at]);
  return copy;
}

function withEdge(bytes: Bytes, random: Random): Bytes {
  const width = [1, 2, 4][random.below(3)];
  if (bytes.length < width) return bytes;
  const copy = bytes.slice();
  const view = new DataView(copy.buffer);
  const at = random.below(bytes.length - width + 1);
  const value = EDGES[random.below(EDGES.length)];
  if (width === 1) view.setInt8(at, value);
  else if (width === 2) view.setInt16(at, value, random.below(8) > 0);
  else view.setInt32(at, value, random.below(8) > 0);
  return copy;
}

function withWideEdge(bytes: Bytes, random: Random): Bytes {
  if (bytes.length < 8) return bytes;
  const copy = bytes.slice();
  const at = random.below(bytes.length - 7);
  new DataView(copy.buffer).setBigInt64(at, WIDE_EDGES[random.below(WIDE_EDGES.length)], true);
  return copy;
}

/** Another value where the text has a number; of what is no text, where its bytes look like one. */
function withNumber(bytes: Bytes, random: Random): Bytes {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
  const found = [...text.matchAll(/\d+(?:\.\d+)?/g)];
  if (found.length === 0) return bytes;
  const { 0: digits, index } = found[random.below(found.length)];
  const value = Buffer.from(NUMBERS[random.below(NUMBERS.length)]);
  return joined(bytes.subarray(0, index), value, bytes.subarray(index + digits.length));
}

/** Where a piece of at most 64 bytes, seldom up to all, lies. */
function piece(bytes: Bytes, random: Random): { readonly from: number; readonly to: number } {
  const from = random.below(bytes.length + 1);
  const most = random.below(8) === 0 ? bytes.length : 64;
  return { from, to: Math.min(bytes.length, from + 1 + random.below(most)) };
}

function joined(...parts: readonly Uint8Array[]): Bytes {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
