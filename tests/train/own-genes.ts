import type { TokenBatch } from '../../src/model/token-batch.ts';
import { Vocabulary } from '../../src/model/vocabulary.ts';
import type { BasePackage } from '../../src/train/base-model.ts';
import { TINY_CONFIG } from './support.ts';

/**
 * Real cells, the first genes of each, with a vocabulary of these genes alone: small enough to learn from in seconds.
 * @param cells gene ids of each cell, in any vocabulary
 */
export function withOwnGenes(cells: readonly ArrayLike<number>[]): {
  readonly base: BasePackage;
  readonly tokens: Pick<TokenBatch, 'cuSeqlens' | 'geneIds'>;
} {
  const ids = cells.map((cell) => Array.from(cell));
  const present = [...new Set(ids.flat())].sort((a, b) => a - b);
  const names = present.map((id) => `ENSG${String(id).padStart(11, '0')}`);
  const special = { '<pad>': names.length, '<mask>': names.length + 1, '<cls>': names.length + 2 };
  const places = new Map(present.map((id, place) => [id, place]));
  let end = 0;
  return {
    base: {
      name: 'these cells',
      config: { ...TINY_CONFIG, nToken: names.length + 3, annotations: {} },
      vocabulary: Vocabulary.parse(names.join('\n'), special),
      medians: new Map(names.map((name) => [name, 1])),
    },
    tokens: {
      cuSeqlens: Uint32Array.from([0, ...ids.map(({ length }) => (end += length))]),
      geneIds: Uint32Array.from(ids.flat(), (id) => places.get(id) ?? 0),
    },
  };
}
