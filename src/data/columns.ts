import type { Column, LongIntegers } from './dataset.ts';
import { DataError } from './errors.ts';

/** Checked categorical column: every code names a category or is −1. */
export function categorical(
  codes: ArrayLike<number>,
  categories: readonly string[],
  ordered: boolean,
  subject: string,
  categoryKind?: 'integer' | 'float' | 'boolean',
): Column {
  const checked = new Int32Array(codes.length);
  for (let i = 0; i < codes.length; i++) {
    if (!(codes[i] >= -1 && codes[i] < categories.length)) {
      throw new DataError(
        'bad-index',
        `${subject} has the code ${codes[i]} of ${categories.length} categories`,
        subject,
      );
    }
    checked[i] = codes[i];
  }
  const column = { kind: 'categorical', codes: checked, categories, ordered } as const;
  return categoryKind ? { ...column, categoryKind } : column;
}

/** What the categories in a column of their own are, where they are no text. */
export function kindOfCategories(categories: Column): 'integer' | 'float' | 'boolean' | undefined {
  if (categories.kind === 'numeric') return categories.integer ? 'integer' : 'float';
  return categories.kind === 'boolean' ? 'boolean' : undefined;
}

/**
 * Numbers with NaN wherever `missing` is set.
 * @param long the same numbers where they are stored in 64 bits: kept where a double has rounded one
 */
export function numeric(
  values: ArrayLike<number>,
  integer: boolean,
  missing?: ArrayLike<number>,
  long?: LongIntegers,
): Column {
  const copy = Float64Array.from(values);
  if (missing) for (let i = 0; i < copy.length; i++) if (missing[i]) copy[i] = Number.NaN;
  const column = { kind: 'numeric', values: copy, integer } as const;
  if (!long || !copy.some(isBeyondDoubles)) return column;
  const exact = long.slice();
  for (let i = 0; i < copy.length; i++) if (Number.isNaN(copy[i])) exact[i] = 0n;
  return { ...column, exact };
}

function isBeyondDoubles(value: number): boolean {
  return Math.abs(value) > Number.MAX_SAFE_INTEGER;
}

/** What a library read, where it is 64-bit integers. */
export function asLong(stored: unknown): LongIntegers | undefined {
  return stored instanceof BigInt64Array || stored instanceof BigUint64Array
    ? (stored as LongIntegers)
    : undefined;
}

/** Integers of any size as 64-bit ones; undefined where no type of 64 bits holds them all. */
export function longOf(integers: readonly bigint[]): LongIntegers | undefined {
  const signed = BigInt64Array.from(integers);
  if (integers.every((value, i) => signed[i] === value)) return signed;
  const unsigned = BigUint64Array.from(integers);
  return integers.every((value, i) => unsigned[i] === value) ? unsigned : undefined;
}

/** Booleans as 0 and 1. */
export function boolean(values: ArrayLike<number>, missing?: ArrayLike<number>): Column {
  const copy = Uint8Array.from(values, (value) => (value ? 1 : 0));
  const any = missing !== undefined && Array.from(missing).some(Boolean);
  return any
    ? { kind: 'boolean', values: copy, missing: Uint8Array.from(missing, (flag) => (flag ? 1 : 0)) }
    : { kind: 'boolean', values: copy };
}

/** Values of a column as text, for categories that are numbers or booleans. */
export function asText(column: Column): readonly string[] {
  switch (column.kind) {
    case 'string':
      return column.values.map((value) => value ?? '');
    case 'numeric':
      return Array.from(column.values, String);
    case 'boolean':
      return Array.from(column.values, (value) => (value ? 'True' : 'False'));
    case 'categorical':
      return Array.from(column.codes, (code) => (code < 0 ? '' : column.categories[code]));
  }
}

/** Number of rows of a column. */
export function columnLength(column: Column): number {
  return column.kind === 'categorical' ? column.codes.length : column.values.length;
}
