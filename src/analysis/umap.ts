import type { FuzzyGraph } from './fuzzy-graph.ts';
import { Random } from './random.ts';
import { ForceTable, fitCurve } from './umap-curve.ts';

export interface UmapParameters {
  /** How close points may lie; default 0.1. */
  readonly minDist?: number;
  /** Default 500 up to 2,500 cells, falling to 200 at 10,000 and more. */
  readonly epochs?: number;
  readonly seed?: number;
}

/** Random repulsions per attraction. */
const NEGATIVES = 5;
const CLIP = 4;

/**
 * UMAP's layout (McInnes, Healy & Melville 2018, algorithm 5) as an object: `step()` until `epoch`
 * reaches `epochs`, `positions` readable in between. The same graph, start and seed give the same
 * layout. One thread, float64.
 */
export class UmapLayout {
  readonly epochs: number;
  /** [n, 2], moved in place */
  readonly positions: Float64Array;
  #epoch = 0;
  readonly #graph: FuzzyGraph;
  readonly #random: Random;
  readonly #forces: ForceTable;
  /** [edges] epochs between two samples of an edge */
  readonly #every: Float64Array;
  readonly #next: Float64Array;
  readonly #nextNegative: Float64Array;

  /** @param start [n, 2] where the cells begin, within about ±10. */
  constructor(graph: FuzzyGraph, start: Float64Array, parameters: UmapParameters = {}) {
    this.epochs = parameters.epochs ?? defaultEpochs(graph.n);
    this.#random = new Random(parameters.seed ?? 0);
    this.#forces = new ForceTable(fitCurve(parameters.minDist ?? 0.1));
    this.positions = start.slice();
    const strongest = graph.weights.reduce((most, w) => Math.max(most, w), 0);
    const kept = Uint32Array.from(graph.weights.keys()).filter(
      (e) => (graph.weights[e] as number) >= strongest / this.epochs,
    );
    this.#graph = {
      n: graph.n,
      heads: Uint32Array.from(kept, (e) => graph.heads[e] as number),
      tails: Uint32Array.from(kept, (e) => graph.tails[e] as number),
      weights: Float64Array.from(kept, (e) => graph.weights[e] as number),
    };
    this.#every = this.#graph.weights.map((w) => strongest / w);
    this.#next = this.#every.slice();
    this.#nextNegative = this.#every.map((every) => every / NEGATIVES);
  }

  /** Epochs done. */
  get epoch(): number {
    return this.#epoch;
  }

  /** One pass over the edges due; does nothing after the last. */
  step(): void {
    if (this.#epoch >= this.epochs) return;
    const { heads, tails, n } = this.#graph;
    const positions = this.positions;
    const forces = this.#forces;
    const alpha = 1 - this.#epoch / this.epochs;
    for (let e = 0; e < heads.length; e++) {
      if ((this.#next[e] as number) > this.#epoch) continue;
      const i = 2 * (heads[e] as number);
      const j = 2 * (tails[e] as number);
      let dx = (positions[i] as number) - (positions[j] as number);
      let dy = (positions[i + 1] as number) - (positions[j + 1] as number);
      let square = dx * dx + dy * dy;
      if (square > 0) {
        const pull = forces.pull(square);
        const x = clip(pull * dx) * alpha;
        const y = clip(pull * dy) * alpha;
        positions[i] = (positions[i] as number) + x;
        positions[i + 1] = (positions[i + 1] as number) + y;
        positions[j] = (positions[j] as number) - x;
        positions[j + 1] = (positions[j + 1] as number) - y;
      }
      const every = this.#every[e] as number;
      this.#next[e] = (this.#next[e] as number) + every;
      const due = Math.floor((this.#epoch - (this.#nextNegative[e] as number)) / (every / NEGATIVES));
      for (let p = 0; p < due; p++) {
        const k = 2 * this.#random.below(n);
        if (k === i) continue;
        dx = (positions[i] as number) - (positions[k] as number);
        dy = (positions[i + 1] as number) - (positions[k + 1] as number);
        square = dx * dx + dy * dy;
        const push = forces.push(square);
        // Points on top of each other have no direction: both coordinates are pushed all the way.
        positions[i] = (positions[i] as number) + (square > 0 ? clip(push * dx) : CLIP) * alpha;
        positions[i + 1] = (positions[i + 1] as number) + (square > 0 ? clip(push * dy) : CLIP) * alpha;
      }
      this.#nextNegative[e] = (this.#nextNegative[e] as number) + (due * every) / NEGATIVES;
    }
    this.#epoch++;
  }
}

function clip(v: number): number {
  return Math.min(CLIP, Math.max(-CLIP, v));
}

function defaultEpochs(n: number): number {
  return Math.round(Math.min(500, Math.max(200, 500 - ((n - 2500) * 300) / 7500)));
}
