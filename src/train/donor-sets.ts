import { Random } from '../analysis/random.ts';
import { shuffle } from '../probe/deal.ts';
import type { DonorSplit, TrainConfig } from './config.ts';
import { TrainError } from './errors.ts';
import { DRAW, mixSeeds } from './seeds.ts';
import type { DonorCells, DonorPlace, DonorSetName, DonorSets } from './types.ts';

/** Donors of a class that stay in training before any is taken for validation. */
const LEAST_TRAINING_DONORS = 2;
/** Share of a donor's cells from which on the donor is of one class. */
const OF_ONE_CLASS = 0.9;

/**
 * Deals donors into train, validation and test; whole donors, each into one set. A donor the encoder was trained on
 * trains; a cell without a donor in a file that names them is in no set; a file without donors trains whole. Where the
 * label alone is learnt, a cell that has none does not train.
 * Validation needs two classes of the fine-tuned label among its cells; where donors are too few for it, it is left
 * empty and its donors train. All cells of training donors are in the set: a share of them is drawn after the classes.
 * @throws TrainError 'unknown-donor', 'donor-twice', 'seen-donor', 'nothing-to-train'
 */
export function planDonorSets(
  data: DonorCells,
  { split, objective, seed }: Pick<TrainConfig, 'split' | 'objective' | 'seed'>,
): DonorSets {
  const label = objective.kind === 'finetune' ? objective.annotation : null;
  const sets = split.kind === 'donors' ? chosenSets(data, split) : dealtSets(data, split, label, seed);
  const notices: string[] = [];
  if (sets.includes('validation') && label !== null && validationClasses(data, sets, label) < 2) {
    sets.forEach((set, donor) => {
      if (set === 'validation') sets[donor] = 'train';
    });
    notices.push(
      `Too few donors for validation: those that could be spared have fewer than two classes of ${label}, and train.`,
    );
  }
  const dealt = collect(data, sets, notices, split.kind);
  return label === null || objective.masked > 0 ? dealt : withLabels(data, dealt, label);
}

/** The sets without training cells that would teach nothing. */
function withLabels({ labels }: DonorCells, sets: DonorSets, label: string): DonorSets {
  if (!Object.hasOwn(labels, label)) return sets;
  const { codes } = labels[label];
  const train = sets.train.filter((cell) => codes[cell] >= 0);
  const untaught = sets.train.length - train.length;
  if (untaught === 0) return sets;
  if (train.length === 0)
    throw new TrainError('nothing-to-train', `no training cell has a label of ${label}`, label);
  const notice = `${untaught} cells of training donors have no class of ${label}: they do not train.`;
  return { ...sets, train, notices: [...sets.notices, notice] };
}

/** The user's own choice. */
function chosenSets(
  { donors, sources }: DonorCells,
  split: Extract<DonorSplit, { kind: 'donors' }>,
): DonorSetName[] {
  const sets: DonorSetName[] = donors.names.map(() => 'train');
  const lists = { validation: split.validation, test: split.test, 'left-out': split.leftOut } as const;
  for (const set of ['validation', 'test', 'left-out'] as const) {
    for (const [study, names] of Object.entries(lists[set])) {
      const s = sources.findIndex((source) => source.study === study);
      for (const name of names) {
        const donor = donors.names.findIndex((other, i) => other === name && donors.studies[i] === s);
        if (donor < 0) throw new TrainError('unknown-donor', `${study} has no donor ${name}`, name);
        if (sets[donor] !== 'train')
          throw new TrainError(
            'donor-twice',
            `${name} of ${study} is in two sets, ${sets[donor]} and ${set}`,
            name,
          );
        if (set === 'test' && donors.seen[donor] === 1)
          throw new TrainError(
            'seen-donor',
            `the encoder was trained on ${name} of ${study}: it cannot be a test`,
            name,
          );
        sets[donor] = set;
      }
    }
  }
  return sets;
}

/**
 * Donors are dealt stratum by stratum (study, and the class of the label that nearly all their cells have): of each
 * stratum a share is a test, one donor at least, and a share is for validation, as long as two donors stay to train.
 */
function dealtSets(
  data: DonorCells,
  split: Extract<DonorSplit, { kind: 'automatic' }>,
  label: string | null,
  seed: number,
): DonorSetName[] {
  const { donors } = data;
  const sets: DonorSetName[] = donors.names.map(() => 'train');
  const strata = new Map<string, { seen: number; readonly unseen: number[] }>();
  const classes = donorClasses(data, label);
  for (const [donor, study] of donors.studies.entries()) {
    const name = `${study}\t${classes[donor]}`;
    const stratum = strata.get(name) ?? { seen: 0, unseen: [] };
    strata.set(name, stratum);
    if (donors.seen[donor] === 1) stratum.seen++;
    else stratum.unseen.push(donor);
  }
  const ordered = [...strata].sort(([a], [b]) => (a < b ? -1 : 1));
  for (const [s, [, { seen, unseen }]] of ordered.entries()) {
    shuffle(unseen, new Random(mixSeeds(seed, DRAW.donors, s)));
    const all = seen + unseen.length;
    const wanted = (share: number) => (share === 0 ? 0 : Math.max(1, Math.round(share * all)));
    const tests = Math.min(wanted(split.test), unseen.length, all - 1);
    const spare = unseen.length - tests - Math.max(0, LEAST_TRAINING_DONORS - seen);
    const validations = Math.max(0, Math.min(wanted(split.validation), spare));
    unseen.forEach((donor, i) => {
      if (i < tests) sets[donor] = 'test';
      else if (i < tests + validations) sets[donor] = 'validation';
    });
  }
  return sets;
}

/** [donors] the class that nine in ten labelled cells of a donor have; −1 = there is none, as of a treatment of cells. */
function donorClasses({ donors, labels }: DonorCells, label: string | null): number[] {
  if (label === null || !Object.hasOwn(labels, label)) return donors.names.map(() => -1);
  const { classes, codes } = labels[label];
  const counts = donors.names.map(() => new Float64Array(classes.length));
  donors.codes.forEach((donor, cell) => {
    if (donor >= 0 && codes[cell] >= 0) counts[donor][codes[cell]]++;
  });
  return counts.map((own) => {
    const labelled = own.reduce((sum, count) => sum + count, 0);
    return own.findIndex((count) => labelled > 0 && count >= OF_ONE_CLASS * labelled);
  });
}

/** How many classes of the label validation donors have that can be learnt: training donors have them too. */
function validationClasses(
  { donors, labels }: DonorCells,
  sets: readonly DonorSetName[],
  label: string,
): number {
  if (!Object.hasOwn(labels, label)) return 0;
  const { codes } = labels[label];
  const classesIn = (set: DonorSetName) => {
    const found = new Set<number>();
    donors.codes.forEach((donor, cell) => {
      if (donor >= 0 && sets[donor] === set && codes[cell] >= 0) found.add(codes[cell]);
    });
    return found;
  };
  const taught = classesIn('train');
  return [...classesIn('validation')].filter((code) => taught.has(code)).length;
}

function collect(
  data: DonorCells,
  sets: readonly DonorSetName[],
  notices: string[],
  how: DonorSplit['kind'],
): DonorSets {
  const { donors, sources, studies } = data;
  const cells: Record<DonorSetName, number[]> = { train: [], validation: [], test: [], 'left-out': [] };
  const counts = donors.names.map(() => 0);
  let nobody = 0;
  donors.codes.forEach((donor, cell) => {
    if (donor >= 0) {
      counts[donor]++;
      cells[sets[donor]].push(cell);
    } else if (sources[studies[cell]].hasDonors) nobody++;
    else cells.train.push(cell);
  });
  if (cells.train.length === 0) throw new TrainError('nothing-to-train', 'no cell is left to learn from');
  if (nobody > 0)
    notices.push(`${nobody} cells have no recorded donor and are left out: no set could hold them.`);
  for (const { study, hasDonors } of sources) {
    if (!hasDonors) notices.push(`${study} names no donors: all its cells train, and none can be a test.`);
  }
  if (cells.validation.length === 0) {
    const why =
      how === 'donors' ? 'No donors were chosen for validation' : 'Too few donors for a validation set';
    notices.push(`${why}: nothing ends the run early, and its last weights are kept.`);
  }
  if (cells.test.length === 0) {
    notices.push('No donor can be a test: nothing is said of how well the new model does on other people.');
  }
  const apart = namesInTwoSets(data, sets);
  if (apart.length > 0)
    notices.push(
      `Donors of one name in several studies are taken for different people, and are in different sets: ${apart.join(', ')}. If they are the same, choose the sets yourself.`,
    );
  return {
    donors: donors.names.map(
      (donor, i): DonorPlace => ({
        study: sources[donors.studies[i]].study,
        donor,
        cells: counts[i],
        seen: donors.seen[i] === 1,
        set: sets[i],
      }),
    ),
    train: Uint32Array.from(cells.train),
    validation: Uint32Array.from(cells.validation),
    test: Uint32Array.from(cells.test),
    notices,
  };
}

/** Names that a donor has in the test or validation and another, of another study, in another set. */
function namesInTwoSets({ donors }: DonorCells, sets: readonly DonorSetName[]): string[] {
  const found = new Map<string, Set<DonorSetName>>();
  donors.names.forEach((name, donor) => {
    if (sets[donor] !== 'left-out') found.set(name, (found.get(name) ?? new Set()).add(sets[donor]));
  });
  return [...found].filter(([, of]) => of.size > 1).map(([name]) => name);
}
