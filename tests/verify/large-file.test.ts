import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import h5wasm from 'h5wasm/node';
import { afterAll, expect, it } from 'vitest';
import { embeddedModelFolder, nodeDatasetEnvironment } from '../../src/cli/node-environment.ts';
import { LocalDatasetService } from '../../src/run/dataset-service.ts';
import type { ModelLocation } from '../../src/run/services.ts';
import { writeLargeH5ad } from '../support/large-h5ad.ts';

const STORED = 1_000;
const MODEL_READS = 256;
const CELLS = process.env.TEDDY_VERIFY === '1' ? 380_000 : 12_000;
/** Above what was held before the file was opened; QC of all cells and the batch at hand included. */
const MOST_BYTES = 60e6;

const folder = mkdtempSync(join(tmpdir(), 'teddy-large-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Bytes in use: objects, array buffers, and the memory of the HDF5 library, which grows and never shrinks. */
async function held(): Promise<number> {
  collect();
  // Buffers that the first collection found dead are freed beside it; the second one waits for that.
  collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers + (await h5wasm.ready).HEAPU8.byteLength;
}

it('a file of any size is opened, checked and drawn from within 60 MB (3 GB with TEDDY_VERIFY=1)', async () => {
  const path = join(folder, 'large.h5ad');
  const vocabulary = readFileSync(join(embeddedModelFolder(), 'vocab.txt'), 'utf8').trimEnd().split('\n');
  await writeLargeH5ad(path, { cells: CELLS, stored: STORED, genes: vocabulary });
  const service = new LocalDatasetService(nodeDatasetEnvironment());
  const model: ModelLocation = { kind: 'directory', path: embeddedModelFolder() };
  // What a file of any size needs, the tables of genes first of all, is not the file's.
  const small = join(folder, 'small.h5ad');
  await writeLargeH5ad(small, { cells: 600, stored: STORED, genes: vocabulary });
  await service.open(small, {});
  await service.preflight(model, 'X', {});
  await service.close();

  const before = await held();
  let most = 0;
  const look = async () => {
    most = Math.max(most, (await held()) - before);
  };
  const looks: Promise<void>[] = [];
  let began = performance.now();
  const seconds = () => ((performance.now() - began) / 1000).toFixed(1);
  const summary = await service.open(path, {});
  const opening = seconds();
  expect([summary.nObs, summary.counts]).toEqual([CELLS, 'X']);
  began = performance.now();
  let seen = 0;
  const preflight = await service.preflight(model, 'X', {
    onProgress: ({ done }) => {
      if (done - seen < CELLS / 20) return;
      seen = done;
      looks.push(look());
    },
  });
  const checking = seconds();
  expect(preflight.quality.genes.every((genes) => genes === STORED)).toBe(true);
  const rows = await service.select({ kind: 'random', count: 2000, seed: 1, balanceBy: null });
  expect(rows[rows.length - 1]).toBeGreaterThan(0.98 * CELLS);
  began = performance.now();
  for (let from = 0; from < rows.length; from += 256) {
    const batch = await service.tokenize(rows.slice(from, from + 256), {});
    expect(batch.cuSeqlens[1]).toBe(MODEL_READS);
    await look();
  }
  await Promise.all(looks);
  const gigabytes = (statSync(path).size / 1e9).toFixed(2);
  console.log(
    `${gigabytes} GB, ${CELLS} cells: opened in ${opening} s, checked in ${checking} s, ` +
      `2,000 cells drawn in ${seconds()} s; at most ${(most / 1e6).toFixed(1)} MB more than before`,
  );
  await service.close();
  expect(most).toBeLessThan(MOST_BYTES);
}, 1_200_000);
