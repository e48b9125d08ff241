import type { Constants, Kernel, KernelVariant } from '../../kernel.ts';
import bindings from './bindings.wgsl?raw';
import chunked from './chunked.wgsl?raw';
import direct from './direct.wgsl?raw';
import {
  chunkConstants,
  headConstants,
  MAX_REGISTER_HEAD,
  MAX_TILE_HEAD,
  QUERIES_PER_BLOCK,
  rowsPerThread,
  servesSubgroups,
  TILE_ROWS,
  tileBytes,
  workgroupPerBlock,
} from './forms.ts';
import staged from './staged.wgsl?raw';
import subgroup from './subgroup.wgsl?raw';
import tile from './tile.wgsl?raw';

/** Keys in workgroup memory together, of the form with one query a thread. */
const STAGED_KEYS = 16;

/** The constants of a head size; `keepSums` also writes `lse`, for a backward pass. */
export function attentionConstants(headSize: number, keepSums = false): Constants {
  return { HEAD_SIZE: headSize, KEEP_LSE: Number(keepSums) };
}

function textConstants({ KEEP_LSE, ...constants }: Constants): Constants {
  return { ...headConstants(constants), KEEP_LSE };
}

/** `queries` of a block for each thread, everything in registers. */
function perThread(queries: number): KernelVariant {
  return {
    name: `direct-${queries}`,
    shader: bindings + direct,
    serves: ({ HEAD_SIZE }) => HEAD_SIZE <= MAX_REGISTER_HEAD,
    constants: (constants) => ({
      ...textConstants(constants),
      ...rowsPerThread(queries),
    }),
    workgroups: workgroupPerBlock,
  };
}

/** The same with keys and values broadcast within a subgroup; for heads of whole groups of four vec4s. */
function bySubgroup(queries: number): KernelVariant {
  return {
    name: `subgroup-${queries}`,
    shader: bindings + subgroup,
    needs: ['subgroups'],
    serves: servesSubgroups,
    constants: (constants) => ({
      ...textConstants(constants),
      HEAD_QUADS: constants.HEAD_SIZE / 16,
      ...rowsPerThread(queries),
    }),
    workgroups: workgroupPerBlock,
  };
}

const stagedLoads: KernelVariant = {
  name: 'staged',
  shader: bindings + staged,
  serves: ({ HEAD_SIZE }) => HEAD_SIZE <= MAX_REGISTER_HEAD,
  constants: (constants) => {
    const text = textConstants(constants);
    return { ...text, STAGED_VECS: STAGED_KEYS * text.HEAD_VECS };
  },
  workgroups: workgroupPerBlock,
};

const inTiles: KernelVariant = {
  name: 'tile',
  shader: bindings + tile,
  serves: ({ HEAD_SIZE }) => HEAD_SIZE <= MAX_TILE_HEAD,
  workgroupBytes: (constants) => tileBytes(constants) + 4 * QUERIES_PER_BLOCK,
  constants: (constants) => {
    const text = textConstants(constants);
    return {
      ...text,
      QUERIES: QUERIES_PER_BLOCK,
      COLUMN_VECS: Math.ceil(text.HEAD_VECS / 8),
      TILE: TILE_ROWS * (text.HEAD_VECS + 1),
      SCORES: TILE_ROWS * (QUERIES_PER_BLOCK + 1),
    };
  },
  workgroups: workgroupPerBlock,
};

const inChunks: KernelVariant = {
  name: 'chunked',
  shader: bindings + chunked,
  constants: (constants) => ({ ...textConstants(constants), ...chunkConstants(constants) }),
  workgroups: (uniforms, constants) => workgroupPerBlock(uniforms) * chunkConstants(constants).CHUNKS,
};

/**
 * y = softmax(q · kᵀ · scale) · v for each head, over packed cells: a workgroup takes one block of
 * queries of one cell and walks only that cell's keys, with the running maximum and sum of
 * FlashAttention (Dao et al. 2022), so that no score matrix exists. qkv [rows, 3 · heads · headSize],
 * blocks [n] of (first query row, queries, first key row, keys), y [rows, heads · headSize],
 * lse [rows, heads] float32: log Σ exp(q · kᵀ · scale), where it is kept.
 */
export const attention: Kernel = {
  name: 'attention',
  reads: ['qkv', 'blocks'],
  writes: ['y', 'lse'],
  optional: { lse: 'KEEP_LSE' },
  uniforms: {
    block_start: 'u32',
    block_end: 'u32',
    heads: 'u32',
    qkv_stride4: 'u32',
    y_stride4: 'u32',
    scale: 'f32',
  },
  variants: {
    hardware: [inTiles, stagedLoads, bySubgroup(1), bySubgroup(2), perThread(1), perThread(2), inChunks],
    software: [
      perThread(2),
      perThread(1),
      perThread(4),
      perThread(8),
      bySubgroup(2),
      bySubgroup(4),
      bySubgroup(8),
      inTiles,
      stagedLoads,
      inChunks,
    ],
  },
};
