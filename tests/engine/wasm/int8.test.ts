import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  encoderCases,
  openFolderPackage,
  packTokens,
  readGoldenTensors,
} from '../../../src/cli/golden-cases.ts';
import { softmaxRows } from '../../../src/engine/predictions.ts';
import { createEngine } from '../../../src/engine/select.ts';
import { createWasmEngine } from '../../../src/engine/wasm/engine.ts';
import { quantizeColumns } from '../../../src/engine/wasm/quantize.ts';
import { describeShared, hasShared, sharedPath } from '../../support/shared.ts';
import { rootMeanSquareError } from '../../support/tolerance.ts';
import { cutTokens } from './cut-tokens.ts';
import { nodeRuntime } from './node-runtime.ts';

const int8 = { ...nodeRuntime, precision: 'int8' } as const;

describe('weights as integers', () => {
  it('are within half a step of the weight, transposed, the largest of an output at ±127', () => {
    const shape = fc.tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 }));
    const weights = shape.chain(([outSize, inSize]) =>
      fc
        .array(fc.float({ min: -8, max: 8, noNaN: true }), {
          minLength: outSize * inSize,
          maxLength: outSize * inSize,
        })
        .map((values) => ({ outSize, inSize, weight: Float32Array.from(values) })),
    );
    fc.assert(
      fc.property(weights, ({ outSize, inSize, weight }) => {
        const { values, scales } = quantizeColumns(weight, outSize, inSize);
        for (let out = 0; out < outSize; out++) {
          let largest = 0;
          for (let i = 0; i < inSize; i++) {
            const restored = values[i * outSize + out] * scales[out];
            const error = Math.abs(restored - weight[out * inSize + i]);
            expect(error).toBeLessThanOrEqual(Math.max(scales[out] * 0.5001, 1e-30));
            largest = Math.max(largest, Math.abs(values[i * outSize + out]));
          }
          const tiny = weight
            .subarray(out * inSize, (out + 1) * inSize)
            .every((value) => Math.abs(value) < 1e-30);
          expect(largest).toBe(tiny ? 0 : 127);
        }
      }),
      { seed: 5, numRuns: 200 },
    );
    expect(quantizeColumns(Float32Array.of(0.5, -2, 1, 0.25), 2, 2)).toEqual({
      values: Int8Array.of(32, 127, -127, 32),
      scales: Float32Array.of(2 / 127, 1 / 127),
    });
  });
});

describeShared('8-bit integers on the golden cases', () => {
  const cases = hasShared ? encoderCases(sharedPath('fixtures')) : [];

  it.each(cases.map((golden) => [golden.name, golden] as const))(
    '%s: pooled vectors within 5 %% of the golden ones, as root mean squares',
    async (_, golden) => {
      const pkg = await golden.openPackage();
      const engine = await createWasmEngine(pkg, int8);
      expect(engine.description.device).toMatch(/int8/);
      const pooled = (await golden.compare(engine, pkg)).filter(({ tensor }) => tensor.startsWith('pool.'));
      expect(pooled).toHaveLength(3);
      for (const { tensor, actual, golden: expected } of pooled) {
        const error = rootMeanSquareError(actual, expected);
        expect(error, tensor).toBeLessThanOrEqual(0.05);
        // Integers must really have been multiplied.
        expect(error, tensor).toBeGreaterThan(1e-4);
      }
      engine.destroy();
    },
  );

  it.each(['combat', 'kang_ctrl', 'pbmc3k', 'velmeshev'])(
    'answers of the bootstrap model: %s',
    async (dataset) => {
      const golden = readGoldenTensors(sharedPath('fixtures', 'tokens', `${dataset}.safetensors`));
      const pkg = await openFolderPackage(sharedPath('fixtures', 'bootstrap'));
      const { engine } = await createEngine('wasm', pkg, {
        gpu: undefined,
        wasm: nodeRuntime,
        precision: 'int8',
        strict: true,
      });
      const batch = cutTokens(
        golden.get('gene_ids'),
        golden.get('lengths'),
        pkg.config.maxPositionEmbeddings,
      );
      const { embedding, logits } = await engine.encode(batch, { pooling: 'gene_mean' });
      expect(rootMeanSquareError(embedding, golden.get('pool.gene_mean'))).toBeLessThanOrEqual(0.01);
      for (const [name, answer] of Object.entries(logits)) {
        const classes = pkg.config.annotations[name].length;
        const expected = softmaxRows(golden.get(`logits.${name}`), classes);
        softmaxRows(answer, classes).forEach((probability, i) => {
          expect(Math.abs(probability - expected[i]), name).toBeLessThanOrEqual(0.1);
        });
      }
      engine.destroy();
    },
  );

  it('gives a cell the same answer whoever is beside it', async () => {
    const pkg = await openFolderPackage(sharedPath('fixtures', 'encoder', 'g-annotated'));
    const engine = await createWasmEngine(pkg, int8);
    const cell = (length: number, step: number) => Array.from({ length }, (_, i) => (i * step) % 200);
    const alone = await engine.encode(packTokens(cell(40, 29), [40]), { pooling: 'gene_mean' });
    const among = await engine.encode(
      packTokens([...cell(40, 31), ...cell(40, 29), ...cell(9, 3)], [40, 40, 9]),
      { pooling: 'gene_mean' },
    );
    const d = pkg.config.dModel;
    expect(among.embedding.subarray(d, 2 * d)).toEqual(alone.embedding);
    engine.destroy();
  });
});
