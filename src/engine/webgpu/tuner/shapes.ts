import { padTo4 } from '../../../gpu/buffers.ts';
import type { ModelConfig } from '../../../model/config.ts';
import type { Precision } from '../../engine.ts';
import { type Dispatch, STORED_BYTES } from '../dispatch.ts';
import { attentionConstants } from '../kernels/attention/attention.ts';
import { QUERIES_PER_BLOCK } from '../kernels/attention/forms.ts';
import { gemmConstants, gemmUniforms } from '../kernels/gemm/gemm.ts';
import { familyOf, shapeClass } from '../variants.ts';

/** A dispatch to be timed, and what it reads and writes. */
export interface TimedDispatch {
  readonly key: string;
  readonly family: string;
  readonly dispatch: Dispatch;
  /** Bytes of its buffers. */
  readonly buffers: Readonly<Record<string, number>>;
  /** Blocks of attention, the one input whose content matters. */
  readonly blocks: Uint32Array<ArrayBuffer> | null;
}

/** Rows of a product so large that every device is filled, and so small that a phone is not busy long. */
const ROWS = { hardware: 2048, software: 64 } as const;
/** Tokens of the cells that attention is timed on: the median of real ones. */
const CELL_TOKENS = { hardware: 1024, software: 192 } as const;
const CELLS = { hardware: 4, software: 1 } as const;

/** The dispatches of a model's layer that are worth timing, the most costly product first. */
export function timedDispatches(
  config: ModelConfig,
  storage: Precision,
  software: boolean,
): readonly TimedDispatch[] {
  const { dModel: d, dHid } = config;
  const kind = software ? 'software' : 'hardware';
  const sizes = [
    [d, dHid],
    [dHid, d],
    [d, 3 * d],
    [d, d],
  ] as const;
  return [
    ...sizes.map(([inner, columns]) => timedProduct(ROWS[kind], inner, columns, storage)),
    timedAttention(config, CELLS[kind], CELL_TOKENS[kind], storage),
  ];
}

function timedProduct(rows: number, inner: number, columns: number, storage: Precision): TimedDispatch {
  const bytes = STORED_BYTES[storage];
  const dispatch: Dispatch = {
    label: 'timed product',
    kernel: 'gemm',
    constants: gemmConstants('bias'),
    storage,
    buffers: { x: 'x', weight: 'weight', bias: 'bias', residual: 'bias', y: 'y' },
    uniforms: gemmUniforms({ rows, inner, columns }),
    flops: 2 * rows * inner * columns,
  };
  return {
    // Slices of a run have thousands of rows: timed on fewer, it is their class all the same.
    key: shapeClass({ ...dispatch, uniforms: gemmUniforms({ rows: 1e6, inner, columns }) }),
    family: familyOf(dispatch),
    dispatch,
    buffers: {
      x: bytes * rows * padTo4(inner),
      weight: bytes * padTo4(inner) * padTo4(columns),
      bias: 4 * padTo4(columns),
      y: bytes * rows * padTo4(columns),
    },
    blocks: null,
  };
}

function timedAttention(
  { dModel: d, nHeads }: ModelConfig,
  cells: number,
  tokens: number,
  storage: Precision,
): TimedDispatch {
  const bytes = STORED_BYTES[storage];
  const blocks: number[] = [];
  for (let cell = 0; cell < cells; cell++)
    for (let query = 0; query < tokens; query += QUERIES_PER_BLOCK)
      blocks.push(cell * tokens + query, QUERIES_PER_BLOCK, cell * tokens, tokens);
  const dispatch: Dispatch = {
    label: 'timed attention',
    kernel: 'attention',
    constants: attentionConstants(d / nHeads),
    storage,
    buffers: { qkv: 'qkv', blocks: 'blocks', y: 'y' },
    uniforms: {
      block_start: 0,
      block_end: blocks.length / 4,
      heads: nHeads,
      qkv_stride4: padTo4(3 * d) / 4,
      y_stride4: padTo4(d) / 4,
      scale: 1 / Math.sqrt(d / nHeads),
    },
    flops: 4 * cells * tokens * tokens * d,
  };
  return {
    key: shapeClass(dispatch),
    family: familyOf(dispatch),
    dispatch,
    buffers: {
      qkv: bytes * cells * tokens * padTo4(3 * d),
      y: bytes * cells * tokens * padTo4(d),
    },
    blocks: Uint32Array.from(blocks),
  };
}
