import { fuzzyGraph } from './fuzzy-graph.ts';
import { type Metric, nearestNeighbors } from './knn.ts';
import { Pacer } from './pacer.ts';
import { principalStart } from './principal-start.ts';
import { UmapLayout } from './umap.ts';

/** Work so far; shaped as the Progress of src/run. */
interface LayoutProgress {
  readonly stage: 'neighbours' | 'layout';
  readonly done: number;
  readonly total: number;
  readonly unit: 'cells' | 'epochs';
}

export interface LayoutOptions {
  /** Cells in a neighbourhood, the cell itself among them, as in scanpy and umap-learn; default 15. */
  readonly neighbors?: number;
  /** Default 0.3, scanpy's `sc.tl.umap` uses 0.5, umap-learn 0.1. */
  readonly minDist?: number;
  /** Default euclidean, as scanpy's `sc.pp.neighbors`. */
  readonly metric?: Metric;
  readonly seed?: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: LayoutProgress) => void;
  /** Positions on the way, at most twice a second: a fresh [n, 2] each time. */
  readonly onPartial?: (positions: Float32Array<ArrayBuffer>) => void;
}

const PARTIAL_MILLISECONDS = 500;

/** Layouts of embedded cells; lives in the layout worker, or is called directly headless. */
export class LayoutService {
  /**
   * UMAP of an embedding: the same input and seed give the same picture, in every browser. Cells without a finite
   * embedding are placed at NaN.
   * @param embedding [n, dimension]
   * @returns [n, 2]
   * @throws the signal's reason when aborted, between two slices of ~40 ms.
   */
  async umap(
    embedding: Float32Array,
    dimension: number,
    options: LayoutOptions = {},
  ): Promise<Float32Array<ArrayBuffer>> {
    const n = embedding.length / dimension;
    const finite = finiteRows(embedding, dimension);
    if (finite.length < n) {
      const kept = new Float32Array(finite.length * dimension);
      finite.forEach((row, i) => {
        kept.set(embedding.subarray(row * dimension, (row + 1) * dimension), i * dimension);
      });
      const scatter = (positions: Float32Array) => scattered(positions, finite, n);
      const { onPartial, ...rest } = options;
      const inner =
        onPartial === undefined ? rest : { ...rest, onPartial: (p: Float32Array) => onPartial(scatter(p)) };
      return scatter(await this.umap(kept, dimension, inner));
    }
    if (n < 4) return tiny(n);
    const { signal, onProgress, onPartial, seed = 0 } = options;
    const neighbors = await nearestNeighbors(embedding, dimension, (options.neighbors ?? 15) - 1, {
      metric: options.metric ?? 'euclidean',
      seed,
      ...(signal === undefined ? {} : { signal }),
      onProgress: (share) =>
        onProgress?.({ stage: 'neighbours', done: Math.round(share * n), total: n, unit: 'cells' }),
    });
    const layout = new UmapLayout(fuzzyGraph(neighbors), principalStart(embedding, dimension, seed), {
      minDist: options.minDist ?? 0.3,
      seed,
    });
    const pacer = new Pacer(signal);
    let told = performance.now();
    while (layout.epoch < layout.epochs) {
      layout.step();
      await pacer.pause();
      if (performance.now() - told > PARTIAL_MILLISECONDS && layout.epoch < layout.epochs) {
        told = performance.now();
        onPartial?.(Float32Array.from(layout.positions));
      }
      onProgress?.({ stage: 'layout', done: layout.epoch, total: layout.epochs, unit: 'epochs' });
    }
    return Float32Array.from(layout.positions);
  }
}

/** Indices of the rows without NaN or infinity. */
function finiteRows(data: Float32Array, dimension: number): Uint32Array {
  const n = data.length / dimension;
  return Uint32Array.from({ length: n }, (_, i) => i).filter((i) =>
    data.subarray(i * dimension, (i + 1) * dimension).every(Number.isFinite),
  );
}

function scattered(positions: Float32Array, rows: Uint32Array, n: number): Float32Array<ArrayBuffer> {
  const all = new Float32Array(2 * n).fill(Number.NaN);
  rows.forEach((row, i) => {
    all.set(positions.subarray(2 * i, 2 * i + 2), 2 * row);
  });
  return all;
}

/** Up to three cells have no neighbourhoods to lay out: they stand on a circle. */
function tiny(n: number): Float32Array<ArrayBuffer> {
  const positions = new Float32Array(2 * n);
  for (let i = 0; n > 1 && i < n; i++) {
    positions[2 * i] = Math.cos((2 * Math.PI * i) / n);
    positions[2 * i + 1] = Math.sin((2 * Math.PI * i) / n);
  }
  return positions;
}
