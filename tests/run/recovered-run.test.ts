import { expect, it } from 'vitest';
import { embeddedModelFolder, nodeDatasetEnvironment } from '../../src/cli/node-environment.ts';
import { LocalDatasetService } from '../../src/run/dataset-service.ts';
import { provenanceOf } from '../../src/run/provenance.ts';
import type { LoadedModel, ModelLocation } from '../../src/run/services.ts';
import { describeShared, sharedPath } from '../support/shared.ts';

const model: ModelLocation = { kind: 'directory', path: embeddedModelFolder() };

describeShared('a run on counts recovered from log-normalised values', () => {
  it('reads the tokens of the counts, and says in its provenance what it read', async () => {
    const open = async (name: string, matrix: string) => {
      const service = new LocalDatasetService(nodeDatasetEnvironment());
      const summary = await service.open(sharedPath('data', 'demo', name), {});
      const preflight = await service.preflight(model, matrix, {});
      const tokens = await service.tokenize(await service.select({ kind: 'first', count: 100 }), {});
      await service.close();
      return { summary, preflight, tokens };
    };
    const counted = await open('pbmc68k_reduced_counts_prepared.h5ad', 'X');
    const recovered = await open('10x_pbmc68k_reduced_new.h5ad', 'raw/X:expm1');
    expect(recovered.summary.counts).toBeNull();
    expect(recovered.tokens.geneIds.length).toBeGreaterThan(10_000);
    expect([...recovered.tokens.geneIds]).toEqual([...counted.tokens.geneIds]);
    expect([...recovered.tokens.cuSeqlens]).toEqual([...counted.tokens.cuSeqlens]);
    expect([...recovered.preflight.quality.counts]).toEqual([...counted.preflight.quality.counts]);

    const facts = {
      model: {
        name: 'm',
        sha256: '00',
        engine: { kind: 'wasm', device: 'd', software: true },
        training: null,
      } as unknown as LoadedModel,
      pooling: 'gene_mean',
      seed: 0,
      quality: recovered.preflight.quality,
    } as const;
    expect(provenanceOf({ ...facts, matrix: 'raw/X:expm1', scans: recovered.summary.scans })).toMatchObject({
      matrix: 'raw/X:expm1',
      matrixNote: expect.stringContaining('expm1'),
    });
    expect(provenanceOf({ ...facts, matrix: 'X', scans: counted.summary.scans }).matrixNote).toBeUndefined();
  });
});
