import type { H5Library } from '../data/h5ad/runtime.ts';
import { type Attributes, type Place, storable } from './anndata.ts';
import { BOOLEAN_DTYPE, booleanData } from './boolean-type.ts';

export type H5File = InstanceType<H5Library['File']>;
export type H5Group = InstanceType<H5Library['Group']>;
export type H5Dataset = InstanceType<H5Library['Dataset']>;

/** How many booleans were written, attributes among them. */
export interface BooleanTally {
  booleans: number;
}

/**
 * A group of an HDF5 file. Booleans are written as what `withBooleans` and `patchBooleans` (boolean-type.ts) turn into
 * HDF5's own once the file is closed.
 */
export function h5Place(group: H5Group, tally: BooleanTally = { booleans: 0 }): Place {
  const attach = (object: H5Group | H5Dataset, attributes: Attributes): void => {
    for (const [name, value] of Object.entries(attributes)) {
      if (typeof value === 'string') object.create_attribute(name, value);
      else if (typeof value === 'boolean') {
        object.create_attribute(name, booleanData([value ? 1 : 0]), [], BOOLEAN_DTYPE);
        tally.booleans++;
      } else setTexts(object, name, value);
    }
  };
  return {
    attributes: (attributes) => attach(group, attributes),
    group(name, attributes) {
      const made = group.create_group(name);
      attach(made, attributes);
      return h5Place(made, tally);
    },
    numbers(name, data, shape, attributes) {
      attach(group.create_dataset({ name, data, shape: [...shape] }), attributes);
    },
    booleans(name, values, attributes) {
      const data = booleanData(values);
      const made = group.create_dataset({ name, data, shape: [values.length], dtype: BOOLEAN_DTYPE });
      tally.booleans++;
      attach(made, attributes);
    },
    strings(name, values, attributes) {
      const data = values.map(storable);
      attach(group.create_dataset({ name, data, shape: [data.length], dtype: 'S' }), attributes);
    },
    scalar(name, value, attributes) {
      const stored =
        typeof value === 'string'
          ? { data: storable(value), dtype: 'S' }
          : Number.isSafeInteger(value)
            ? { data: BigInt64Array.of(BigInt(value)), dtype: '<q' }
            : { data: value, dtype: '<d' };
      attach(group.create_dataset({ name, shape: [], ...stored }), attributes);
    },
  };
}

/** A list of texts as an attribute, in place of what was there; an empty one is of numbers, as anndata has it. */
export function setTexts(object: H5Group | H5Dataset, name: string, texts: readonly string[]): void {
  if (name in object.attrs) object.delete_attribute(name);
  if (texts.length > 0) object.create_attribute(name, [...texts]);
  else object.create_attribute(name, new Float64Array(0), [0], '<d');
}
