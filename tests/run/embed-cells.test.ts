import { expect, it } from 'vitest';
import type { Engine } from '../../src/engine/engine.ts';
import type { TokenBatch } from '../../src/model/token-batch.ts';
import { embedCells } from '../../src/run/embed-cells.ts';
import { TINY_CONFIG } from '../train/support.ts';

it('gives an engine the first genes of the chosen cells, with their values, as many as its model reads', async () => {
  const seen: TokenBatch[] = [];
  const engine: Pick<Engine, 'config' | 'encode'> = {
    config: { ...TINY_CONFIG, dModel: 1, maxPositionEmbeddings: 3 },
    async encode(batch) {
      seen.push(batch);
      const embedding = Float32Array.from(batch.rows, (row) => row + 0.5);
      return { embedding, logits: {} };
    },
  };
  const tokens: TokenBatch = {
    rows: Uint32Array.of(4, 6, 9),
    cuSeqlens: Uint32Array.of(0, 2, 3, 8),
    geneIds: Uint32Array.of(11, 12, 21, 31, 32, 33, 34, 35),
    values: Float32Array.of(0.11, 0.12, 0.21, 0.31, 0.32, 0.33, 0.34, 0.35),
    withheld: Uint8Array.of(0, 0, 1),
  };
  const { features } = await embedCells(engine as Engine, tokens, Uint32Array.of(0, 2), 'embedding', {});
  expect(seen).toEqual([
    {
      rows: Uint32Array.of(4, 9),
      cuSeqlens: Uint32Array.of(0, 2, 5),
      geneIds: Uint32Array.of(11, 12, 31, 32, 33),
      values: Float32Array.of(0.11, 0.12, 0.31, 0.32, 0.33),
      withheld: Uint8Array.of(0, 1),
    },
  ]);
  expect(features).toEqual(Float32Array.of(4.5, 0, 9.5));
});
