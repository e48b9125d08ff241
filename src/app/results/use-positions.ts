import { useEffect, useMemo, useState } from 'react';
import type { DenseEmbedding } from '../../data/dataset.ts';
import type { CellResults } from '../../run/results.ts';
import { services } from '../state/services.ts';
import { useApp } from '../state/store.ts';

export interface Positions {
  /** [n, 2] */
  readonly positions: Float32Array;
  /** Tells the plot that the plane is another one. */
  readonly key: string;
  /** What the axes are, in words; null where it is our UMAP or the view asked for. */
  readonly standIn: string | null;
  readonly title: string;
}

/** Where the cells stand now: the chosen view, or a stand-in until our UMAP is computed. */
export function usePositions(results: CellResults): Positions {
  const view = useApp((state) => state.pointView);
  const keys = useApp((state) => state.summary?.obsmKeys);
  const fallback = keys?.find((key) => /umap/i.test(key)) ?? null;
  const wanted = view.kind === 'obsm' ? view.key : results.umap ? null : fallback;
  const [loaded, setLoaded] = useState<{ key: string; value: DenseEmbedding } | null>(null);
  const fail = useApp((state) => state.failRun);

  useEffect(() => {
    if (wanted === null || loaded?.key === wanted) return;
    let current = true;
    services()
      .dataset.obsm(wanted)
      .then((value) => current && setLoaded({ key: wanted, value }))
      .catch((error) => current && fail(error));
    return () => {
      current = false;
    };
  }, [wanted, loaded, fail]);

  return useMemo(() => {
    if (wanted !== null && loaded?.key === wanted) {
      return {
        positions: pickColumns(loaded.value.data, loaded.value.columns, results.rows),
        key: `obsm:${wanted}`,
        title: `${wanted} of the file`,
        standIn: view.kind === 'umap' ? `Until our UMAP is ready: ${wanted} of the file.` : null,
      };
    }
    if (view.kind === 'umap' && results.umap) {
      return { positions: results.umap, key: 'umap', title: 'UMAP of the embedding', standIn: null };
    }
    const [first, second] = widestDimensions(results);
    return {
      positions: pickTwo(results.embedding, results.dimension, first, second),
      key: 'dimensions',
      title: `embedding dimensions ${first} and ${second}`,
      standIn: `Until the UMAP is ready: the embedding’s dimensions ${first} and ${second}, the two that vary most.`,
    };
  }, [wanted, loaded, view, results]);
}

function pickColumns(data: Float32Array, columns: number, rows: Uint32Array): Float32Array {
  const positions = new Float32Array(2 * rows.length);
  for (let i = 0; i < rows.length; i++) {
    positions[2 * i] = data[rows[i] * columns];
    positions[2 * i + 1] = columns > 1 ? data[rows[i] * columns + 1] : 0;
  }
  return positions;
}

function pickTwo(data: Float32Array, dimension: number, first: number, second: number): Float32Array {
  const n = data.length / dimension;
  const positions = new Float32Array(2 * n);
  for (let i = 0; i < n; i++) {
    positions[2 * i] = data[i * dimension + first];
    positions[2 * i + 1] = data[i * dimension + second];
  }
  return positions;
}

/** Cells the choice of dimensions is made from: the first ones, so that it stays as more arrive. */
const SAMPLED = 64;

/** The two dimensions of greatest variance among the first cells. */
export function widestDimensions(results: CellResults): readonly [number, number] {
  const { dimension, embedding } = results;
  const n = Math.min(SAMPLED, results.rows.length);
  const variance = Array.from({ length: dimension }, (_, d) => {
    let sum = 0;
    let squares = 0;
    for (let i = 0; i < n; i++) {
      const value = embedding[i * dimension + d];
      sum += value;
      squares += value * value;
    }
    return squares - (sum * sum) / Math.max(1, n);
  });
  const order = variance.map((_, d) => d).sort((a, b) => variance[b] - variance[a]);
  return [order[0] ?? 0, order[1] ?? 0];
}
