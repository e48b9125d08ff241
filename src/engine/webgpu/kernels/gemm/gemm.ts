import { padTo4 } from '../../../../gpu/buffers.ts';
import type { UniformValues } from '../../../../gpu/uniforms.ts';
import type { Constants, Kernel } from '../../kernel.ts';
import { laneTile, registerTile, subgroupTile, workgroupTile } from './variants.ts';

/** What becomes of a sum: nothing, a bias, and behind the bias an activation or the residual stream. */
export type Epilogue = 'none' | 'bias' | 'gelu' | 'relu' | 'residual';

/** Which of the two matrices lies transposed: x · w, x · wᵀ, xᵀ · w. */
export type GemmForm = 'nn' | 'nt' | 'tn';

/** The constants that choose form and epilogue; `accumulate` of 1 adds the product to y. */
export function gemmConstants(epilogue: Epilogue, form: GemmForm = 'nn', accumulate = 0): Constants {
  return {
    NN: Number(form === 'nn'),
    NT: Number(form === 'nt'),
    TN: Number(form === 'tn'),
    BIAS: Number(epilogue !== 'none'),
    GELU: Number(epilogue === 'gelu'),
    RELU: Number(epilogue === 'relu'),
    RESIDUAL: Number(epilogue === 'residual'),
    ACCUMULATE: accumulate,
  };
}

interface GemmSizes {
  /** Rows of y; for form tn the columns of x. */
  readonly rows: number;
  readonly inner: number;
  readonly columns: number;
  /** Only these rows of y are made; for form tn rowStart is a multiple of four. */
  readonly rowStart?: number;
  readonly rowEnd?: number;
}

/** The uniforms of a product. */
export function gemmUniforms({ rows, inner, columns, rowStart, rowEnd }: GemmSizes): UniformValues {
  return {
    row_start: rowStart ?? 0,
    row_end: rowEnd ?? rows,
    rows4: padTo4(rows) / 4,
    inner,
    inner4: padTo4(inner) / 4,
    columns,
    columns4: padTo4(columns) / 4,
  };
}

/**
 * y = epilogue(x · w + bias) and its transposed forms, rows row_start … row_end of it; y += where
 * ACCUMULATE is not zero.
 * nn: x [rows, K], w [K, N], w's rows padded with zeros to a multiple of four (a linear layer with
 * PyTorch's weight stored as its transpose); nt: w [N, K] (gradient by the input); tn: x [K, rows],
 * w [K, N] (gradient by the weight). bias [N], residual and y [rows, N]. Columns are padded with
 * zeros to whole vec4s, and stay so.
 */
export const gemm: Kernel = {
  name: 'gemm',
  reads: ['x', 'weight', 'bias', 'residual'],
  writes: ['y'],
  uniforms: {
    row_start: 'u32',
    row_end: 'u32',
    rows4: 'u32',
    inner: 'u32',
    inner4: 'u32',
    columns: 'u32',
    columns4: 'u32',
  },
  variants: {
    hardware: [
      workgroupTile(64, 64, 2, 2),
      workgroupTile(128, 64, 2, 2),
      workgroupTile(32, 32, 1, 1),
      registerTile(8, 1),
      registerTile(4, 4),
      registerTile(4, 2),
      subgroupTile(8, 2),
      subgroupTile(16, 1),
    ],
    software: [
      registerTile(4, 2),
      registerTile(8, 1),
      registerTile(4, 4),
      registerTile(2, 4),
      laneTile(3, 2),
      subgroupTile(16, 2),
      subgroupTile(16, 1),
      subgroupTile(8, 2),
      workgroupTile(64, 64, 2, 2),
      workgroupTile(32, 32, 1, 1),
      workgroupTile(128, 64, 2, 2),
    ],
  },
};
