import type { Constants, Kernel, KernelVariant } from '../../kernel.ts';
import bindings from './bindings.wgsl?raw';
import chunked from './chunked.wgsl?raw';
import direct from './direct.wgsl?raw';
import staged from './staged.wgsl?raw';

/** Queries of one block at most: one workgroup, one thread a query. */
export const QUERIES_PER_BLOCK = 64;

/** Keys staged together in workgroup memory. */
const STAGED_KEYS = 16;

/**
 * The largest head whose query and output stay in registers; every released model has it. For heads of
 * 128 the compiler of a CPU adapter took one to four minutes.
 */
const MAX_REGISTER_HEAD = 64;
/** Output of a thread of the chunked form, in vec4s. */
const CHUNK_VECS = 8;

/** The constants of a head size; vec4 loads where heads start on whole vec4s. */
export function headConstants(headSize: number): Constants {
  return { HEAD_SIZE: headSize };
}

function textConstants({ HEAD_SIZE }: Constants): Constants {
  const HEAD_VECS = Math.ceil(HEAD_SIZE / 4);
  return {
    HEAD_SIZE,
    HEAD_VECS,
    ALIGNED: Number(HEAD_SIZE % 4 === 0),
    QUERIES: QUERIES_PER_BLOCK,
    STAGED_VECS: STAGED_KEYS * HEAD_VECS,
    CHUNK_VECS,
    CHUNKS: Math.ceil(HEAD_VECS / CHUNK_VECS),
  };
}

const inRegisters = (name: string, shader: string): KernelVariant => ({
  name,
  shader: bindings + shader,
  serves: ({ HEAD_SIZE }) => HEAD_SIZE <= MAX_REGISTER_HEAD,
  constants: textConstants,
  workgroups: ({ block_start, block_end, heads }) => (block_end - block_start) * heads,
});

const directLoads = inRegisters('direct', direct);
const stagedLoads = inRegisters('staged', staged);
const inChunks: KernelVariant = {
  name: 'chunked',
  shader: bindings + chunked,
  constants: textConstants,
  workgroups: ({ block_start, block_end, heads }, constants) =>
    (block_end - block_start) * heads * textConstants(constants).CHUNKS,
};

/**
 * y = softmax(q · kᵀ · scale) · v for each head, over packed cells: a workgroup takes one block of
 * queries of one cell and walks only that cell's keys, with the running maximum and sum of
 * FlashAttention (Dao et al. 2022), so that no score matrix exists. qkv [rows, 3 · heads · headSize],
 * blocks [n] of (first query row, queries, first key row, keys), y [rows, heads · headSize].
 */
export const attention: Kernel = {
  name: 'attention',
  reads: ['qkv', 'blocks'],
  writes: 'y',
  uniforms: {
    block_start: 'u32',
    block_end: 'u32',
    heads: 'u32',
    qkv_stride4: 'u32',
    y_stride4: 'u32',
    scale: 'f32',
  },
  variants: {
    hardware: [stagedLoads, directLoads, inChunks],
    software: [directLoads, stagedLoads, inChunks],
  },
};
