import h5wasm, { type Dataset } from 'h5wasm/node';

export interface LargeFile {
  readonly cells: number;
  /** Stored values of each cell. */
  readonly stored: number;
  readonly genes: readonly string[];
}

/** Cells written at once. */
const CELLS = 2_000;
/** Values in a chunk of the file: 256 kB. */
const CHUNK = 65_536;

/**
 * Writes an uncompressed CSR `.h5ad` piece by piece, so that files larger than memory can be made: every cell
 * has `stored` genes, spread over all of them, with counts from 1 to 9; 8 bytes each.
 */
export async function writeLargeH5ad(path: string, { cells, stored, genes }: LargeFile): Promise<void> {
  await h5wasm.ready;
  const file = new h5wasm.File(path, 'w');
  for (const [table, names] of [
    ['obs', Array.from({ length: cells }, (_, i) => `c${i}`)],
    ['var', [...genes]],
  ] satisfies [string, string[]][]) {
    const group = file.create_group(table);
    group.create_attribute('encoding-type', 'dataframe');
    group.create_attribute('_index', '_index');
    group.create_dataset({ name: '_index', data: names });
  }
  const matrix = file.create_group('X');
  matrix.create_attribute('encoding-type', 'csr_matrix');
  matrix.create_attribute('shape', BigInt64Array.of(BigInt(cells), BigInt(genes.length)));
  matrix.create_dataset({
    name: 'indptr',
    data: BigInt64Array.from({ length: cells + 1 }, (_, i) => BigInt(i * stored)),
  });
  const stride = Math.floor(genes.length / stored);
  const indices = new Int32Array(CELLS * stored);
  const values = new Float32Array(CELLS * stored);
  const written: Dataset[] = [];
  for (let from = 0; from < cells; from += CELLS) {
    const count = Math.min(CELLS, cells - from) * stored;
    for (let i = 0; i < count; i++) {
      const bits = mixed(from * stored + i);
      indices[i] = (i % stored) * stride + (bits % stride);
      values[i] = 1 + ((bits >>> 16) % 9);
    }
    const start = from * stored;
    const pieces = [indices.subarray(0, count), values.subarray(0, count)] as const;
    for (const [k, data] of pieces.entries()) {
      if (from === 0) {
        const place = { shape: [count], maxshape: [cells * stored], chunks: [Math.min(CHUNK, count)] };
        written[k] = matrix.create_dataset({ name: k === 0 ? 'indices' : 'data', data, ...place });
      } else {
        written[k].resize([start + count]);
        written[k].write_slice([[start, start + count]], data);
      }
    }
  }
  file.close();
}

/** Murmur3's finaliser: 32 bits that look random. */
function mixed(n: number): number {
  let bits = n >>> 0;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}
