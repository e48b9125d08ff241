import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { memorySource } from '../../src/model/memory-source.ts';
import { openTokenizerPackage } from '../../src/model/package.ts';
import { openSafetensors } from '../../src/model/safetensors.ts';
import { continuousRanks, quantileBins } from '../../src/tokenize/binned.ts';
import { medianFactors, RankValueEncoder } from '../../src/tokenize/rank-value.ts';
import { directorySource } from '../support/files.ts';
import { realCounts } from '../support/real-counts.ts';
import { describeShared, sharedPath } from '../support/shared.ts';

const CASES = [
  ['combat', 'feature_id'],
  ['velmeshev', 'ensembl_id'],
  ['kang_ctrl', 'feature_id'],
  ['pbmc3k', 'ensembl_id'],
] as const;

describeShared('tokens of real cells', () => {
  it.each(CASES)('%s: ids, values, bins and ranks are the golden ones', async (name, idColumn) => {
    const golden = await openSafetensors(
      memorySource(readFileSync(sharedPath('fixtures', 'tokens', `${name}.safetensors`))),
    );
    const { vocabulary, medians } = await openTokenizerPackage(
      directorySource(sharedPath('fixtures', 'bootstrap')),
    );
    const counts = await realCounts(...(golden.metadata.get('dataset') ?? '').split('/'));
    const columnIds = Int32Array.from(counts.varColumn(idColumn), (id) => vocabulary.idOf(id ?? '') ?? -1);
    const encoder = new RankValueEncoder(columnIds, medianFactors(vocabulary.tokens(), medians));
    const rows = await golden.readNumbers('rows');
    const lengths = await golden.readNumbers('lengths');
    const geneIds = await golden.readNumbers('gene_ids');
    const values = await golden.readNumbers('values');
    const bins51 = await golden.readNumbers('bins51');
    const ranks = await golden.readNumbers('ranks');
    expect(rows.length).toBe(24);
    let at = 0;
    for (let c = 0; c < rows.length; c++) {
      const cell = encoder.encode(counts, rows[c]);
      const n = cell.geneIds.length;
      const slice = (all: Float64Array): number[] => [...all.subarray(at, at + n)];
      expect(n).toBe(lengths[c]);
      expect([...cell.geneIds]).toEqual(slice(geneIds));
      expect([...Float32Array.from(cell.values)]).toEqual(slice(values));
      const out = new Float32Array(n);
      quantileBins(cell.values, 51, out);
      expect([...out]).toEqual(slice(bins51));
      continuousRanks(n, out);
      expect([...out]).toEqual(slice(ranks));
      at += n;
    }
    expect(at).toBe(geneIds.length);
  });
});
