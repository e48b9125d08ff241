import type { UniformValues } from '../../../../gpu/uniforms.ts';
import type { Constants } from '../../kernel.ts';

/** What the forms of attention and of its backward pass have in common. */

/** Rows of one block at most: one workgroup. */
export const QUERIES_PER_BLOCK = 64;

/**
 * The largest head whose rows stay in registers; every released model has it. For heads of 128 the compiler
 * of a CPU adapter took one to four minutes.
 */
export const MAX_REGISTER_HEAD = 64;
/** The largest head whose tile fits the 32 KiB of workgroup memory that GPUs have. */
export const MAX_TILE_HEAD = 128;
/** Rows of other queries or keys in workgroup memory together, of the form with tiles. */
export const TILE_ROWS = 32;
/** Answer of a thread of the chunked form, in vec4s. */
const CHUNK_VECS = 8;

/** The constants of the text of any form, from the head size. */
export function headConstants({ HEAD_SIZE }: Constants): Constants {
  return {
    HEAD_SIZE,
    HEAD_VECS: Math.ceil(HEAD_SIZE / 4),
    // vec4 loads where heads start on whole vec4s.
    ALIGNED: Number(HEAD_SIZE % 4 === 0),
    THREADS: QUERIES_PER_BLOCK,
  };
}

/** The constants of `rows` rows of a block for each thread. */
export function rowsPerThread(rows: number): Constants {
  return { PER_THREAD: rows, THREADS: QUERIES_PER_BLOCK / rows };
}

/** Whether heads are of whole groups of four vec4s that stay in registers: what a subgroup's lanes load. */
export function servesSubgroups({ HEAD_SIZE }: Constants): boolean {
  return HEAD_SIZE % 16 === 0 && HEAD_SIZE <= MAX_REGISTER_HEAD;
}

/** Bytes of a tile of other rows, and of their products with the rows of a block. */
export function tileBytes({ HEAD_SIZE }: Constants): number {
  return TILE_ROWS * (16 * (Math.ceil(HEAD_SIZE / 4) + 1) + 4 * (QUERIES_PER_BLOCK + 1));
}

/** One workgroup for each block and head. */
export function workgroupPerBlock({ block_start, block_end, heads }: UniformValues): number {
  return (block_end - block_start) * heads;
}

/** The constants of the chunked form: a head in chunks of a thread's answer. */
export function chunkConstants({ HEAD_SIZE }: Constants): Readonly<Record<'CHUNK_VECS' | 'CHUNKS', number>> {
  return { CHUNK_VECS, CHUNKS: Math.ceil(Math.ceil(HEAD_SIZE / 4) / CHUNK_VECS) };
}
