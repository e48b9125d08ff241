import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Engine } from '../engine/engine.ts';
import type { Pooling } from '../model/config.ts';
import { memorySource } from '../model/memory-source.ts';
import { type ModelPackage, openModelPackage } from '../model/package.ts';
import type { TokenBatch } from '../model/token-batch.ts';

/** One tensor of a golden file beside what an engine answered. */
export interface Comparison {
  readonly tensor: string;
  readonly actual: ArrayLike<number>;
  readonly golden: ArrayLike<number>;
  /** Ids and bins: the least difference is a failure. */
  readonly exact?: boolean;
}

/** A set of golden answers and the way to ask an engine for them. */
export interface GoldenCase {
  /** As printed: `encoder/g-published`, `tokens/combat`, `deep/70m`. */
  readonly name: string;
  readonly tolerance: number;
  readonly referenceTolerance: number;
  openPackage(): Promise<ModelPackage>;
  /** Every tensor the file holds an answer for. */
  compare(engine: Engine, pkg: ModelPackage): Promise<Comparison[]>;
}

/** max |Δ| / max(1, |golden|); Infinity on a NaN or another length, so that neither can pass. */
export function maxError(actual: ArrayLike<number>, golden: ArrayLike<number>): number {
  if (actual.length !== golden.length) return Number.POSITIVE_INFINITY;
  let worst = 0;
  for (let i = 0; i < golden.length; i++) {
    const error = Math.abs(actual[i] - golden[i]) / Math.max(1, Math.abs(golden[i]));
    if (!(error <= Number.MAX_VALUE)) return Number.POSITIVE_INFINITY;
    if (error > worst) worst = error;
  }
  return worst;
}

/** A model package lying in a folder. */
export function openFolderPackage(folder: string): Promise<ModelPackage> {
  return openModelPackage({
    name: basename(folder),
    list: async () => readdirSync(folder),
    open: async (path) => memorySource(readFileSync(join(folder, path))),
  });
}

export interface GoldenTensors {
  readonly names: readonly string[];
  readonly metadata: Readonly<Record<string, string>>;
  shape(name: string): readonly number[];
  get(name: string): Float32Array | Int32Array | Uint8Array;
}

/** All tensors of a small safetensors file, its integer ones (I32, U8) too, which weights never are. */
export function readGoldenTensors(path: string): GoldenTensors {
  const bytes = readFileSync(path);
  const headerLength = Number(bytes.readBigUInt64LE(0));
  const header = JSON.parse(bytes.toString('utf8', 8, 8 + headerLength)) as Record<
    string,
    { dtype: string; shape: number[]; data_offsets: [number, number] }
  >;
  const metadata = (header.__metadata__ ?? {}) as unknown as Record<string, string>;
  const entry = (name: string) => {
    const found = header[name];
    if (found === undefined || name === '__metadata__') throw new Error(`${path} has no tensor ${name}`);
    return found;
  };
  return {
    names: Object.keys(header).filter((name) => name !== '__metadata__'),
    metadata,
    shape: (name) => entry(name).shape,
    get(name) {
      const { dtype, data_offsets } = entry(name);
      const data = new Uint8Array(
        bytes.subarray(8 + headerLength + data_offsets[0], 8 + headerLength + data_offsets[1]),
      );
      if (dtype === 'F32') return new Float32Array(data.buffer);
      if (dtype === 'I32') return new Int32Array(data.buffer);
      if (dtype === 'U8') return data;
      throw new Error(`${path}: ${name} is ${dtype}`);
    },
  };
}

const POOLINGS: readonly Pooling[] = ['gene_mean', 'first_gene', 'all_positions'];

/** `DIR/encoder/*`: hidden states, annotation states, all poolings and logits of four cells. */
export function encoderCases(root: string): GoldenCase[] {
  return folders(join(root, 'encoder')).map((folder) => ({
    name: `encoder/${basename(folder)}`,
    tolerance: 2e-4,
    referenceTolerance: 1e-6,
    openPackage: () => openFolderPackage(folder),
    compare: (engine) => compareForward(engine, readGoldenTensors(join(folder, 'forward.safetensors'))),
  }));
}

async function compareForward(engine: Engine, golden: GoldenTensors): Promise<Comparison[]> {
  const d = engine.config.dModel;
  const [, padded] = golden.shape('gene_ids');
  const lengths = golden.get('lengths');
  const batch = packPadded(golden.get('gene_ids'), lengths, padded, golden);
  const asked = new Set(golden.names.filter((name) => !['gene_ids', 'lengths', 'values'].includes(name)));
  const comparisons: Comparison[] = [];
  const compare = (tensor: string, actual: ArrayLike<number> | undefined) => {
    if (!asked.delete(tensor)) return;
    comparisons.push({ tensor, actual: actual ?? [], golden: golden.get(tensor) });
  };
  for (const pooling of POOLINGS) {
    const first = pooling === 'gene_mean';
    const answer = await engine.encode(batch, { pooling, states: first });
    compare(`pool.${pooling}`, answer.embedding);
    if (!first) continue;
    if (answer.hiddenStates)
      compare('hidden_states', unpack(answer.hiddenStates, batch.cuSeqlens, padded, d));
    compare('annotation_states', answer.annotationStates);
    for (const [name, logits] of Object.entries(answer.logits)) compare(`logits.${name}`, logits);
  }
  for (const tensor of [...asked]) compare(tensor, undefined);
  return comparisons;
}

/** Right-padded [cells, padded] ids (and values) as a packed batch. */
function packPadded(
  ids: ArrayLike<number>,
  lengths: ArrayLike<number>,
  padded: number,
  golden: GoldenTensors,
): TokenBatch {
  const kept: number[] = [];
  for (let cell = 0; cell < lengths.length; cell++)
    for (let i = 0; i < lengths[cell]; i++) kept.push(cell * padded + i);
  const packed = packTokens(
    kept.map((at) => ids[at]),
    lengths,
  );
  if (!golden.names.includes('values')) return packed;
  const values = golden.get('values');
  return { ...packed, values: Float32Array.from(kept, (at) => values[at]) };
}

/** Concatenated ids and lengths as a batch of rows 0, 1, 2, … */
export function packTokens(ids: ArrayLike<number>, lengths: ArrayLike<number>): TokenBatch {
  const cuSeqlens = new Uint32Array(lengths.length + 1);
  for (let cell = 0; cell < lengths.length; cell++) cuSeqlens[cell + 1] = cuSeqlens[cell] + lengths[cell];
  return {
    rows: Uint32Array.from(lengths, (_, cell) => cell),
    cuSeqlens,
    geneIds: Uint32Array.from(ids),
    withheld: new Uint8Array(lengths.length),
  };
}

function unpack(states: Float32Array, cuSeqlens: Uint32Array, padded: number, d: number): Float32Array {
  const cells = cuSeqlens.length - 1;
  const out = new Float32Array(cells * padded * d);
  for (let cell = 0; cell < cells; cell++)
    out.set(states.subarray(cuSeqlens[cell] * d, cuSeqlens[cell + 1] * d), cell * padded * d);
  return out;
}

/** Folders in a folder, by name; none where it does not exist. */
export function folders(path: string): string[] {
  if (!existsSync(path)) return [];
  return readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(path, entry.name))
    .sort();
}
