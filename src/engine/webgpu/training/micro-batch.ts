import type { LossCounts } from '../../loss-counts.ts';
import type { TrainBatch } from '../../trainer.ts';
import { VALUE_FLAG } from '../kernels/embedding/embedding.ts';
import { layoutSlice, type SliceLayout, type SpecialIds } from '../slice-layout.ts';
import { gradientOf } from './parameters.ts';
import { NOWHERE, type RowSums, sumRowsByDestination } from './segments.ts';
import type { HeadGroup, TrainingShape } from './shape.ts';

type HostArray = Uint32Array<ArrayBuffer> | Float32Array<ArrayBuffer>;

/** Cotangents of the embedded rows summed into the gradient of a table. */
interface TableSums {
  readonly gradient: string;
  readonly sums: RowSums;
}

/** A micro-batch as the plan and the device need it. */
export interface MicroBatch {
  readonly layout: SliceLayout;
  readonly rows: number;
  readonly maskedRows: number;
  /** Annotation tokens of each group of heads. */
  readonly headRows: readonly number[];
  /** Of the tables that learn. */
  readonly tables: readonly TableSums[];
  /** What the host writes, by the buffer's name. */
  readonly inputs: ReadonlyMap<string, HostArray>;
}

/** Encoder rows the micro-batch takes: its tokens and, before each cell's, its annotation tokens. */
export function rowsOfBatch({ cuSeqlens, geneIds }: TrainBatch, annotations: number): number {
  return geneIds.length + annotations * (cuSeqlens.length - 1);
}

/** Lays out the rows, targets and sums of a micro-batch whose fields have been checked. */
export function layoutMicroBatch(
  batch: TrainBatch,
  shape: TrainingShape,
  special: SpecialIds,
  counts: LossCounts,
): MicroBatch {
  const { config, options, masked, heads } = shape;
  const cells = batch.cuSeqlens.length - 1;
  const annotations = special.annotations.length;
  const layout = layoutSlice(
    config.valueInput === 'none' ? batch : { ...batch, values: shownValues(batch) },
    Array.from({ length: cells }, (_, cell) => cell),
    config,
    special,
    'gene_mean',
  );
  const rowOfToken = tokenRows(batch, annotations);
  const maskedRows = Uint32Array.from(batch.masked, (token) => rowOfToken[token]);
  if (config.valueInput === 'rank')
    for (const row of maskedRows) layout.input[4 * row + 3] = VALUE_FLAG.masked;

  const inputs = new Map<string, HostArray>([
    ['input', layout.input],
    ['blocks', layout.blocks],
  ]);
  if (masked !== null) {
    const weight = options.weights.masked / Math.max(1, counts.maskedTokens);
    inputs.set('masked.index', maskedRows);
    inputs.set('masked.inverse', inverse(maskedRows, layout.rows));
    inputs.set(
      'masked.targets',
      masked.loss === 'squares'
        ? Float32Array.from({ length: 2 * batch.targets.length }, (_, i) =>
            i % 2 === 0 ? batch.targets[i / 2] : weight,
          )
        : packTargets(batch.targets, weight, masked.chunks[masked.chunks.length - 1].end),
    );
  }
  for (const group of heads) {
    const rows = new Uint32Array(cells * group.annotations.length);
    for (let cell = 0; cell < cells; cell++)
      for (const [k, { token }] of group.annotations.entries())
        rows[cell * group.annotations.length + k] = batch.cuSeqlens[cell] + annotations * cell + token;
    inputs.set(`${group.buffer}.index`, rows);
    inputs.set(`${group.buffer}.inverse`, inverse(rows, layout.rows));
    inputs.set(`${group.buffer}.targets`, headTargets(batch, group, counts));
  }
  if (config.valueInput === 'rank') {
    inputs.set('value.first', Uint32Array.of(0, NOWHERE));
    inputs.set('value.second', Uint32Array.of(NOWHERE, 0));
  }
  const tables = options.trainable.kind === 'all' ? tableSums(layout, shape) : [];
  for (const { gradient, sums } of tables)
    for (const stage of ['direct', 'pieces', 'joined'] as const) {
      inputs.set(`${gradient}.${stage}`, sums[stage].segments);
      // Pieces are of the same items as the short sums.
      if (stage !== 'pieces') inputs.set(`${gradient}.${stage}.items`, sums[stage].items);
    }
  return {
    layout,
    rows: layout.rows,
    maskedRows: maskedRows.length,
    headRows: heads.map(({ annotations: members }) => cells * members.length),
    tables,
    inputs,
  };
}

/** Values with zeros where the contract leaves hidden ones open (X rank). */
function shownValues({ values = new Float32Array(0), masked }: TrainBatch): Float32Array<ArrayBuffer> {
  const shown = values.slice();
  for (const token of masked) if (!Number.isFinite(shown[token])) shown[token] = 0;
  return shown;
}

function tokenRows({ cuSeqlens, geneIds }: TrainBatch, annotations: number): Uint32Array {
  const rows = new Uint32Array(geneIds.length);
  for (let cell = 0; cell + 1 < cuSeqlens.length; cell++)
    for (let token = cuSeqlens[cell]; token < cuSeqlens[cell + 1]; token++)
      rows[token] = token + annotations * (cell + 1);
  return rows;
}

/** Row → its place among the gathered rows, NOWHERE for the others. */
function inverse(gathered: Uint32Array, rows: number): Uint32Array<ArrayBuffer> {
  const places = new Uint32Array(rows).fill(NOWHERE);
  for (const [place, row] of gathered.entries()) places[row] = place;
  return places;
}

function packTargets(classes: Float32Array, weight: number, end: number): Uint32Array<ArrayBuffer> {
  const targets = new Uint32Array(4 * classes.length);
  const floats = new Float32Array(targets.buffer);
  for (const [i, target] of classes.entries()) {
    targets[4 * i] = target;
    floats[4 * i + 1] = weight;
    targets[4 * i + 3] = end;
  }
  return targets;
}

function headTargets(batch: TrainBatch, group: HeadGroup, counts: LossCounts): Uint32Array<ArrayBuffer> {
  const cells = batch.cuSeqlens.length - 1;
  const targets = new Uint32Array(4 * cells * group.annotations.length);
  const floats = new Float32Array(targets.buffer);
  for (let cell = 0; cell < cells; cell++)
    for (const [k, { name, first, end, weight }] of group.annotations.entries()) {
      const at = 4 * (cell * group.annotations.length + k);
      const label = batch.labels[name]?.[cell] ?? -1;
      targets[at] = first + Math.max(0, label);
      floats[at + 1] = label < 0 ? 0 : weight / counts.labelled[name];
      targets[at + 2] = first;
      targets[at + 3] = end;
    }
  return targets;
}

/** Which embedded rows each table's rows went into. */
function tableSums({ input, rows }: SliceLayout, { config, embeddings }: TrainingShape): TableSums[] {
  const word = (offset: number) => Uint32Array.from({ length: rows }, (_, row) => input[4 * row + offset]);
  const ids = word(0);
  const flags = word(3);
  const values = new Float32Array(word(2).buffer);
  const tables: TableSums[] = [];
  const add = (buffer: string, destinations: Uint32Array, count: number, coefficients?: Float32Array) =>
    tables.push({
      gradient: gradientOf(buffer),
      sums: sumRowsByDestination(destinations, count, coefficients),
    });
  for (const { buffer, start, end } of embeddings) {
    const inChunk = ids.map((id) => (id >= start && id < end ? id - start : NOWHERE));
    add(buffer, inChunk, end - start);
  }
  // NO_POSITION is NOWHERE.
  add('positions', word(1), config.maxPositionEmbeddings);
  const where = (flag: number) => flags.map((own) => (own === flag ? 0 : NOWHERE));
  if (config.valueInput === 'binned')
    add(
      'value',
      flags.map((flag, row) => (flag === VALUE_FLAG.none ? NOWHERE : values[row])),
      config.bins + 1,
    );
  if (config.valueInput === 'rank') {
    add('value.weight', where(VALUE_FLAG.present), 1, values);
    add('value.bias', where(VALUE_FLAG.present), 1);
    add('value.mask', where(VALUE_FLAG.masked), 1);
  }
  return tables;
}
