import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import h5wasm, { type Dataset, type Group } from 'h5wasm/node';
import { nodeRuntime } from '../src/cli/h5-runtime-node.ts';
import { embeddedModelFolder, nodeDatasetEnvironment } from '../src/cli/node-environment.ts';
import { openDataset } from '../src/data/open.ts';
import { LocalDatasetService } from '../src/run/dataset-service.ts';
import { readRows } from '../src/run/row-reader.ts';

/** One measured step; seconds of the processor beside those of the clock, which others may share. */
export interface ReadingRow {
  readonly step: string;
  readonly seconds: number;
  readonly processorSeconds: number;
  readonly cells: number;
  /** Of the matrix as stored: 4 bytes a value and 4 an index. */
  readonly megabytes: number;
}

/** The steps over real cells (COMBAT) repeated `copies` times in an uncompressed CSR file, and over the file as it comes. */
export async function benchReading(
  source: string,
  copies: number,
): Promise<{ readonly uncompressed: readonly ReadingRow[]; readonly asItComes: readonly ReadingRow[] }> {
  const folder = mkdtempSync(join(tmpdir(), 'teddy-bench-'));
  const path = join(folder, 'repeated.h5ad');
  try {
    await repeat(source, path, copies);
    return { uncompressed: await measure(path), asItComes: await measure(source) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Reading, quality and tokens of X, each step over all cells, in this one thread. */
async function measure(path: string): Promise<readonly ReadingRow[]> {
  const dataset = await openDataset(path, nodeRuntime());
  const cells = dataset.nObs;
  const stored = dataset.matrices.find(({ name }) => name === 'X')?.stored ?? 0;
  const measured: ReadingRow[] = [];
  const step = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
    const began = performance.now();
    const used = process.cpuUsage();
    const result = await work();
    const { user, system } = process.cpuUsage(used);
    measured.push({
      step: name,
      seconds: (performance.now() - began) / 1000,
      processorSeconds: (user + system) / 1e6,
      cells,
      megabytes: (stored * 8) / 1e6,
    });
    return result;
  };
  const all = Uint32Array.from({ length: cells }, (_, row) => row);
  await step('reading alone', async () => {
    for await (const { block } of readRows(dataset, 'X', all, undefined)) void block;
  });
  dataset.close();
  const service = new LocalDatasetService(nodeDatasetEnvironment());
  await service.open(path, {});
  await service.mapping('X');
  const model = { kind: 'directory', path: embeddedModelFolder() } as const;
  await step('reading + QC (pre-flight)', () => service.preflight(model, 'X', {}));
  await step('reading + tokens', async () => {
    // As a run asks for them.
    for (let from = 0; from < cells; from += 256) await service.tokenize(all.slice(from, from + 256), {});
  });
  await service.close();
  return measured;
}

async function repeat(source: string, target: string, copies: number): Promise<void> {
  await h5wasm.ready;
  const from = new h5wasm.File(source, 'r');
  const numbers = (path: string) => (from.get(path) as Dataset).value;
  const indptr = Float64Array.from(numbers('X/indptr') as Int32Array);
  const indices = Int32Array.from(numbers('X/indices') as Int32Array);
  const data = Float32Array.from(numbers('X/data') as Float32Array);
  const ids = numbers('var/feature_id') as string[];
  from.close();
  const rows = indptr.length - 1;
  const cells = rows * copies;
  const pointers = Int32Array.from({ length: cells + 1 }, (_, i) =>
    i === cells ? copies * indices.length : indptr[i % rows] + Math.floor(i / rows) * indices.length,
  );
  const file = new h5wasm.File(target, 'w');
  for (const [table, names] of [
    ['obs', Array.from({ length: cells }, (_, i) => `cell${i}`)],
    ['var', ids],
  ] as const) {
    const group = file.create_group(table);
    group.create_attribute('encoding-type', 'dataframe');
    group.create_attribute('_index', '_index');
    group.create_dataset({ name: '_index', data: [...names] });
  }
  const x = file.create_group('X') as Group;
  x.create_attribute('encoding-type', 'csr_matrix');
  x.create_attribute('shape', BigInt64Array.of(BigInt(cells), BigInt(ids.length)));
  x.create_dataset({ name: 'indptr', data: pointers });
  x.create_dataset({ name: 'indices', data: repeated(indices, copies) });
  x.create_dataset({ name: 'data', data: repeated(data, copies) });
  file.close();
}

function repeated<T extends Int32Array | Float32Array>(values: T, copies: number): T {
  const whole = new (values.constructor as new (length: number) => T)(values.length * copies);
  for (let copy = 0; copy < copies; copy++) whole.set(values, copy * values.length);
  return whole;
}
