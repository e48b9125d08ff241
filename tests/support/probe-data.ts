import { Random } from '../../src/analysis/random.ts';
import type { Grouping, ProbeData, ProbeSettings } from '../../src/probe/types.ts';

export interface MadeDonor {
  readonly name: string;
  /** Class of its cells; null = every cell has its own, in turn. */
  readonly label: number | null;
  readonly cells: number;
  readonly seen?: boolean;
}

export interface MadeOptions {
  readonly classes?: readonly string[];
  readonly dimension?: number;
  readonly seed?: number;
  /** How far the class moves the features, in standard deviations of a cell. */
  readonly signal?: number;
  /** How far each donor's own direction moves them. */
  readonly donorEffect?: number;
}

/** Cells of donors whose features are noise, a shift by class and a shift of the donor's own. */
export function madeData(donors: readonly MadeDonor[], options: MadeOptions = {}): ProbeData {
  const { classes = ['normal', 'disease'], dimension = 8, seed = 1, signal = 0, donorEffect = 0 } = options;
  const random = new Random(seed);
  const normal = () =>
    Math.sqrt(-2 * Math.log(1 - random.uniform())) * Math.cos(2 * Math.PI * random.uniform());
  const n = donors.reduce((sum, donor) => sum + donor.cells, 0);
  const features = new Float32Array(n * dimension);
  const labels = new Int32Array(n);
  const codes = new Int32Array(n);
  let cell = 0;
  donors.forEach((donor, code) => {
    const shift = Float64Array.from({ length: dimension }, () => donorEffect * normal());
    for (let i = 0; i < donor.cells; i++, cell++) {
      codes[cell] = code;
      labels[cell] = donor.label ?? i % classes.length;
      for (let t = 0; t < dimension; t++) {
        const ofClass = t === labels[cell] % dimension ? signal : 0;
        features[cell * dimension + t] = normal() + shift[t] + ofClass;
      }
    }
  });
  return {
    features,
    dimension,
    classes,
    labels,
    groups: { names: donors.map((donor) => donor.name), codes },
    seen: Uint8Array.from(donors, (donor) => (donor.seen ? 1 : 0)),
    studies: null,
    cellTypes: null,
    head: null,
    expression: null,
  };
}

/** Donors `d0` … in turn of each class. */
export function donorsOf(count: number, cells: number, classes = 2): MadeDonor[] {
  return Array.from({ length: count }, (_, i) => ({ name: `d${i}`, label: i % classes, cells }));
}

export function grouping(values: readonly string[]): Grouping {
  const names = [...new Set(values)];
  return { names, codes: Int32Array.from(values, (value) => names.indexOf(value)) };
}

export function madeSettings(changes: Partial<ProbeSettings> = {}): ProbeSettings {
  return {
    split: { kind: 'leave-one-group-out' },
    cases: null,
    c: 1,
    classWeights: 'none',
    permutations: 0,
    resamples: 0,
    seed: 7,
    ...changes,
  };
}
