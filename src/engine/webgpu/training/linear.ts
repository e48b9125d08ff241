import type { PlanBuilder } from './builder.ts';

/** A linear layer [inner, columns] of the encoder with the weights of buffer `name`. */
export interface Linear {
  readonly name: string;
  readonly inner: number;
  readonly columns: number;
  readonly learns: boolean;
  /** The adapter beside it: rank and alpha / rank. */
  readonly adapter: { readonly rank: number; readonly scale: number } | null;
}

/** What the backward pass needs of a linear layer's forward pass. */
export interface LinearStates {
  readonly x: string;
  /** scale · x · A of an adapter, [rows, rank]. */
  readonly lowRank: string | null;
}

/** y = x · W + b (+ residual) (+ scale · x · A · B), under names that begin with `scope`. */
export function forwardLinear(
  plan: PlanBuilder,
  scope: string,
  { name, inner, columns, adapter }: Linear,
  x: string,
  rows: number,
  residual?: string,
): { readonly y: string; readonly states: LinearStates } {
  const part = name.slice(name.lastIndexOf('.') + 1);
  const bias = `${name}.bias`;
  const frozen = plan.product({
    ...{ label: name, form: 'nn', x, weight: name, bias, residual, rows, inner, columns },
    y: plan.matrix(`${scope}.${part}.${adapter === null ? 'y' : 'frozen'}`, rows, columns),
  });
  if (adapter === null) return { y: frozen, states: { x, lowRank: null } };
  const { rank, scale } = adapter;
  const projected = plan.product({
    ...{ label: `${name}.a`, form: 'nn', x, weight: `${name}.a`, rows, inner, columns: rank },
    y: plan.matrix(`${scope}.${part}.projected`, rows, rank),
  });
  const lowRank = scaled(plan, projected, `${scope}.${part}.low-rank`, rows, rank, scale);
  const y = plan.product({
    ...{ label: `${name}.b`, form: 'nn', x: lowRank, weight: `${name}.b`, residual: frozen },
    ...{ y: plan.matrix(`${scope}.${part}.y`, rows, columns), rows, inner: rank, columns },
  });
  return { y, states: { x, lowRank } };
}

/** Gradients of what learns, and the cotangent of x (+ residual): dX = dY · Wᵀ (+ scale · dY · Bᵀ · Aᵀ). */
export function backwardLinear(
  plan: PlanBuilder,
  scope: string,
  { name, inner, columns, learns, adapter }: Linear,
  { x, lowRank }: LinearStates,
  cotangent: string,
  rows: number,
  residual?: string,
): string {
  const part = name.slice(name.lastIndexOf('.') + 1);
  if (learns) plan.weightGradients(name, x, cotangent, { rows, inner, columns }, true);
  const frozen = plan.product({
    ...{ label: `${name} back`, form: 'nt', x: cotangent, weight: name, residual },
    y: plan.matrix(`${scope}.${part}.${adapter === null ? 'dx' : 'frozen.dx'}`, rows, inner),
    ...{ rows, inner: columns, columns: inner },
  });
  if (adapter === null || lowRank === null) return frozen;
  const { rank, scale } = adapter;
  plan.weightGradients(`${name}.b`, lowRank, cotangent, { rows, inner: rank, columns }, false);
  const back = plan.product({
    ...{ label: `${name}.b back`, form: 'nt', x: cotangent, weight: `${name}.b` },
    y: plan.matrix(`${scope}.${part}.low-rank.dx`, rows, rank),
    ...{ rows, inner: columns, columns: rank },
  });
  const projected = scaled(plan, back, `${scope}.${part}.projected.dx`, rows, rank, scale);
  plan.weightGradients(`${name}.a`, x, projected, { rows, inner, columns: rank }, false);
  return plan.product({
    ...{ label: `${name}.a back`, form: 'nt', x: projected, weight: `${name}.a`, residual: frozen },
    y: plan.matrix(`${scope}.${part}.dx`, rows, inner),
    ...{ rows, inner: rank, columns: inner },
  });
}

/** y = scale · x: what dropout is where it drops nothing. */
function scaled(plan: PlanBuilder, x: string, to: string, rows: number, columns: number, scale: number) {
  const y = plan.matrix(to, rows, columns);
  const count4 = rows * Math.ceil(columns / 4);
  plan.add({
    ...{ label: to, kernel: 'dropout', constants: { RESIDUAL: 0 }, buffers: { x, residual: x, y } },
    uniforms: { count4, seed: 0, threshold: 0, scale },
    flops: 4 * count4,
  });
  return y;
}
