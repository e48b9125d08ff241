import * as v from 'valibot';

/** What the schemas of configurations and of saved probes share: values with limits. */
const MAX_TEXT = 4096;
const MAX_LIST = 100_000;
const MAX_TABLE = 10_000;

export const POOLINGS = ['gene_mean', 'first_gene', 'all_positions'] as const;

/** A name: of a column, a class, a donor, a file. */
export const text = v.pipe(v.string(), v.maxLength(MAX_TEXT));
export const texts = v.pipe(v.array(text), v.maxLength(MAX_LIST));
/** Hexadecimal SHA-256, in full or not at all known (empty). */
export const hex = v.pipe(v.string(), v.regex(/^(?:[0-9a-f]{2}){0,32}$/, 'a SHA-256 in hexadecimal'));
export const share = v.pipe(v.number(), v.minValue(0), v.maxValue(1));

/** A whole number from `least` to `greatest`. */
export function count(greatest: number, least = 0) {
  return v.pipe(v.number(), v.safeInteger(), v.minValue(least), v.maxValue(greatest));
}

/** Recorded value → class, null = left out. */
export const LABEL_TABLE = v.pipe(
  v.record(text, v.nullable(text)),
  v.maxEntries(MAX_TABLE, `more than ${MAX_TABLE} recorded values`),
);

export const FEATURES = v.variant('kind', [
  v.strictObject({ kind: v.literal('embedding') }),
  v.strictObject({ kind: v.literal('annotation-state'), annotation: text }),
  v.strictObject({ kind: v.literal('obsm'), key: text }),
]);

/** Seeds of 32 bits. */
export const seed = count(2 ** 32 - 1);

const MAX_ROWS = 10_000_000;

/** Which cells of a file. */
export const CELLS = v.variant('kind', [
  v.strictObject({ kind: v.literal('all') }),
  v.strictObject({ kind: v.literal('values'), column: text, values: texts }),
  v.strictObject({
    kind: v.literal('random'),
    count: count(MAX_ROWS, 1),
    seed,
    balanceBy: v.nullable(text),
  }),
  v.strictObject({ kind: v.literal('first'), count: count(MAX_ROWS, 1) }),
  v.strictObject({
    kind: v.literal('rows'),
    rows: v.pipe(v.array(count(2 ** 32 - 1)), v.maxLength(MAX_ROWS)),
  }),
]);
