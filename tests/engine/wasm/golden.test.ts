import { expect, it } from 'vitest';
import { encoderCases, openFolderPackage, readGoldenTensors } from '../../../src/cli/golden-cases.ts';
import { argmaxRows } from '../../../src/engine/predictions.ts';
import { createWasmEngine } from '../../../src/engine/wasm/engine.ts';
import { describeShared, hasShared, sharedPath } from '../../support/shared.ts';
import { maxRelativeError } from '../../support/tolerance.ts';
import { cutTokens } from './cut-tokens.ts';
import { nodeRuntime } from './node-runtime.ts';

describeShared('onnxruntime-web gives the golden numbers', () => {
  const cases = hasShared ? encoderCases(sharedPath('fixtures')) : [];

  it('finds all seven cases', () => expect(cases).toHaveLength(7));

  it.each(cases.map((golden) => [golden.name, golden] as const))('%s', async (_, golden) => {
    const pkg = await golden.openPackage();
    const engine = await createWasmEngine(pkg, nodeRuntime);
    const comparisons = await golden.compare(engine, pkg);
    expect(comparisons.length).toBeGreaterThanOrEqual(4);
    for (const { tensor, actual, golden: expected } of comparisons) {
      expect(maxRelativeError(actual, expected), tensor).toBeLessThanOrEqual(2e-5);
    }
    engine.destroy();
  });
});

describeShared('the bootstrap model on real cells', () => {
  it.each(['combat', 'kang_ctrl', 'pbmc3k', 'velmeshev'])('%s', async (dataset) => {
    const golden = readGoldenTensors(sharedPath('fixtures', 'tokens', `${dataset}.safetensors`));
    const pkg = await openFolderPackage(sharedPath('fixtures', 'bootstrap'));
    const batch = cutTokens(golden.get('gene_ids'), golden.get('lengths'), pkg.config.maxPositionEmbeddings);
    const engine = await createWasmEngine(pkg, nodeRuntime);
    for (const pooling of ['gene_mean', 'first_gene'] as const) {
      const { embedding, logits } = await engine.encode(batch, { pooling });
      expect(maxRelativeError(embedding, golden.get(`pool.${pooling}`)), pooling).toBeLessThanOrEqual(2e-3);
      expect(Object.keys(logits)).toEqual(['disease', 'tissue', 'cell_type', 'sex']);
      for (const [name, answer] of Object.entries(logits)) {
        const expected = golden.get(`logits.${name}`);
        expect(maxRelativeError(answer, expected), name).toBeLessThanOrEqual(2e-3);
        const classes = pkg.config.annotations[name].length;
        expect(argmaxRows(answer, classes), name).toEqual(argmaxRows(expected, classes));
      }
    }
    engine.destroy();
  });
});
