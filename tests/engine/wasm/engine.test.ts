import { describe, expect, it } from 'vitest';
import { openFolderPackage, packTokens } from '../../../src/cli/golden-cases.ts';
import { createReferenceEngine } from '../../../src/engine/reference/engine.ts';
import { createWasmEngine } from '../../../src/engine/wasm/engine.ts';
import { syntheticPackage } from '../../../src/model/synthetic.ts';
import { describeShared, sharedPath } from '../../support/shared.ts';
import { maxRelativeError } from '../../support/tolerance.ts';
import { nodeRuntime } from './node-runtime.ts';

const annotated = () => openFolderPackage(sharedPath('fixtures', 'encoder', 'g-annotated'));

/** Cells of the given lengths with genes that differ from place to place. */
function cells(lengths: readonly number[]) {
  const ids = lengths.flatMap((length, cell) => Array.from({ length }, (_, i) => (i * 29 + cell * 71) % 200));
  return packTokens(ids, lengths);
}

describeShared('cells of many lengths in one call', () => {
  it('answers in the order of the batch, padded neighbours and empty cells included', async () => {
    const pkg = await annotated();
    const batch = cells([5, 128, 0, 9, 3, 127, 9, 121, 64, 0, 1]);
    const wasm = await createWasmEngine(pkg, nodeRuntime);
    const reference = await createReferenceEngine(pkg);
    for (const pooling of ['gene_mean', 'all_positions'] as const) {
      const actual = await wasm.encode(batch, { pooling, states: true });
      const golden = await reference.encode(batch, { pooling, states: true });
      expect(maxRelativeError(actual.embedding, golden.embedding)).toBeLessThanOrEqual(2e-5);
      expect(maxRelativeError(actual.hiddenStates ?? [], golden.hiddenStates ?? [0])).toBeLessThanOrEqual(
        2e-5,
      );
      expect(
        maxRelativeError(actual.annotationStates ?? [], golden.annotationStates ?? [0]),
      ).toBeLessThanOrEqual(2e-5);
      for (const [name, logits] of Object.entries(actual.logits)) {
        expect(maxRelativeError(logits, golden.logits[name]), name).toBeLessThanOrEqual(2e-5);
      }
      const d = pkg.config.dModel;
      expect(Array.from(actual.embedding.subarray(2 * d, 3 * d)).every((x) => x === 0)).toBe(true);
    }
    for (const engine of [wasm, reference]) {
      const alone = await engine.encode(batch, { pooling: 'first_gene', annotationStates: true });
      const both = await engine.encode(batch, { pooling: 'first_gene', states: true });
      expect(alone.annotationStates).toEqual(both.annotationStates);
      expect(alone.annotationStates?.some((value) => value !== 0)).toBe(true);
      expect(alone.hiddenStates).toBeUndefined();
      expect(await engine.encode(batch, { pooling: 'first_gene' })).not.toHaveProperty('annotationStates');
    }
    wasm.destroy();
  });

  it('takes a batch without cells and without annotation heads', async () => {
    const pkg = await openFolderPackage(sharedPath('fixtures', 'encoder', 'g-published'));
    const engine = await createWasmEngine(pkg, nodeRuntime);
    expect((await engine.encode(cells([]), { pooling: 'gene_mean' })).embedding).toHaveLength(0);
    const empty = await engine.encode(cells([0]), { pooling: 'all_positions', states: true });
    expect(Array.from(empty.embedding)).toEqual(new Array(pkg.config.dModel).fill(0));
    expect(empty.logits).toEqual({});
    engine.destroy();
  });
});

describeShared('long work', () => {
  it('tells the cells done and stops when cancelled', async () => {
    const pkg = await openFolderPackage(sharedPath('fixtures', 'bootstrap'));
    const loaded: number[] = [];
    const engine = await createWasmEngine(pkg, {
      ...nodeRuntime,
      onProgress: (done, total) => loaded.push(done / total),
    });
    expect(loaded.at(-1)).toBe(1);
    const batch = cells(new Array(60).fill(256));
    const seen: number[] = [];
    await engine.encode(batch, { pooling: 'gene_mean', onCells: (done) => seen.push(done) });
    expect(seen.length).toBeGreaterThan(2);
    expect(seen.at(-1)).toBe(60);
    expect(seen).toEqual([...seen].sort((a, b) => a - b));

    const stop = new AbortController();
    let after = 0;
    const cancelled = engine.encode(batch, {
      pooling: 'gene_mean',
      signal: stop.signal,
      onCells: (done) => {
        after = done;
        stop.abort(new Error('enough'));
      },
    });
    await expect(cancelled).rejects.toThrow('enough');
    expect(after).toBeLessThan(60);
    const again = await engine.encode(cells([7]), { pooling: 'gene_mean' });
    expect(again.embedding).toHaveLength(pkg.config.dModel);
    engine.destroy();
  });
});

describe('a model of several sessions', () => {
  it.each([true, false])('gives the states of the reference, pre-norm %s', async (pre_norm) => {
    const config = {
      ...{ model_type: 'teddy_g', ntoken: 109, d_model: 512, nheads: 8, d_hid: 1056, nlayers: 3 },
      ...{ max_position_embeddings: 30, layer_activation: 'gelu', pre_norm, layer_norm_eps: 1e-5 },
      ...{ dropout: 0, bins: 0, continuous_rank: false },
    };
    const pkg = syntheticPackage({ config, salt: 5 });
    const steps: number[] = [];
    const wasm = await createWasmEngine(pkg, { ...nodeRuntime, onProgress: (done) => steps.push(done) });
    expect(steps).toHaveLength(3);
    const batch = { ...cells([19, 2]), geneIds: Uint32Array.from({ length: 21 }, (_, i) => (i * 13) % 100) };
    const actual = await wasm.encode(batch, { pooling: 'gene_mean', states: true });
    const reference = await createReferenceEngine(pkg);
    const golden = await reference.encode(batch, { pooling: 'gene_mean', states: true });
    expect(maxRelativeError(actual.embedding, golden.embedding)).toBeLessThanOrEqual(2e-5);
    expect(maxRelativeError(actual.hiddenStates ?? [], golden.hiddenStates ?? [0])).toBeLessThanOrEqual(2e-5);
    wasm.destroy();
  });
});
