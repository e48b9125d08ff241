import type { Kernel, KernelVariant } from '../../kernel.ts';
import bindings from './bindings.wgsl?raw';
import epilogue from './epilogue.wgsl?raw';
import register from './register.wgsl?raw';
import tiled from './tiled.wgsl?raw';

/** What a linear layer does with its sums: nothing, an activation, or adding the residual stream. */
export type Epilogue = 'none' | 'gelu' | 'relu' | 'residual';

/** The constants that choose an epilogue. */
export function epilogueConstants(epilogueName: Epilogue): Record<string, number> {
  return {
    PLAIN: Number(epilogueName === 'none'),
    GELU: Number(epilogueName === 'gelu'),
    RELU: Number(epilogueName === 'relu'),
    RESIDUAL: Number(epilogueName === 'residual'),
  };
}

/** Rows × vec4s of columns a thread makes: the best of those tried on lavapipe. */
const ROWS = 4;
const VECS = 2;

/** Lanes side by side: of 64, 32, 16, 8 the one that leaves fewest idle in the last tile. */
function lanes(columns4: number): number {
  const covered = (count: number) => Math.ceil(columns4 / (count * VECS)) * count;
  return [64, 32, 16, 8].reduce((best, count) => (covered(count) < covered(best) ? count : best));
}

const registerTile: KernelVariant = {
  name: 'register',
  shader: bindings + epilogue + register,
  constants: (constants, { columns4 }) => ({
    ...constants,
    ROWS,
    VECS,
    LANES: lanes(columns4),
    TILE4: lanes(columns4) * VECS,
  }),
  workgroups: ({ row_start, row_end, columns4 }) =>
    Math.ceil((row_end - row_start) / ROWS) * Math.ceil(columns4 / (lanes(columns4) * VECS)),
};

const workgroupTile: KernelVariant = {
  name: 'tiled',
  shader: bindings + epilogue + tiled,
  constants: (constants) => constants,
  workgroups: ({ row_start, row_end, columns4 }) =>
    Math.ceil((row_end - row_start) / 64) * Math.ceil(columns4 / 16),
};

/**
 * y = epilogue(x · Wᵀ + bias), rows row_start … row_end of it.
 * x [rows, K], W [N, K] stored as its transpose [K, N], bias [N], residual and y [rows, N].
 * K and N are counted in vec4s (`inner4`, `columns4`); the padding is zeros and stays zeros.
 */
export const gemm: Kernel = {
  name: 'gemm',
  reads: ['x', 'weight', 'bias', 'residual'],
  writes: 'y',
  uniforms: { row_start: 'u32', row_end: 'u32', inner4: 'u32', columns4: 'u32' },
  variants: { hardware: [workgroupTile, registerTile], software: [registerTile, workgroupTile] },
};
