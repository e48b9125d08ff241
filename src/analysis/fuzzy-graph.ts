import type { Neighbors } from './neighbor-heap.ts';

/** Weighted edges, each pair in both directions, of the fuzzy simplicial set of UMAP. */
export interface FuzzyGraph {
  readonly n: number;
  /** [edges] */
  readonly heads: Uint32Array<ArrayBuffer>;
  /** [edges] */
  readonly tails: Uint32Array<ArrayBuffer>;
  /** [edges] in (0, 1] */
  readonly weights: Float64Array<ArrayBuffer>;
}

/**
 * McInnes, Healy & Melville 2018, §3.1 with local connectivity 1 and a fuzzy union (w = a + b − ab), as
 * umap-learn computes it: a neighbour at distance d weighs exp(−(d − ρ)/σ), ρ the distance of the
 * nearest that is not a duplicate, σ such that the weights of a cell sum to log2(k + 1).
 */
export function fuzzyGraph({ n, k, indices, distances }: Neighbors): FuzzyGraph {
  const directed = memberships(n, k, distances);
  const incoming = transpose(n, indices, directed);
  const heads = new Uint32Array(2 * n * k);
  const tails = new Uint32Array(2 * n * k);
  const weights = new Float64Array(2 * n * k);
  const place = new Int32Array(n).fill(-1);
  let edges = 0;
  for (let i = 0; i < n; i++) {
    const start = edges;
    for (let s = i * k; s < (i + 1) * k; s++) {
      const j = indices[s] as number;
      if (j < 0 || directed[s] === 0) continue;
      place[j] = edges;
      tails[edges] = j;
      weights[edges++] = directed[s] as number;
    }
    for (let s = incoming.starts[i] as number; s < (incoming.starts[i + 1] as number); s++) {
      const j = incoming.from[s] as number;
      const back = incoming.weights[s] as number;
      const at = place[j] as number;
      if (at >= start) {
        const forth = weights[at] as number;
        weights[at] = forth + back - forth * back;
      } else if (back > 0) {
        tails[edges] = j;
        weights[edges++] = back;
      }
    }
    heads.fill(i, start, edges);
  }
  return { n, heads: heads.slice(0, edges), tails: tails.slice(0, edges), weights: weights.slice(0, edges) };
}

/** [n, k] directed membership strengths, rounded to float32 to be the same in every JavaScript engine. */
function memberships(n: number, k: number, distances: Float32Array): Float32Array {
  const finite = (d: number) => (Number.isFinite(d) ? d : 0);
  // umap-learn counts the cell itself, at distance 0, among its k + 1 neighbours.
  const overall = distances.reduce((sum, d) => sum + finite(d), 0) / (n * (k + 1));
  const target = Math.log2(k + 1);
  const strengths = new Float32Array(n * k);
  for (let i = 0; i < n; i++) {
    const own = distances.subarray(i * k, (i + 1) * k);
    const rho = own.find((d) => d > 0 && Number.isFinite(d)) ?? 0;
    let low = 0;
    let high = Number.POSITIVE_INFINITY;
    let sigma = 1;
    for (let step = 0; step < 64; step++) {
      let sum = 0;
      for (const d of own) sum += d - rho > 0 ? Math.exp(-(d - rho) / sigma) : 1;
      if (Math.abs(sum - target) < 1e-5) break;
      if (sum > target) high = sigma;
      else low = sigma;
      sigma = high === Number.POSITIVE_INFINITY ? 2 * sigma : (low + high) / 2;
    }
    const mean = own.reduce((sum, d) => sum + finite(d), 0) / (k + 1);
    sigma = Math.max(sigma, 1e-3 * (rho > 0 ? mean : overall));
    own.forEach((d, s) => {
      strengths[i * k + s] = d - rho <= 0 ? 1 : Math.exp(-(d - rho) / sigma);
    });
  }
  return strengths;
}

/** Edges by the cell they point at. */
function transpose(n: number, indices: Int32Array, strengths: Float32Array) {
  const starts = new Uint32Array(n + 1);
  for (const j of indices) if (j >= 0) starts[j + 1] = (starts[j + 1] as number) + 1;
  for (let i = 0; i < n; i++) starts[i + 1] = (starts[i + 1] as number) + (starts[i] as number);
  const from = new Uint32Array(starts[n] as number);
  const weights = new Float64Array(starts[n] as number);
  const next = starts.slice();
  const k = n === 0 ? 0 : indices.length / n;
  indices.forEach((j, s) => {
    if (j < 0) return;
    const at = next[j] as number;
    from[at] = Math.floor(s / k);
    weights[at] = strengths[s] as number;
    next[j] = at + 1;
  });
  return { starts, from, weights };
}
