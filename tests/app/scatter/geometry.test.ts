import { describe, expect, it } from 'vitest';
import { Random } from '../../../src/analysis/random.ts';
import { lassoIndices } from '../../../src/app/scatter/lasso.ts';
import { PointIndex } from '../../../src/app/scatter/point-index.ts';
import { pointBuffers } from '../../../src/app/scatter/points.ts';
import { fitViewport, panned, project, unproject, zoomedAt } from '../../../src/app/scatter/viewport.ts';

const SIZE = { width: 640, height: 333 };

describe('viewport', () => {
  it('fits every placed point inside the margin', () => {
    const positions = Float32Array.of(-3, 5, 17, 6, Number.NaN, 1e9, 4, -40);
    const view = fitViewport(positions, SIZE, 20);
    for (const i of [0, 1, 3]) {
      const [px, py] = project(view, SIZE, positions[2 * i] ?? 0, positions[2 * i + 1] ?? 0);
      expect(px).toBeGreaterThanOrEqual(19.99);
      expect(px).toBeLessThanOrEqual(620.01);
      expect(py).toBeGreaterThanOrEqual(19.99);
      expect(py).toBeLessThanOrEqual(313.01);
    }
    expect(fitViewport(Float32Array.of(3, 4), SIZE)).toMatchObject({ x: 3, y: 4 });
    expect(fitViewport(new Float32Array(0), SIZE).zoom).toBe(5);
  });

  it('goes to the screen and back, holds the point zoomed at, and pans with the pointer', () => {
    const view = { x: 2, y: -7, zoom: 3.3 };
    const [x, y] = unproject(view, SIZE, 77, 201);
    expect(project(view, SIZE, x, y)[0]).toBeCloseTo(77, 9);
    expect(project(view, SIZE, x, y)[1]).toBeCloseTo(201, 9);
    const near = zoomedAt(view, SIZE, 77, 201, 1.5);
    expect(near.zoom).toBe(4.8);
    expect(project(near, SIZE, x, y)[0]).toBeCloseTo(77, 9);
    expect(project(near, SIZE, x, y)[1]).toBeCloseTo(201, 9);
    expect(project(panned(view, 10, -4), SIZE, x, y)[0]).toBeCloseTo(87, 9);
    expect(project(panned(view, 10, -4), SIZE, x, y)[1]).toBeCloseTo(197, 9);
  });
});

describe('lasso', () => {
  it('takes exactly the polygon drawn, holes by the even-odd rule', () => {
    const positions = Float32Array.of(1, 1, 5, 1, 3, 2.9, 3, 0.5, -1, 1, Number.NaN, 1);
    // A "V": its notch reaches down to (3, 1).
    const polygon = [0, 0, 6, 0, 6, 4, 3, 1, 0, 4];
    expect([...lassoIndices(positions, polygon)]).toEqual([0, 1, 3]);
    const colors = new Uint8Array(24).fill(255);
    colors[4 * 1 + 3] = 0;
    expect([...lassoIndices(positions, polygon, colors)]).toEqual([0, 3]);
    expect(lassoIndices(positions, [0, 0, 6, 6]).length).toBe(0);
  });
});

describe('point index', () => {
  it('finds the nearest as a search through all does', () => {
    const random = new Random(3);
    const n = 503;
    const positions = Float32Array.from({ length: 2 * n }, (_, p) => random.uniform() * (p % 2 ? 3 : 40) - 7);
    positions[100] = Number.NaN;
    const index = new PointIndex(positions);
    for (let q = 0; q < 200; q++) {
      const [x, y, reach] = [random.uniform() * 50 - 12, random.uniform() * 6 - 9, random.uniform() * 2];
      let nearest = -1;
      let least = reach;
      for (let i = 0; i < n; i++) {
        const distance = Math.hypot((positions[2 * i] ?? 0) - x, (positions[2 * i + 1] ?? 0) - y);
        if (distance <= least && i % 3 !== 0) {
          least = distance;
          nearest = i;
        }
      }
      expect(index.nearest(x, y, reach, (i) => i % 3 !== 0)).toBe(nearest);
    }
  });

  it('stands without points, and with one', () => {
    expect(new PointIndex(new Float32Array(0)).nearest(0, 0, 1, () => true)).toBe(-1);
    expect(new PointIndex(Float32Array.of(2, 2)).nearest(2, 2.5, 1, () => true)).toBe(0);
  });
});

describe('points to draw', () => {
  it('are all drawn once, unplaced and transparent ones left out', () => {
    const n = 10;
    const positions = Float32Array.from({ length: 2 * n }, (_, p) => Math.floor(p / 2));
    positions[6] = Number.NaN;
    const colors = new Uint8Array(4 * n).fill(200);
    colors[4 * 7 + 3] = 0;
    const { count, positions: drawn } = pointBuffers(positions, colors);
    expect(count).toBe(8);
    expect([...drawn].filter((_, p) => p % 2 === 0).sort((a, b) => a - b)).toEqual([0, 1, 2, 4, 5, 6, 8, 9]);
  });

  it('put a selection on top and dim the rest', () => {
    const positions = Float32Array.of(0, 0, 1, 1, 2, 2);
    const points = pointBuffers(positions, new Uint8Array(12).fill(200), Uint8Array.of(0, 1, 0));
    expect(points.positions[4]).toBe(1);
    expect([points.colors[3], points.colors[7], points.colors[11]]).toEqual([24, 24, 200]);
    const none = pointBuffers(positions, new Uint8Array(12).fill(200), new Uint8Array(3));
    expect(none.colors.every((v) => v === 200)).toBe(true);
  });
});
