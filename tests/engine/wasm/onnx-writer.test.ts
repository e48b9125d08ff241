import * as ort from 'onnxruntime-web';
import { describe, expect, it } from 'vitest';
import { writeOnnxModel } from '../../../src/engine/wasm/onnx-writer.ts';

describe('the ONNX writer', () => {
  it('writes the bytes of onnx.proto3', () => {
    const bytes = writeOnnxModel({
      name: 'g',
      inputs: [],
      outputs: [{ name: 'y', type: 'int32', shape: [300, 'n'] }],
      nodes: [{ op: 'Relu', inputs: ['x'], outputs: ['y'] }],
      external: [],
      externalLocation: '',
    });
    const text = (s: string) => Array.from(s, (c) => c.charCodeAt(0));
    const node = [
      0x0a,
      1,
      ...text('x'),
      0x12,
      1,
      ...text('y'),
      0x1a,
      1,
      ...text('y'),
      0x22,
      4,
      ...text('Relu'),
    ];
    const shape = [0x0a, 3, 0x08, 0xac, 0x02, 0x0a, 3, 0x12, 1, ...text('n')];
    const tensorType = [0x08, 6, 0x12, shape.length, ...shape];
    const type = [0x0a, tensorType.length, ...tensorType];
    const value = [0x0a, 1, ...text('y'), 0x12, type.length, ...type];
    const graph = [0x0a, node.length, ...node, 0x12, 1, ...text('g'), 0x62, value.length, ...value];
    expect(Array.from(bytes)).toEqual([
      ...[0x08, 10, 0x12, 9, ...text('teddy-web')],
      ...[0x3a, graph.length, ...graph],
      ...[0x42, 4, 0x0a, 0, 0x10, 20],
      ...[0x42, 17, 0x0a, 13, ...text('com.microsoft'), 0x10, 1],
    ]);
  });

  it('writes a model that the runtime runs, its weights outside', async () => {
    const weights = Float32Array.from({ length: 16 + 6 }, (_, i) => (i < 16 ? 99 : i - 15.5));
    const model = writeOnnxModel({
      name: 'product',
      inputs: [{ name: 'x', type: 'float32', shape: ['rows', 2] }],
      outputs: [{ name: 'y', type: 'float32', shape: ['rows', 3] }],
      nodes: [
        { op: 'MatMul', inputs: ['x', 'w'], outputs: ['product'] },
        { op: 'Elu', inputs: ['product'], outputs: ['y'], attributes: { alpha: { float: 0.25 } } },
      ],
      external: [{ name: 'w', shape: [2, 3], offset: 64, byteLength: 24 }],
      externalLocation: 'blob',
    });
    const session = await ort.InferenceSession.create(model, {
      externalData: [{ path: 'blob', data: new Uint8Array(weights.buffer) }],
    });
    const { y } = await session.run({ x: new ort.Tensor('float32', [1, -2, 3, 0.5], [2, 2]) });
    // w = [[0.5, 1.5, 2.5], [3.5, 4.5, 5.5]]
    const expected = [-6.5, -7.5, -8.5, 3.25, 6.75, 10.25].map((v) => (v < 0 ? 0.25 * Math.expm1(v) : v));
    expect(y.dims).toEqual([2, 3]);
    Array.from(y.data as Float32Array).forEach((v, i) => {
      expect(v).toBeCloseTo(expected[i], 5);
    });
    await session.release();
  });
});
