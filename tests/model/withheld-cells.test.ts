import { expect, it } from 'vitest';
import { nodeRuntime as h5Runtime } from '../../src/cli/h5-runtime-node.ts';
import { openDataset } from '../../src/data/open.ts';
import { createWasmEngine } from '../../src/engine/wasm/engine.ts';
import { openModelPackage } from '../../src/model/package.ts';
import type { TokenBatch } from '../../src/model/token-batch.ts';
import { mapGenes } from '../../src/tokenize/gene-mapping.ts';
import { TokenBatchBuilder } from '../../src/tokenize/token-batch.ts';
import { Tokenizer } from '../../src/tokenize/tokenizer.ts';
import { vocabularyColumns } from '../../src/tokenize/vocabulary-columns.ts';
import { nodeRuntime } from '../engine/wasm/node-runtime.ts';
import { directorySource } from '../support/files.ts';
import { sharedGeneTable } from '../support/gene-table.ts';
import { describeShared, sharedPath } from '../support/shared.ts';

/** What the training reference alone says, without the recorded tissue or organism. */
describeShared('cells outside of training', () => {
  async function judged(
    path: string,
    cells: (row: number) => boolean,
    shuffle = false,
  ): Promise<Map<string, number>> {
    const model = await openModelPackage(directorySource(sharedPath('fixtures', 'bootstrap')));
    const dataset = await openDataset(sharedPath('data', path), h5Runtime());
    const mapping = mapGenes([{ name: 'index', values: await dataset.varNames('X') }], sharedGeneTable());
    const columnIds = vocabularyColumns(mapping.ensembl, model.vocabulary);
    const last = columnIds.length - 1;
    const read = shuffle ? columnIds.map((_, c) => columnIds[(c * 7919 + 13) % last]) : columnIds;
    const rows = await dataset.rows('X', 0, dataset.nObs);
    dataset.close();
    const tokenizer = new Tokenizer(model, read);
    const builder = new TokenBatchBuilder(false);
    for (let row = 0; row < rows.rowCount; row++)
      if (cells(row)) builder.add(row, tokenizer.encode(rows, row), 0);
    const batch: TokenBatch = builder.build();
    const engine = await createWasmEngine(model, nodeRuntime);
    const { embedding } = await engine.encode(batch, { pooling: 'gene_mean' });
    engine.destroy();
    const reasons = new Map<string, number>();
    for (let c = 0; c < batch.rows.length; c++) {
      const geneIds = batch.geneIds.subarray(batch.cuSeqlens[c], batch.cuSeqlens[c + 1]);
      const reason = model.reference?.judge(embedding, c * model.config.dModel, geneIds) ?? 'none';
      reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
    }
    return reasons;
  }

  it('healthy heart, kidney and cultured cells: 99 % are withheld', async () => {
    const reasons = await judged('formats/cellxgene_schema/example_with_labels.h5ad', () => true);
    expect(reasons.get('distance')).toBeGreaterThanOrEqual(317);
  }, 120_000);

  it('COMBAT: shown as it is, withheld with its gene names shuffled', async () => {
    const everyHundredth = (row: number): boolean => row % 100 === 7;
    const path = 'disease/combat_covid_6donors_raw.h5ad';
    expect((await judged(path, everyHundredth)).get('shown')).toBeGreaterThanOrEqual(44);
    const shuffled = await judged(path, everyHundredth, true);
    expect(shuffled.get('shown') ?? 0).toBeLessThanOrEqual(2);
  }, 120_000);
});
