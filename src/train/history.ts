import type { StepPoint } from './types.ts';

/** Points kept at most: more cannot be seen, and a checkpoint holds them all. */
const MOST_POINTS = 4096;

/** A run's curve: every step while it is short, then every second, fourth …, whatever breaks it had. */
export class History {
  #points: StepPoint[];
  #stride: number;

  constructor(points: readonly StepPoint[] = []) {
    this.#points = [...points];
    this.#stride = 1;
    while ((points.at(-1)?.step ?? 0) / this.#stride > MOST_POINTS) this.#stride *= 2;
  }

  get points(): readonly StepPoint[] {
    return this.#points;
  }

  add(point: StepPoint): void {
    while (point.step / this.#stride > MOST_POINTS) {
      this.#stride *= 2;
      this.#points = this.#points.filter(({ step }) => step % this.#stride === 0);
    }
    if (point.step % this.#stride === 0) this.#points.push(point);
  }
}
