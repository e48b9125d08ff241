import * as v from 'valibot';
import { ModelError } from './errors.ts';
import { jsonRecord } from './json-file.ts';
import { duplicateKeys } from './json-keys.ts';
import { list, natural, object, oneOf } from './json-schema.ts';

/** Bytes of a value in each dtype the format names. */
export const DTYPE_BYTES = {
  BOOL: 1,
  U8: 1,
  I8: 1,
  F8_E4M3: 1,
  F8_E5M2: 1,
  U16: 2,
  I16: 2,
  F16: 2,
  BF16: 2,
  U32: 4,
  I32: 4,
  F32: 4,
  U64: 8,
  I64: 8,
  F64: 8,
} as const;
export type StoredDtype = keyof typeof DTYPE_BYTES;

/** One tensor of a safetensors file: where its bytes are. */
export interface TensorEntry {
  readonly dtype: StoredDtype;
  readonly shape: readonly number[];
  /** Values, the product of `shape`. */
  readonly length: number;
  /** First byte, from the start of the file. */
  readonly offset: number;
  readonly byteLength: number;
}

export interface SafetensorsHeader {
  readonly entries: ReadonlyMap<string, TensorEntry>;
  readonly metadata: ReadonlyMap<string, string>;
}

/** The format's own bound on the header, so that a damaged length cannot ask for gigabytes. */
export const MAX_HEADER_BYTES = 100_000_000;
const OFFSET = natural(0, Number.MAX_SAFE_INTEGER);
const ENTRY = object({
  dtype: oneOf(Object.keys(DTYPE_BYTES) as StoredDtype[]),
  shape: list(OFFSET, 16),
  data_offsets: v.strictTuple([OFFSET, OFFSET], 'is not [begin, end]'),
});
const FORBIDDEN_NAMES = new Set(['', '__proto__', 'constructor', 'prototype']);

/**
 * Parses and checks the JSON of a safetensors header against the size of the file: every tensor
 * lies inside the data, has the size its shape and dtype say, and the tensors cover the data
 * without overlaps or holes, as the format demands. A schema says what one entry is; what they are to each
 * other and to the file (names twice, overlaps, holes) is beyond one, and checked by hand.
 * @param dataStart first byte after the header
 * @throws ModelError 'weights-corrupt' naming what is wrong
 */
export function parseSafetensorsHeader(text: string, dataStart: number, fileSize: number): SafetensorsHeader {
  const json = parseObject(text);
  const duplicates = duplicateKeys(text);
  if (duplicates.length > 0) throw corrupt(`the header names ${quote(duplicates[0])} twice`, duplicates[0]);
  const metadata = new Map<string, string>();
  const entries = new Map<string, TensorEntry>();
  for (const [name, value] of Object.entries(json)) {
    if (name === '__metadata__') {
      const texts = jsonRecord(value);
      if (!texts) throw corrupt('__metadata__ is not a JSON object', name);
      for (const [key, text] of Object.entries(texts)) {
        if (typeof text !== 'string') throw corrupt(`metadata ${quote(key)} is not a string`, key);
        metadata.set(key, text);
      }
    } else {
      if (FORBIDDEN_NAMES.has(name)) throw corrupt(`${quote(name)} cannot be the name of a tensor`, name);
      entries.set(name, parseEntry(name, value, dataStart, fileSize));
    }
  }
  checkCoverage(entries, dataStart, fileSize);
  return { entries, metadata };
}

function parseEntry(name: string, value: unknown, dataStart: number, fileSize: number): TensorEntry {
  const result = v.safeParse(ENTRY, value, { abortEarly: true });
  if (!result.success) {
    const [issue] = result.issues;
    throw corrupt(`tensor ${quote(name)}: ${v.getDotPath(issue) ?? 'its entry'} ${issue.message}`, name);
  }
  const { dtype, shape, data_offsets: offsets } = result.output;
  if (offsets[0] > offsets[1]) {
    throw corrupt(`tensor ${quote(name)} has data_offsets that are not [begin, end]`, name);
  }
  const length = shape.reduce((product, n) => product * n, 1);
  const byteLength = offsets[1] - offsets[0];
  const expected = length * DTYPE_BYTES[dtype];
  if (!(Number.isSafeInteger(expected) && expected === byteLength)) {
    throw corrupt(
      `tensor ${quote(name)} holds ${byteLength} bytes, its shape [${shape.join(', ')}] of ${dtype} needs ${expected}`,
      name,
    );
  }
  if (dataStart + offsets[1] > fileSize) {
    throw corrupt(`tensor ${quote(name)} ends after the end of the file`, name);
  }
  return { dtype, shape, length, offset: dataStart + offsets[0], byteLength };
}

function checkCoverage(entries: ReadonlyMap<string, TensorEntry>, dataStart: number, fileSize: number): void {
  const ordered = [...entries].sort(([, a], [, b]) => a.offset - b.offset || a.byteLength - b.byteLength);
  let end = dataStart;
  for (const [name, entry] of ordered) {
    if (entry.offset < end) throw corrupt(`tensor ${quote(name)} overlaps another one`, name);
    if (entry.offset > end) throw corrupt(`there is a hole before tensor ${quote(name)}`, name);
    end = entry.offset + entry.byteLength;
  }
  if (end !== fileSize) throw corrupt(`${fileSize - end} bytes after the last tensor belong to none`);
}

function parseObject(text: string): Readonly<Record<string, unknown>> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new ModelError('weights-corrupt', 'the header is not JSON', '', { cause });
  }
  const record = jsonRecord(json);
  if (!record) throw corrupt('the header is not a JSON object', 'the header');
  return record;
}

function corrupt(message: string, subject = ''): ModelError {
  return new ModelError('weights-corrupt', message, subject);
}

/** A name from the file, cut so that a hostile one cannot fill the message. */
function quote(name: string): string {
  return JSON.stringify(name.length > 80 ? `${name.slice(0, 80)}…` : name);
}
