import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { memorySource } from '../../src/model/memory-source.ts';
import { type TensorToWrite, writeSafetensors } from '../../src/model/safetensors-writer.ts';
import { probeWarnings } from '../../src/probe/fit-of-model.ts';
import { readProbeFile, writeProbeFile } from '../../src/probe/probe-file.ts';
import { exampleProbe } from '../support/example-probe.ts';

const read = (bytes: Uint8Array) => readProbeFile(memorySource(bytes));

/** The file of the example with its description or a tensor changed. */
function tampered(change: {
  description?: unknown;
  tensors?: (tensors: TensorToWrite[]) => TensorToWrite[];
}) {
  const { description, probe } = exampleProbe(3, 2);
  const tensors: TensorToWrite[] = [
    { name: 'scaler.mean', dtype: 'F64', shape: [3], data: probe.scalerMean },
    { name: 'scaler.scale', dtype: 'F64', shape: [3], data: probe.scalerScale },
    { name: 'coefficients', dtype: 'F64', shape: [1, 3], data: probe.coefficients },
    { name: 'intercepts', dtype: 'F64', shape: [1], data: probe.intercepts },
    { name: 'outside.mean', dtype: 'F64', shape: [3], data: probe.featureMean },
    { name: 'outside.precision', dtype: 'F64', shape: [3, 3], data: probe.featurePrecision },
    { name: 'outside.distance_quantiles', dtype: 'F64', shape: [101], data: probe.distanceQuantiles },
  ];
  const said = change.description ?? description;
  return writeSafetensors(change.tensors?.(tensors) ?? tensors, {
    teddy_probe: typeof said === 'string' ? said : JSON.stringify(said),
  });
}

describe('a saved probe', () => {
  it('reads back to the bit, for any number of features and classes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 17 }), fc.integer({ min: 2, max: 5 }), async (d, k) => {
        const saved = exampleProbe(d, k);
        expect(await read(writeProbeFile(saved))).toEqual(saved);
      }),
      { numRuns: 20 },
    );
    expect(await read(tampered({}))).toEqual(exampleProbe(3, 2));
  });

  it('is refused with the field or tensor at fault', async () => {
    const { description } = exampleProbe(3, 2);
    const replaced = (name: string, tensor: Partial<TensorToWrite>) => ({
      tensors: (all: TensorToWrite[]) =>
        all.map((own) => (own.name === name ? ({ ...own, ...tensor } as TensorToWrite) : own)),
    });
    const cases: [string, Parameters<typeof tampered>[0]][] = [
      ['teddy_probe', { description: '{' }],
      ['cells', { description: { ...description, cells: [1, 2, 3] } }],
      ['classes', { description: { ...description, classes: ['a', 'a'] } }],
      ['threshold', { description: { ...description, threshold: 1.5 } }],
      ['coefficients', { description: { ...description, classes: ['a', 'b', 'c'] } }],
      ['coefficients', replaced('coefficients', { shape: [3, 1] })],
      ['intercepts', replaced('intercepts', { data: Float64Array.of(Number.NaN) } as Partial<TensorToWrite>)],
      [
        'intercepts',
        replaced('intercepts', { dtype: 'F32', data: Float32Array.of(1) } as Partial<TensorToWrite>),
      ],
      [
        'scaler.scale',
        replaced('scaler.scale', { data: Float64Array.of(1, 0, 1) } as Partial<TensorToWrite>),
      ],
      [
        'outside.distance_quantiles',
        replaced('outside.distance_quantiles', {
          data: new Float64Array(101).map((_, i) => -i),
        } as Partial<TensorToWrite>),
      ],
      ['outside.precision', { tensors: (all) => all.filter(({ name }) => name !== 'outside.precision') }],
      [
        'cells',
        { tensors: (all) => [...all, { name: 'cells', dtype: 'F64', shape: [1], data: Float64Array.of(1) }] },
      ],
      ['scaler.mean', { tensors: () => [] }],
    ];
    for (const [subject, change] of cases) {
      await expect(read(tampered(change)), subject).rejects.toMatchObject({ code: 'probe-invalid', subject });
    }
    await expect(
      read(tampered({ description: { ...description, schema: 'teddy-web/probe/9' } })),
    ).rejects.toMatchObject({ code: 'probe-version' });
    await expect(read(writeSafetensors([]))).rejects.toMatchObject({ code: 'probe-invalid' });
    await expect(read(new Uint8Array(3))).rejects.toMatchObject({ code: 'probe-invalid' });
    await expect(readProbeFile({ size: 2 ** 31, read: async () => new Uint8Array() })).rejects.toMatchObject({
      code: 'probe-invalid',
    });
  });
});

describe('a probe before other features', () => {
  const saved = exampleProbe(3, 2);
  const same = {
    model: saved.description.model,
    pooling: 'gene_mean',
    features: { kind: 'embedding' },
    dimension: 3,
  } as const;

  it('says nothing where all is equal, and warns of each difference', () => {
    expect(probeWarnings(saved, same)).toEqual({ refusal: null, warnings: [] });
    const other = { ...same, model: { name: 'other', sha256: '00', vocabularySha256: '11' } };
    expect(probeWarnings(saved, other).warnings).toHaveLength(2);
    expect(probeWarnings(saved, { ...same, pooling: 'first_gene' }).warnings[0]).toContain('first_gene');
    const features = { kind: 'obsm', key: 'X_pca' } as const;
    expect(probeWarnings(saved, { ...same, features }).warnings[0]).toContain('X_pca');
  });

  it('refuses another dimension', () => {
    expect(probeWarnings(saved, { ...same, dimension: 4 }).refusal).toContain('3 features');
  });
});
