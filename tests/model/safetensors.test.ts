import { Float16Array } from '@petamoriken/float16';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ModelError } from '../../src/model/errors.ts';
import {
  bfloat16ToFloat32,
  float16ToFloat32,
  float32ToBfloat16,
  float32ToFloat16,
} from '../../src/model/float16.ts';
import { duplicateKeys } from '../../src/model/json-keys.ts';
import { memorySource } from '../../src/model/memory-source.ts';
import { openSafetensors } from '../../src/model/safetensors.ts';
import { type TensorToWrite, writeSafetensors } from '../../src/model/safetensors-writer.ts';

/** A file with this header text and so many bytes of data, whatever the header claims. */
function fileOf(
  header: string,
  dataBytes = 0,
  declared = new TextEncoder().encode(header).length,
): Uint8Array {
  const json = new TextEncoder().encode(header);
  const bytes = new Uint8Array(8 + json.length + dataBytes);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(declared), true);
  bytes.set(json, 8);
  return bytes;
}

const f32 = (shape: number[], begin: number, end: number): object => ({
  dtype: 'F32',
  shape,
  data_offsets: [begin, end],
});

describe('half precision', () => {
  it('decodes all 65,536 halves as an independent implementation does', () => {
    const bits = Uint16Array.from({ length: 0x10000 }, (_, i) => i);
    expect(float16ToFloat32(bits)).toEqual(Float32Array.from(new Float16Array(bits.buffer)));
  });

  it('rounds to the half an independent implementation rounds to', () => {
    fc.assert(
      fc.property(fc.float32Array({ minLength: 1, maxLength: 50, noNaN: true }), (values) => {
        const expected = new Float16Array(values);
        expect(float32ToFloat16(values)).toEqual(new Uint16Array(expected.buffer));
      }),
    );
    const edges = Float32Array.of(
      65519,
      65520,
      -65520,
      2 ** -24,
      2 ** -25,
      6e-8,
      1 - 2 ** -12,
      2049,
      2051,
      -0,
    );
    expect(float32ToFloat16(edges)).toEqual(new Uint16Array(new Float16Array(edges).buffer));
  });

  it('keeps every bfloat16 and rounds to the nearest', () => {
    const bits = Uint16Array.from({ length: 0x7f80 }, (_, i) => i);
    expect(float32ToBfloat16(bfloat16ToFloat32(bits))).toEqual(bits);
    expect([
      ...bfloat16ToFloat32(float32ToBfloat16(Float32Array.of(1.00390625, 1.01171875, -Math.PI))),
    ]).toEqual([1, 1.015625, -3.140625]);
  });
});

describe('a safetensors file', () => {
  it('reads back what was written, whole and by rows, at any offset', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({
            dtype: fc.constantFrom('F32', 'F16', 'BF16', 'I32', 'U32', 'U16', 'U8'),
            shape: fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 3 }),
          }),
          { maxLength: 6 },
        ),
        fc.dictionary(fc.string(), fc.string(), { maxKeys: 3, noNullPrototype: true }),
        async (specs, metadata) => {
          const tensors = specs.map(({ dtype, shape }, t): TensorToWrite => {
            const length = shape.reduce((a, b) => a * b, 1);
            const values = Array.from({ length }, (_, i) => ((i * 37 + t * 11) % 64) - 31);
            const name = `layer.${t}`;
            // Negative values are large ones where the type has no sign.
            switch (dtype) {
              case 'I32':
                return { name, dtype, shape, data: Int32Array.from(values) };
              case 'U32':
                return { name, dtype, shape, data: Uint32Array.from(values) };
              case 'U16':
                return { name, dtype, shape, data: Uint16Array.from(values) };
              case 'U8':
                return { name, dtype, shape, data: Uint8Array.from(values) };
              default:
                return { name, dtype, shape, data: Float32Array.from(values) };
            }
          });
          const file = await openSafetensors(memorySource(writeSafetensors(tensors, metadata)));
          expect(Object.fromEntries(file.metadata)).toEqual(metadata);
          for (const { name, shape, data } of tensors) {
            expect([...(await file.readNumbers(name))]).toEqual([...data]);
            if (!file.tensors.has(name)) continue;
            expect([...(await file.read(name))]).toEqual([...data]);
            if (shape.length > 0 && shape[0] > 1) {
              const columns = data.length / shape[0];
              expect([...(await file.read(name, 1, shape[0]))]).toEqual([...data.subarray(columns)]);
            }
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it('reads F32 that lies at an odd address, twice alike, without touching the source', async () => {
    const header = JSON.stringify({
      a: { dtype: 'U8', shape: [3], data_offsets: [0, 3] },
      b: f32([2], 3, 11),
    });
    const bytes = fileOf(header, 11);
    const data = bytes.length - 11;
    bytes.set([7, 8, 9], data);
    new DataView(bytes.buffer).setFloat32(data + 3, 1.5, true);
    new DataView(bytes.buffer).setFloat32(data + 7, -2.25, true);
    const before = bytes.slice();
    const file = await openSafetensors(memorySource(bytes));
    expect([...(await file.read('b'))]).toEqual([1.5, -2.25]);
    (await file.read('b')).fill(0);
    expect([...(await file.read('b', 1, 2))]).toEqual([-2.25]);
    expect([...(await file.readNumbers('a'))]).toEqual([7, 8, 9]);
    expect(bytes).toEqual(before);
  });

  it('reads 64-bit integers and refuses those beyond 2^53', async () => {
    const bytes = fileOf(JSON.stringify({ n: { dtype: 'I64', shape: [2], data_offsets: [0, 16] } }), 16);
    const view = new DataView(bytes.buffer, bytes.length - 16);
    view.setBigInt64(0, -12n, true);
    expect([...(await (await openSafetensors(memorySource(bytes))).readNumbers('n'))]).toEqual([-12, 0]);
    view.setBigInt64(8, 2n ** 60n, true);
    await expect((await openSafetensors(memorySource(bytes))).readNumbers('n')).rejects.toThrow(
      'beyond 2^53',
    );
  });

  it('does not take integers for weights', async () => {
    const file = await openSafetensors(
      memorySource(writeSafetensors([{ name: 'n', dtype: 'I32', shape: [1], data: Int32Array.of(4) }])),
    );
    expect(file.tensors.has('n')).toBe(false);
    await expect(file.read('n')).rejects.toMatchObject({ code: 'tensor-dtype', subject: 'n' });
    await expect(file.read('m')).rejects.toMatchObject({ code: 'tensor-missing', subject: 'm' });
    await expect(file.read('n', 3, 2)).rejects.toThrow();
  });
});

describe('hostile headers', () => {
  const cases: [string, Uint8Array][] = [
    ['nothing', new Uint8Array(0)],
    ['nine bytes', new Uint8Array(9)],
    ['a length beyond the file', fileOf('{}', 0, 400)],
    ['a length of 2^63', Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0x80, 0x7b, 0x7d, 0x20)],
    ['a length of zero', fileOf('{}', 0, 0)],
    ['no JSON', fileOf('{"a":', 0)],
    ['a list', fileOf('[1,2]')],
    ['null', fileOf('null')],
    [
      'not UTF-8',
      (() => {
        const bytes = fileOf('{"a":"xx"}');
        bytes[14] = 0xff;
        return bytes;
      })(),
    ],
    ['a tensor that is a number', fileOf('{"a":3}')],
    ['an unknown dtype', fileOf(JSON.stringify({ a: { ...f32([1], 0, 4), dtype: 'F31' } }), 4)],
    [
      'a dtype of Object.prototype',
      fileOf(JSON.stringify({ a: { ...f32([1], 0, 4), dtype: 'toString' } }), 4),
    ],
    ['no shape', fileOf('{"a":{"dtype":"F32","data_offsets":[0,4]}}', 4)],
    ['a negative size', fileOf(JSON.stringify({ a: f32([-1], 0, 4) }), 4)],
    ['a NaN size', fileOf('{"a":{"dtype":"F32","shape":[null],"data_offsets":[0,4]}}', 4)],
    ['a fractional size', fileOf(JSON.stringify({ a: f32([1.5], 0, 6) }), 6)],
    ['a size whose product overflows', fileOf(JSON.stringify({ a: f32([2 ** 52, 2 ** 52, 0.0], 0, 4) }), 4)],
    ['sizes that multiply to infinity', fileOf(JSON.stringify({ a: f32(Array(16).fill(2 ** 52), 0, 4) }), 4)],
    ['too few bytes for the shape', fileOf(JSON.stringify({ a: f32([2], 0, 4) }), 4)],
    ['offsets that go backwards', fileOf(JSON.stringify({ a: f32([1], 4, 0) }), 4)],
    ['three offsets', fileOf('{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4,8]}}', 4)],
    ['data beyond the file', fileOf(JSON.stringify({ a: f32([2], 0, 8) }), 4)],
    ['overlapping tensors', fileOf(JSON.stringify({ a: f32([2], 0, 8), b: f32([1], 4, 8) }), 8)],
    ['a hole', fileOf(JSON.stringify({ a: f32([1], 0, 4), b: f32([1], 8, 12) }), 12)],
    ['bytes after the last tensor', fileOf(JSON.stringify({ a: f32([1], 0, 4) }), 9)],
    [
      'one name twice',
      fileOf(
        '{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"\\u0061":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}',
        4,
      ),
    ],
    ['__proto__ as a name', fileOf('{"__proto__":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}', 4)],
    ['metadata of numbers', fileOf('{"__metadata__":{"a":1}}')],
  ];
  it.each(cases)('%s is refused', async (_, bytes) => {
    await expect(openSafetensors(memorySource(bytes))).rejects.toMatchObject({ code: 'weights-corrupt' });
  });

  it('flipped bytes give an error of ours or a file that reads', async () => {
    const good = writeSafetensors(
      [
        { name: 'a', dtype: 'F32', shape: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6) },
        { name: 'b', dtype: 'F16', shape: [3], data: Float32Array.of(1, 2, 3) },
      ],
      { k: 'v' },
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 }),
        async (flips) => {
          const bytes = good.slice();
          for (const [at, value] of flips) bytes[at] = value;
          try {
            const file = await openSafetensors(memorySource(bytes));
            for (const name of file.tensors.keys()) await file.read(name);
          } catch (error) {
            expect(error).toBeInstanceOf(ModelError);
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe('duplicateKeys', () => {
  it('sees only the outermost keys, whatever stands in strings', () => {
    expect(duplicateKeys('{"a":{"b":1,"b":2},"c":"\\"a\\":{","d":[{"a":1}]}')).toEqual([]);
    expect(duplicateKeys('{"a":1,"b":"x","a":2}')).toEqual(['a']);
  });
});
