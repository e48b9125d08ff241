import { describe, expect, it } from 'vitest';
import { NO_GENE, type Sketch, type SketchSource } from '../../src/audit/sketch.ts';
import { isSafetensors, readSketch, writeSketch } from '../../src/audit/sketch-file.ts';
import { memorySource } from '../../src/model/memory-source.ts';
import { type TensorToWrite, writeSafetensors } from '../../src/model/safetensors-writer.ts';
import { lineOf } from '../../src/run/messages.ts';

const source = (changes: Partial<SketchSource> = {}): SketchSource => ({
  name: 'study',
  genes: Uint32Array.of(3, 9, 4_294_967_295),
  donors: ['A', 'Zoë'],
  donorOf: Int32Array.of(1, -1, 0),
  size: 2,
  places: Uint16Array.of(0, 2, 1, NO_GENE, NO_GENE, NO_GENE),
  counts: Uint8Array.of(255, 0, 7, 0, 0, 0),
  ...changes,
});
const read = (bytes: Uint8Array): Promise<Sketch> => readSketch(memorySource(bytes));

describe('a sketch file', () => {
  it('comes back as it was written, several sources and empty ones', async () => {
    const none = { donorOf: new Int32Array(), places: new Uint16Array(), counts: new Uint8Array() };
    const sketch = {
      sources: [source(), source({ name: 'empty', genes: new Uint32Array(), donors: [], ...none })],
    };
    const bytes = writeSketch(sketch);
    expect(await isSafetensors(memorySource(bytes))).toBe(true);
    expect(await read(bytes)).toEqual(sketch);
    expect(await read(writeSketch({ sources: [] }))).toEqual({ sources: [] });
  });

  it.each<[string, Partial<SketchSource>]>([
    ['genes that do not ascend', { genes: Uint32Array.of(3, 3, 9) }],
    ['a gene that is not there', { places: Uint16Array.of(0, 3, 1, NO_GENE, NO_GENE, NO_GENE) }],
    ['genes of a cell out of order', { places: Uint16Array.of(2, 0, 1, NO_GENE, NO_GENE, NO_GENE) }],
    ['a gene twice', { places: Uint16Array.of(0, 0, 1, NO_GENE, NO_GENE, NO_GENE) }],
    ['a gene after the last', { places: Uint16Array.of(0, 2, NO_GENE, 1, NO_GENE, NO_GENE) }],
    ['a donor that is not there', { donorOf: Int32Array.of(2, 0, 0) }],
    ['a donor below none', { donorOf: Int32Array.of(-2, 0, 0) }],
    ['a name as long as a file', { name: 'x'.repeat(501) }],
  ])('with %s is refused', async (_, changes) => {
    await expect(read(writeSketch({ sources: [source(changes)] }))).rejects.toMatchObject({
      name: 'AuditError',
      code: 'sketch-invalid',
    });
  });

  const metadata = (schema: unknown, sources: unknown = [{ name: 's', donors: [] }]) => ({
    sketch: JSON.stringify({ schema, sources }),
  });
  const tensors = (changes: Partial<Record<string, TensorToWrite | null>> = {}): TensorToWrite[] => {
    const all: Record<string, TensorToWrite | null> = {
      '0.genes': { name: '0.genes', dtype: 'U32', shape: [1], data: Uint32Array.of(1) },
      '0.donors': { name: '0.donors', dtype: 'I32', shape: [1], data: Int32Array.of(-1) },
      '0.places': { name: '0.places', dtype: 'U16', shape: [1, 1], data: Uint16Array.of(0) },
      '0.counts': { name: '0.counts', dtype: 'U8', shape: [1, 1], data: Uint8Array.of(1) },
      ...changes,
    };
    return Object.values(all).filter((tensor) => tensor !== null);
  };

  it.each<[string, TensorToWrite[], Record<string, string>]>([
    ['no metadata', tensors(), {}],
    ['metadata that are no JSON', tensors(), { sketch: '{' }],
    ['a schema that is no text', tensors(), metadata(1)],
    ['sources that are none', tensors(), metadata('teddy-web/sketch/1', 3)],
    ['donors that are none', tensors(), metadata('teddy-web/sketch/1', [{ name: 's', donors: [1] }])],
    [
      'too many sources',
      tensors(),
      metadata(
        'teddy-web/sketch/1',
        Array.from({ length: 65 }, () => ({ name: 's', donors: [] })),
      ),
    ],
    ['metadata beyond measure', tensors(), { sketch: `"${'x'.repeat(4_000_001)}"` }],
    ['a source without tensors', [], metadata('teddy-web/sketch/1')],
    ['a tensor missing', tensors({ '0.counts': null }), metadata('teddy-web/sketch/1')],
    [
      'a tensor of another type',
      tensors({ '0.genes': { name: '0.genes', dtype: 'I32', shape: [1], data: Int32Array.of(1) } }),
      metadata('teddy-web/sketch/1'),
    ],
    [
      'a tensor of another shape',
      tensors({ '0.counts': { name: '0.counts', dtype: 'U8', shape: [1, 2], data: Uint8Array.of(1, 2) } }),
      metadata('teddy-web/sketch/1'),
    ],
    [
      'cells of too many elements',
      tensors({
        '0.places': { name: '0.places', dtype: 'U16', shape: [1, 300], data: new Uint16Array(300) },
        '0.counts': { name: '0.counts', dtype: 'U8', shape: [1, 300], data: new Uint8Array(300) },
      }),
      metadata('teddy-web/sketch/1'),
    ],
  ])('with %s is refused', async (_, list, about) => {
    await expect(read(writeSafetensors(list, about))).rejects.toMatchObject({
      name: 'AuditError',
      code: 'sketch-invalid',
    });
  });

  it('cut anywhere, or with any byte of its header changed, is refused or still well-formed', async () => {
    const bytes = writeSketch({ sources: [source()] });
    for (let length = 0; length < bytes.length; length += 7) {
      await expect(read(bytes.slice(0, length))).rejects.toMatchObject({ code: 'sketch-invalid' });
    }
    for (let at = 0; at < bytes.length; at += 3) {
      const changed = bytes.slice();
      changed[at] ^= 0x15;
      const outcome = await read(changed).then(
        ({ sources }) => sources.length,
        (error: unknown) => (error as { code?: string }).code,
      );
      expect([0, 1, 'sketch-invalid', 'sketch-version']).toContain(outcome);
    }
  });

  it('of another version is set aside in a sentence', async () => {
    const newer = writeSafetensors([], metadata('teddy-web/sketch/2', { of: 'another shape' }));
    const error = await read(newer).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ name: 'AuditError', code: 'sketch-version' });
    expect(lineOf(error)).toMatch(
      /^The sketch says it is teddy-web\/sketch\/2, this version reads .*\/1\. Make it/,
    );
  });

  it('too large is refused before it is read', async () => {
    const huge = { size: 500_000_000, read: () => Promise.reject(new Error('was read')) };
    await expect(readSketch(huge)).rejects.toMatchObject({ code: 'sketch-too-large' });
  });

  it('is told from files of cells', async () => {
    const text = (content: string) => memorySource(new TextEncoder().encode(content));
    expect(await isSafetensors(text('ARROW1\0\0{aaaaaaaa'))).toBe(false);
    expect(await isSafetensors(text('\x89HDF\r\n\x1a\n aaaaaaaa'))).toBe(false);
    expect(await isSafetensors(text('short'))).toBe(false);
  });
});
