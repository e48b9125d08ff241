import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { maxError, readGoldenTensors } from '../../../src/cli/golden-cases.ts';
import { probeCases, runProbeCases } from '../../../src/cli/golden-probe.ts';
import { createWasmSoftmaxLoss } from '../../../src/engine/wasm/softmax-loss.ts';
import { PRECISION } from '../../../src/probe/logistic/back-ends.ts';
import { minimiseLoss } from '../../../src/probe/logistic/fit.ts';
import { predictProbabilities } from '../../../src/probe/logistic/predict.ts';
import {
  presentClasses,
  softmaxData,
  startParameters,
  toModel,
} from '../../../src/probe/logistic/problem.ts';
import { fitScaler } from '../../../src/probe/logistic/scaler.ts';
import { nodeRuntime } from '../../engine/wasm/node-runtime.ts';
import { describeShared, hasShared, sharedPath } from '../../support/shared.ts';

const cases = hasShared ? probeCases(sharedPath('fixtures')) : [];

describeShared('scikit-learn’s answers', () => {
  it('finds all three cases', () => expect(cases).toHaveLength(3));

  it.each(cases.map((golden) => [golden.name, golden] as const))('%s in float64', async (_, golden) => {
    const comparisons = await golden.compare();
    expect(comparisons.map(({ what }) => what)).toEqual(
      expect.arrayContaining(['C1.0.coef', 'balanced.proba', 'heldout.proba', 'auroc', 'confusion']),
    );
    for (const { what, error, tolerance } of comparisons) expect(error, what).toBeLessThanOrEqual(tolerance);
  });

  it.each(['binary', 'imbalanced', 'multiclass'])('probe/%s in the WebAssembly runtime', async (name) => {
    const golden = readGoldenTensors(sharedPath('fixtures', 'probe', name, 'probe.safetensors'));
    const [n, dimension] = golden.shape('X');
    const features = Float32Array.from(golden.get('X'));
    const rows = Uint32Array.from({ length: n }, (_, row) => row);
    const labels = Int32Array.from(golden.get('y'));
    const classes = golden.shape('C1.0.proba')[1];
    const problem = {
      features,
      dimension,
      rows,
      labels,
      classes,
      scaler: fitScaler(features, rows, dimension),
    };
    const present = presentClasses(problem);
    const data = softmaxData(problem, present);
    const loss = await createWasmSoftmaxLoss(data, nodeRuntime, async () => {});
    const start = startParameters(data, present, undefined);
    const minimum = await minimiseLoss(loss, PRECISION.wasm, data, start, { c: 1 });
    loss.destroy();
    const model = toModel(problem, present, minimum.parameters, minimum);
    const probabilities = predictProbabilities(model, features, rows);
    expect(maxError(probabilities, golden.get('C1.0.proba'))).toBeLessThanOrEqual(1e-4);
    expect(maxError(model.coefficients, golden.get('C1.0.coef'))).toBeLessThanOrEqual(1e-3);
    expect(maxError(model.intercepts, golden.get('C1.0.intercept'))).toBeLessThanOrEqual(1e-3);
  });
});

describe('runProbeCases', () => {
  const quiet = () => {
    const lines: string[] = [];
    vi.spyOn(console, 'log').mockImplementation((line: string) => lines.push(line));
    vi.spyOn(console, 'error').mockImplementation(() => undefined);
    return lines;
  };

  it('finds nothing in an empty folder', async () => {
    quiet();
    expect(await runProbeCases(join(tmpdir(), 'no-such-folder'), '')).toEqual({ lines: 0, wrong: 0 });
  });

  it.skipIf(!hasShared)('says FAIL for wrong, missing and NaN answers', async () => {
    const lines = quiet();
    const root = mkdtempSync(join(tmpdir(), 'probe-'));
    try {
      cpSync(sharedPath('fixtures', 'probe', 'binary'), join(root, 'probe', 'binary'), { recursive: true });
      const json = join(root, 'probe', 'binary', 'probe.json');
      const tensors = join(root, 'probe', 'binary', 'probe.safetensors');
      const answers = JSON.parse(readFileSync(json, 'utf8')) as { heldout: Record<string, unknown> };
      writeFileSync(json, JSON.stringify({ heldout: { ...answers.heldout, auroc: 0.9, mcc: null } }));
      const bytes = readFileSync(tensors);
      const headerLength = Number(bytes.readBigUInt64LE(0));
      const header = JSON.parse(bytes.toString('utf8', 8, 8 + headerLength)) as Record<
        string,
        { data_offsets: [number, number] }
      >;
      bytes.writeFloatLE(Number.NaN, 8 + headerLength + header['C1.0.coef'].data_offsets[0]);
      writeFileSync(tensors, bytes);
      const { wrong } = await runProbeCases(root, '');
      const failed = lines.filter((line) => line.endsWith('FAIL')).map((line) => line.split(' ')[1]);
      expect(failed.sort()).toEqual(['C1.0.coef', 'auroc', 'mcc']);
      expect(wrong).toBe(3);
      expect(lines.every((line) => /^probe\/binary \S+ \S+ (ok|FAIL)$/.test(line))).toBe(true);
    } finally {
      rmSync(root, { recursive: true });
    }
  });
});
