import { describe, expect, it } from 'vitest';
import { decodeLz4Frame } from '../../src/data/arrow/lz4-frame.ts';
import { donorColumn } from '../../src/data/donor-column.ts';
import { missingCompressor, pluginOfFilter } from '../../src/data/h5ad/filters.ts';
import { sampledRanges } from '../../src/data/sampled-ranges.ts';

describe('donorColumn', () => {
  it.each([
    [['condition', 'sample', 'donor_id'], 'donor_id'],
    [['orig.ident', 'Patient ID'], 'Patient ID'],
    [['orig.ident', 'louvain'], 'orig.ident'],
    [['louvain', 'donors_per_pool'], null],
  ])('%j → %s', (columns, expected) => {
    expect(donorColumn(columns)).toBe(expected);
  });
});

describe('filters', () => {
  it('knows what is built in, what needs a plugin and what nobody has', () => {
    expect([1, 3, 32000, 32015, 40_000].map(pluginOfFilter)).toEqual([
      'built-in',
      'built-in',
      'lzf',
      'zstd',
      null,
    ]);
  });

  it('refuses blosc with zlib inside, which would abort the library', () => {
    expect(missingCompressor(32001, [2, 2, 4, 65536, 5, 1, 4])).toBe('zlib');
    expect(missingCompressor(32001, [2, 2, 4, 65536, 5, 1])).toBeNull();
    expect(missingCompressor(32001, [2, 2, 4, 65536, 5, 1, 5])).toBeNull();
  });
});

describe('sampledRanges', () => {
  it('looks at all of a small matrix', () => {
    expect(sampledRanges({ rows: 600, stored: 1000 })).toEqual([
      [0, 256],
      [256, 512],
      [512, 600],
    ]);
  });

  it('spreads over a large one, from the first row to the last', () => {
    const ranges = sampledRanges({ rows: 1_000_003, stored: 2_000_000_000 });
    expect(ranges[0][0]).toBe(0);
    expect(ranges.at(-1)?.[1]).toBe(1_000_003);
    expect(ranges.reduce((sum, [start, end]) => sum + end - start, 0)).toBeGreaterThanOrEqual(200);
  });
});

describe('decodeLz4Frame', () => {
  const header = [0x04, 0x22, 0x4d, 0x18, 0x60, 0x40, 0x82];
  const frame = (...block: number[]) =>
    Uint8Array.from([...header, block.length, 0, 0, 0, ...block, 0, 0, 0, 0]);

  it('literals and an overlapping copy', () => {
    const decoded = decodeLz4Frame(frame(0x35, 0x61, 0x62, 0x63, 3, 0, 0x10, 0x21));
    expect(new TextDecoder().decode(decoded)).toBe('abcabcabcabc!');
  });

  it.each([
    ['no frame', Uint8Array.from([1, 2, 3])],
    ['a copy from before the data', frame(0x10, 0x61, 9, 0)],
    ['literals that run over', frame(0x70, 0x61)],
    ['a frame that is cut off', frame(0x10, 0x61).subarray(0, 12)],
    ['an endless length', frame(0xf0, 255, 255, 255)],
  ])('refuses %s', (_, bytes) => {
    expect(() => decodeLz4Frame(bytes)).toThrow(/LZ4/);
  });
});
