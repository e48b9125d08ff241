import type { KnnOptions } from './knn.ts';
import { NeighborHeaps, type Neighbors } from './neighbor-heap.ts';
import { Pacer } from './pacer.ts';
import type { PointSet } from './point-set.ts';
import { Random } from './random.ts';

/** Neighbours joined per cell and round, as in pynndescent. */
const MOST_CANDIDATES = 30;
const MOST_ROUNDS = 16;
/** Rounds stop when fewer than this share of all neighbours changed. */
const ENOUGH = 0.001;

/**
 * Approximate k nearest neighbours by NN-descent (Dong, Moses & Li 2011): a neighbour of a neighbour is
 * probably a neighbour. Starts from random ones; each round compares the new neighbours of a cell, in
 * both directions, with all its neighbours. The same seed gives the same answer.
 */
export async function descend(points: PointSet, k: number, options: KnnOptions): Promise<Neighbors> {
  const { n } = points;
  const random = new Random((options.seed ?? 0) ^ 0x5bd1e995);
  const pacer = new Pacer(options.signal);
  const heaps = new NeighborHeaps(n, k);
  const offer = (i: number, j: number): number => {
    if (i === j) return 0;
    const distance = points.distance(i, j);
    let changed = 0;
    if (!heaps.has(i, j) && heaps.push(i, j, distance)) changed++;
    if (!heaps.has(j, i) && heaps.push(j, i, distance)) changed++;
    return changed;
  };
  for (let i = 0; i < n; i++) {
    for (let tries = 0; tries < k; tries++) offer(i, random.below(n));
    if (i % 256 === 0) await pacer.pause();
  }
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const fresh = new CandidateLists(n);
    const old = new CandidateLists(n);
    for (let i = 0; i < n; i++) {
      for (let s = i * k; s < (i + 1) * k; s++) {
        const j = heaps.indices[s] as number;
        if (j < 0) continue;
        const list = heaps.fresh[s] === 1 ? fresh : old;
        list.add(i, j, random);
        list.add(j, i, random);
      }
    }
    for (let i = 0; i < n; i++) {
      for (let s = i * k; s < (i + 1) * k; s++) {
        if (heaps.fresh[s] === 1 && fresh.has(i, heaps.indices[s] as number)) heaps.fresh[s] = 0;
      }
    }
    let changed = 0;
    for (let i = 0; i < n; i++) {
      const news = fresh.of(i);
      const olds = old.of(i);
      for (let a = 0; a < news.length; a++) {
        const from = news[a] as number;
        for (let b = a + 1; b < news.length; b++) changed += offer(from, news[b] as number);
        for (const to of olds) changed += offer(from, to);
      }
      if (i % 64 === 0) await pacer.pause();
    }
    options.onProgress?.((round + 1) / MOST_ROUNDS);
    if (changed < ENOUGH * n * k) break;
  }
  options.onProgress?.(1);
  return heaps.sorted();
}

/** Up to MOST_CANDIDATES of what was offered to each cell, a uniform sample of it (reservoir). */
class CandidateLists {
  readonly #items: Int32Array;
  readonly #offered: Uint32Array;

  constructor(n: number) {
    this.#items = new Int32Array(n * MOST_CANDIDATES);
    this.#offered = new Uint32Array(n);
  }

  add(cell: number, candidate: number, random: Random): void {
    const offered = this.#offered[cell] as number;
    this.#offered[cell] = offered + 1;
    const slot = offered < MOST_CANDIDATES ? offered : random.below(offered + 1);
    if (slot < MOST_CANDIDATES) this.#items[cell * MOST_CANDIDATES + slot] = candidate;
  }

  of(cell: number): Int32Array {
    const start = cell * MOST_CANDIDATES;
    return this.#items.subarray(start, start + Math.min(MOST_CANDIDATES, this.#offered[cell] as number));
  }

  has(cell: number, candidate: number): boolean {
    return this.of(cell).includes(candidate);
  }
}
