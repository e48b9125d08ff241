import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { registry } from 'zarrita';
import { DataError } from '../../src/data/errors.ts';
import { unpackBlosc } from '../../src/data/zarr/blosc.ts';

/** The encoder that zarrita comes with (c-blosc by way of numcodecs), before codecs of ours take its place. */
const original = registry.get('blosc');

async function pack(bytes: Uint8Array, configuration: object): Promise<Uint8Array<ArrayBuffer>> {
  const codec = (await original?.())?.fromConfig(configuration as never, {} as never);
  return new Uint8Array((await codec?.encode(bytes as never)) as unknown as Uint8Array);
}

/** Numbers of a few kinds as bytes: runs, noise, small steps. */
function sampleBytes(length: number, kind: number): Uint8Array {
  const values = Uint32Array.from({ length: Math.ceil(length / 4) }, (_, i) =>
    kind === 0 ? i >> 3 : kind === 1 ? Math.imul(i, 2654435761) : (i % 97) * 3,
  );
  return new Uint8Array(values.buffer).slice(0, length);
}

describe('Blosc', () => {
  it.each(['blosclz', 'lz4', 'lz4hc', 'zlib', 'zstd'])(
    '%s: what c-blosc packed, with every shuffle',
    async (cname) => {
      for (const shuffle of [0, 1, 2]) {
        for (const clevel of [0, 1, 5, 9]) {
          for (const [length, kind] of [
            [0, 0],
            [1, 1],
            [7, 0],
            [4096, 0],
            [100_003, 2],
            [300_000, 1],
            [700_000, 0],
          ]) {
            const bytes = sampleBytes(length, kind);
            const packed = await pack(bytes, { cname, clevel, shuffle, blocksize: 0 });
            expect(
              Buffer.compare(await unpackBlosc(packed, length), bytes),
              `${shuffle} ${clevel} ${length}`,
            ).toBe(0);
          }
        }
      }
    },
  );

  it('refuses more than it may be, and damage, with our error', async () => {
    const packed = await pack(sampleBytes(5000, 2), {
      cname: 'blosclz',
      clevel: 5,
      shuffle: 1,
      blocksize: 0,
    });
    await expect(unpackBlosc(packed, 4999)).rejects.toMatchObject({ code: 'corrupt' });
    await fc.assert(
      fc.asyncProperty(fc.nat(packed.length - 1), fc.integer({ min: 1, max: 255 }), async (at, flip) => {
        const changed = packed.slice();
        changed[at] ^= flip;
        await unpackBlosc(changed, 5000).then(
          (bytes) => expect(bytes.length).toBeLessThanOrEqual(5000),
          (error: unknown) => expect(error).toBeInstanceOf(DataError),
        );
      }),
      { numRuns: 300, seed: 11 },
    );
  });
});
