import { type Data, DataType } from 'apache-arrow';
import { asLong, boolean, categorical, longOf, numeric } from '../columns.ts';
import type { Column } from '../dataset.ts';
import { DataError } from '../errors.ts';
import { booleansOf, codesOf, dictionaryOf, numbersOf, textsOf } from './arrays.ts';

/** Collects one obs column over the batches of a file. */
export interface ColumnCollector {
  add(data: Data): void;
  finish(): Column;
}

/** A collector for a column of this Arrow type. */
export function collectColumn(type: DataType, name: string): ColumnCollector {
  if (DataType.isDictionary(type)) return collectCategories(type.isOrdered, name);
  if (DataType.isBool(type)) return collectBooleans();
  if (DataType.isInt(type) || DataType.isFloat(type)) return collectNumbers(DataType.isInt(type));
  const values: (string | null)[] = [];
  return {
    add(data) {
      for (const value of textsOf(data)) values.push(value);
    },
    finish: () => ({ kind: 'string', values }),
  };
}

/** Dictionaries may differ from batch to batch: categories are numbered as they are met. */
function collectCategories(ordered: boolean, name: string): ColumnCollector {
  const codes: number[] = [];
  const numbers = new Map<string, number>();
  return {
    add(data) {
      const dictionary = dictionaryOf(data);
      if (!dictionary) throw new DataError('corrupt', `the column ${name} changes its type`, name);
      const renumbered = dictionary.map((category) => {
        const known = numbers.get(category) ?? numbers.size;
        numbers.set(category, known);
        return known;
      });
      for (const code of codesOf(data, dictionary.length)) codes.push(code < 0 ? -1 : renumbered[code]);
    },
    finish: () => categorical(codes, [...numbers.keys()], ordered, name),
  };
}

function collectBooleans(): ColumnCollector {
  const values: number[] = [];
  return {
    add(data) {
      for (const value of booleansOf(data)) values.push(value);
    },
    finish: () =>
      boolean(
        values.map((value) => Math.max(value, 0)),
        values.map((value) => (value < 0 ? 1 : 0)),
      ),
  };
}

function collectNumbers(integer: boolean): ColumnCollector {
  const values: number[] = [];
  const long: bigint[] = [];
  let isLong = false;
  return {
    add(data) {
      const numbers = numbersOf(data);
      const stored = asLong(data.values);
      isLong ||= stored !== undefined;
      for (let i = 0; i < data.length; i++) {
        values.push(numbers[i]);
        if (stored) long.push(Number.isNaN(numbers[i]) ? 0n : stored[i]);
      }
    },
    finish: () => numeric(values, integer, undefined, isLong ? longOf(long) : undefined),
  };
}
