import type { Constants, Kernel, KernelName, KernelVariant } from '../../kernel.ts';
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
} from '../attention/forms.ts';
import bindings from './bindings.wgsl?raw';
import chunked from './chunked.wgsl?raw';
import direct from './direct.wgsl?raw';
import subgroup from './subgroup.wgsl?raw';
import tile from './tile.wgsl?raw';

/** Whose cotangents a kernel makes: its threads own queries, or keys with their values. */
type Side = 'queries' | 'keys';

/** The constants of a head size, of both kernels. */
export function attentionBackwardConstants(headSize: number): Constants {
  return { HEAD_SIZE: headSize };
}

function textConstants(side: Side, constants: Constants): Constants {
  return { ...headConstants(constants), KEYS: Number(side === 'keys') };
}

/** `rows` own rows of a block for each thread, everything in registers. */
function perThread(side: Side, rows: number): KernelVariant {
  return {
    name: `direct-${rows}`,
    shader: bindings + direct,
    // Of two rows a thread, heads of half the size.
    serves: ({ HEAD_SIZE }) => rows * HEAD_SIZE <= MAX_REGISTER_HEAD,
    constants: (constants) => ({
      ...textConstants(side, constants),
      ...rowsPerThread(rows),
    }),
    workgroups: workgroupPerBlock,
  };
}

/** The same with other rows broadcast within a subgroup; for heads of whole groups of four vec4s. */
function bySubgroup(side: Side, rows: number): KernelVariant {
  return {
    name: `subgroup-${rows}`,
    shader: bindings + subgroup,
    needs: ['subgroups'],
    serves: servesSubgroups,
    constants: (constants) => ({
      ...textConstants(side, constants),
      HEAD_QUADS: constants.HEAD_SIZE / 16,
      ...rowsPerThread(rows),
    }),
    workgroups: workgroupPerBlock,
  };
}

/** Tiles in workgroup memory and registers. */
function inTiles(side: Side): KernelVariant {
  return {
    name: 'tile',
    shader: bindings + tile,
    serves: ({ HEAD_SIZE }) => HEAD_SIZE <= MAX_TILE_HEAD,
    workgroupBytes: tileBytes,
    constants: (constants) => {
      const text = textConstants(side, constants);
      return {
        ...text,
        OWN: QUERIES_PER_BLOCK,
        COLUMN_VECS: Math.ceil(text.HEAD_VECS / 8),
        TILE: TILE_ROWS * (text.HEAD_VECS + 1),
        FACTORS: TILE_ROWS * (QUERIES_PER_BLOCK + 1),
      };
    },
    workgroups: workgroupPerBlock,
  };
}

function inChunks(side: Side): KernelVariant {
  return {
    name: 'chunked',
    shader: bindings + chunked,
    constants: (constants) => ({ ...textConstants(side, constants), ...chunkConstants(constants) }),
    workgroups: (uniforms, constants) => workgroupPerBlock(uniforms) * chunkConstants(constants).CHUNKS,
  };
}

function backwardKernel(name: KernelName, side: Side): Kernel {
  return {
    name,
    reads: ['qkv', 'cotangent', 'lse', 'dots', 'blocks'],
    writes: ['dqkv'],
    uniforms: {
      block_start: 'u32',
      block_end: 'u32',
      heads: 'u32',
      qkv_stride4: 'u32',
      y_stride4: 'u32',
      scale: 'f32',
    },
    variants: {
      hardware: [inTiles(side), bySubgroup(side, 1), bySubgroup(side, 2), perThread(side, 1), inChunks(side)],
      software: [
        perThread(side, 1),
        perThread(side, 2),
        bySubgroup(side, 1),
        bySubgroup(side, 2),
        bySubgroup(side, 4),
        inChunks(side),
      ],
    },
  };
}

/**
 * dqkv = (the query third) of the attention whose output has the cotangent: dQ = dS · K · scale with
 * P = exp(q · kᵀ · scale − lse) made again from the log-sum that `attention` kept and
 * dS = P ∘ (cotangent · vᵀ − dots), so that no score matrix exists (Dao et al. 2022, algorithm 4).
 * qkv and dqkv [rows, 3 · heads · headSize], cotangent [rows, heads · headSize], lse and dots [rows, heads]
 * float32, blocks as `attention` has them. What pads the rows of dqkv is set to zero.
 */
export const attentionBackwardQueries = backwardKernel('attention-backward-queries', 'queries');

/**
 * dqkv = (the key and value thirds) of the same: dK = dSᵀ · Q · scale, dV = Pᵀ · cotangent. A workgroup takes
 * one block of keys and walks the queries of their cell, so that every sum has one owner and one order.
 * blocks [n] of (first key row, keys, first query row, queries): where every row of a cell is query and key,
 * those of `attention`.
 */
export const attentionBackwardKeys = backwardKernel('attention-backward-keys', 'keys');
