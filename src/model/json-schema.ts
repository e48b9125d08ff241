import * as v from 'valibot';
import { ModelError, type ModelErrorCode } from './errors.ts';
import { jsonRecord } from './json-file.ts';

/**
 * Schemas of a package's JSON files. A message says what a field is ("is missing", "is 3, not …"); file and
 * field are put before it by `checkJson`.
 */

/** valibot's own objects and records take lists as well. */
const JSON_OBJECT = v.custom<Readonly<Record<string, unknown>>>(
  (value) => jsonRecord(value) !== undefined,
  'is not a JSON object',
);

/** A text of a length that can still be shown. */
export const text = v.pipe(v.string('is not text'), v.maxLength(20_000, 'is too long a text'));

/** An object with these fields; others are ignored. */
export function object<const E extends v.ObjectEntries>(entries: E) {
  return v.pipe(JSON_OBJECT, v.object(entries, 'is missing'));
}

/** An object of any names, of which valibot leaves out what objects have by themselves (`__proto__`, `constructor`). */
export function record<const S extends v.GenericSchema>(value: S, most = 100_000) {
  return v.pipe(
    JSON_OBJECT,
    v.record(v.string(), value),
    v.maxEntries(most, `has more than ${most} entries`),
  );
}

/** The same where one name, the optional `note`, is not like the others. */
export function recordWithNote<const S extends v.GenericSchema>(value: S) {
  return v.pipe(JSON_OBJECT, v.objectWithRest({ note: v.optional(text) }, value, 'is not a JSON object'));
}

/** A list of at most so many. */
export function list<const S extends v.GenericSchema>(item: S, most = 100_000) {
  return v.pipe(v.array(item, 'is not a list'), v.maxLength(most, `has more than ${most} entries`));
}

/** A whole number within bounds. */
export function natural(least: number, most: number) {
  const message = said(`an integer from ${least} to ${most}`);
  return v.pipe(v.number(message), v.integer(message), v.minValue(least, message), v.maxValue(most, message));
}

/** True or false. */
export const flag = v.boolean(said('true or false'));

/** One of some words. */
export function oneOf<const T extends readonly string[]>(words: T) {
  return v.picklist(words, said(`one of ${words.join(', ')}`));
}

/** A message for a value that is not what it should be. */
export function said(should: string) {
  return ({ input }: { readonly input: unknown }) =>
    input === null || input === undefined
      ? 'is missing'
      : `is ${JSON.stringify(input)?.slice(0, 100)}, not ${should}`;
}

/**
 * The value as the schema has it.
 * @param file its name, for the message
 * @throws ModelError `code` whose subject is the field at fault, the file where it is all of it
 */
export function checkJson<const S extends v.GenericSchema>(
  schema: S,
  value: unknown,
  file: string,
  code: ModelErrorCode,
): v.InferOutput<S> {
  const result = v.safeParse(schema, value, { abortEarly: true });
  if (result.success) return result.output;
  const [issue] = result.issues;
  const field = v.getDotPath(issue)?.slice(0, 200) ?? null;
  throw new ModelError(code, `${file}${field === null ? '' : `: ${field}`} ${issue.message}`, field ?? file);
}
