import { UMAP } from 'umap-js';
import { describe, expect, it } from 'vitest';
import { fuzzyGraph } from '../../src/analysis/fuzzy-graph.ts';
import { nearestNeighbors } from '../../src/analysis/knn.ts';
import { LayoutService } from '../../src/analysis/layout-service.ts';
import { Random } from '../../src/analysis/random.ts';
import { ForceTable, fitCurve } from '../../src/analysis/umap-curve.ts';

/** Clusters of points, far from the origin: [n, d] with the cluster i % clusters. */
function clustered(n: number, d: number, clusters: number, seed: number, spread = 0.6): Float32Array {
  const random = new Random(seed);
  const centres = Array.from({ length: clusters * d }, () => 4 * random.uniform() + 3);
  return Float32Array.from(
    { length: n * d },
    (_, p) =>
      (centres[(Math.floor(p / d) % clusters) * d + (p % d)] ?? 0) + spread * (random.uniform() - 0.5),
  );
}

/** All distances in float64, sorted: the slow and obvious way. */
function bruteForce(data: Float32Array, d: number, k: number, metric: 'euclidean' | 'cosine'): number[][] {
  const n = data.length / d;
  const row = (i: number) => [...data.subarray(i * d, (i + 1) * d)];
  const dot = (a: number[], b: number[]) => a.reduce((sum, v, t) => sum + v * (b[t] ?? 0), 0);
  return Array.from({ length: n }, (_, i) => {
    const a = row(i);
    return Array.from({ length: n }, (_, j) => j)
      .filter((j) => j !== i)
      .map((j) => {
        const b = row(j);
        if (metric === 'cosine') return 1 - dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
        return Math.sqrt(a.reduce((sum, v, t) => sum + (v - (b[t] ?? 0)) ** 2, 0));
      })
      .sort((x, y) => x - y)
      .slice(0, k);
  });
}

describe('nearest neighbours', () => {
  it.each(['euclidean', 'cosine'] as const)('exact %s equals the float64 brute force', async (metric) => {
    const [n, d, k] = [197, 13, 7];
    const data = clustered(n, d, 3, 5, 3);
    const found = await nearestNeighbors(data, d, k, { metric });
    const expected = bruteForce(data, d, k, metric);
    let worst = 0;
    for (let s = 0; s < n * k; s++) {
      worst = Math.max(
        worst,
        Math.abs((found.distances[s] ?? 0) - (expected[Math.floor(s / k)]?.[s % k] ?? 0)),
      );
      expect(found.indices[s]).not.toBe(Math.floor(s / k));
    }
    expect(worst).toBeLessThan(2e-6);
    for (let i = 0; i < n; i++) expect(new Set(found.indices.subarray(i * k, (i + 1) * k)).size).toBe(k);
  });

  it('approximate ones are nearly all right, and the same for a seed', async () => {
    const [n, d, k] = [1501, 20, 14];
    const data = clustered(n, d, 9, 2);
    const exact = await nearestNeighbors(data, d, k, { method: 'exact' });
    const found = await nearestNeighbors(data, d, k, { method: 'approximate', seed: 3 });
    let hits = 0;
    for (let i = 0; i < n; i++) {
      const truth = new Set(exact.indices.subarray(i * k, (i + 1) * k));
      for (const j of found.indices.subarray(i * k, (i + 1) * k)) hits += truth.has(j) ? 1 : 0;
    }
    expect(hits / (n * k)).toBeGreaterThan(0.95);
    const again = await nearestNeighbors(data, d, k, { method: 'approximate', seed: 3 });
    expect(again.indices).toEqual(found.indices);
  });

  it('takes equal points, few points and none; refuses NaN and odd shapes', async () => {
    const same = await nearestNeighbors(new Float32Array(5 * 3).fill(2), 3, 10);
    expect(same.k).toBe(4);
    expect([...same.indices.subarray(0, 4)]).toEqual([1, 2, 3, 4]);
    expect(same.distances.every((v) => v === 0)).toBe(true);
    expect((await nearestNeighbors(Float32Array.of(1, 2), 2, 5)).k).toBe(0);
    expect((await nearestNeighbors(new Float32Array(0), 2, 5)).n).toBe(0);
    await expect(nearestNeighbors(Float32Array.of(1, Number.NaN, 1, 2), 2, 1)).rejects.toThrow(/not finite/);
    await expect(nearestNeighbors(Float32Array.of(1, 2, 3), 2, 1)).rejects.toThrow(RangeError);
  });

  it('stops when aborted', async () => {
    const abort = new AbortController();
    abort.abort(new Error('enough'));
    const data = clustered(300, 4, 2, 1);
    await expect(nearestNeighbors(data, 4, 5, { signal: abort.signal })).rejects.toThrow('enough');
  });
});

describe('UMAP', () => {
  it('has the curve of umap-learn', () => {
    // umap-learn 0.5, find_ab_params(1.0, min_dist), by scipy's curve_fit
    const near = fitCurve(0.1);
    expect(near.a).toBeCloseTo(1.5769, 2);
    expect(near.b).toBeCloseTo(0.8951, 2);
    const far = fitCurve(0.5);
    expect(far.a).toBeCloseTo(0.583, 2);
    expect(far.b).toBeCloseTo(1.3342, 2);
  });

  it('takes its forces from tables within 1e-5', () => {
    const { a, b } = fitCurve(0.1);
    const table = new ForceTable({ a, b });
    for (const s of [1e-5, 0.013, 0.9999, 1, 7.77, 431.2, 9e4]) {
      const pull = (-2 * a * b * s ** (b - 1)) / (a * s ** b + 1);
      const push = (2 * b) / ((0.001 + s) * (a * s ** b + 1));
      expect(Math.abs(table.pull(s) / pull - 1)).toBeLessThan(1e-5);
      expect(Math.abs(table.push(s) / push - 1)).toBeLessThan(1e-5);
    }
  });

  it('weighs its edges as umap-js does', async () => {
    const [n, d, k] = [83, 6, 14];
    const data = clustered(n, d, 2, 8, 2);
    const found = await nearestNeighbors(data, d, k);
    const graph = fuzzyGraph(found);
    const peer = new UMAP({ nNeighbors: k + 1, random: () => 0.5 });
    const rows = Array.from({ length: n }, (_, i) => i);
    peer.setPrecomputedKNN(
      rows.map((i) => [i, ...found.indices.subarray(i * k, (i + 1) * k)]),
      rows.map((i) => [0, ...found.distances.subarray(i * k, (i + 1) * k)]),
    );
    peer.initializeFit(rows.map((i) => [...data.subarray(i * d, (i + 1) * d)]));
    const edges = (peer as unknown as { graph: { get(row: number, column: number): number } }).graph;
    let worst = 0;
    graph.weights.forEach((w, e) => {
      worst = Math.max(worst, Math.abs(w - edges.get(graph.heads[e] ?? 0, graph.tails[e] ?? 0)));
    });
    expect(graph.weights.length).toBeGreaterThan(n * k);
    expect(worst).toBeLessThan(1e-4);
  });

  it('parts two clusters, the same way for the same seed, and tells how far it is', async () => {
    const [n, d] = [241, 11];
    const data = clustered(n, d, 2, 4);
    const stages = new Set<string>();
    const options = { seed: 7, onProgress: (p: { stage: string }) => stages.add(p.stage) };
    const first = await new LayoutService().umap(data, d, options);
    expect(first.length).toBe(2 * n);
    expect(first.every(Number.isFinite)).toBe(true);
    for (let i = 0; i < n; i++) {
      let nearest = -1;
      let least = Number.POSITIVE_INFINITY;
      for (let j = 0; j < n; j++) {
        const x = (first[2 * i] ?? 0) - (first[2 * j] ?? 0);
        const y = (first[2 * i + 1] ?? 0) - (first[2 * j + 1] ?? 0);
        if (j !== i && x * x + y * y < least) {
          least = x * x + y * y;
          nearest = j;
        }
      }
      expect(nearest % 2).toBe(i % 2);
    }
    expect([...stages]).toEqual(['neighbours', 'layout']);
    expect(await new LayoutService().umap(data, d, { seed: 7 })).toEqual(first);
    expect(await new LayoutService().umap(data, d, { seed: 8 })).not.toEqual(first);
  });

  it('places none, one, two, three, equal and non-finite cells', async () => {
    const service = new LayoutService();
    expect(await service.umap(new Float32Array(0), 4)).toEqual(new Float32Array(0));
    expect(await service.umap(Float32Array.of(1, 2, 3, 4), 4)).toEqual(new Float32Array(2));
    for (const n of [2, 3, 4, 5]) {
      const placed = await service.umap(new Float32Array(4 * n).fill(1.5), 4);
      expect(placed.length).toBe(2 * n);
      expect(placed.every(Number.isFinite)).toBe(true);
    }
    const data = clustered(30, 4, 2, 1);
    data[4 * 7 + 2] = Number.NaN;
    const placed = await service.umap(data, 4);
    expect(placed[14]).toBeNaN();
    expect(placed.filter(Number.isFinite).length).toBe(58);
  });

  it('stops when aborted while it lays out', async () => {
    const abort = new AbortController();
    const data = clustered(400, 8, 3, 6);
    const run = new LayoutService().umap(data, 8, {
      signal: abort.signal,
      onProgress: ({ stage }) => stage === 'layout' && abort.abort(new Error('enough')),
    });
    await expect(run).rejects.toThrow('enough');
  });
});
