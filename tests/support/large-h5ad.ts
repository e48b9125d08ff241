import { readFileSync, writeFileSync } from 'node:fs';
import h5wasm, { type Dataset, type Group } from 'h5wasm/node';
import type { Column } from '../../src/data/dataset.ts';
import { writeColumn } from '../../src/export/anndata.ts';
import { withBooleans } from '../../src/export/boolean-type.ts';
import { h5Place, setTexts } from '../../src/export/h5-place.ts';

export interface LargeFile {
  readonly cells: number;
  /** Stored values of each cell. */
  readonly stored: number;
  readonly genes: readonly string[];
}

/** Donors of the cells, one after the other as in most files. */
export const LARGE_FILE_DONORS = ['d0', 'd1', 'd2', 'd3', 'd4', 'd5', 'd6', 'd7'] as const;

/** Cells written at once. */
const CELLS = 2_000;
/** Values in a chunk of the file: 256 kB. */
const CHUNK = 65_536;

/**
 * Writes an uncompressed CSR `.h5ad` piece by piece, so that files larger than memory can be made: every cell
 * has `stored` genes, spread over all of them, with counts from 1 to 9; 8 bytes each. obs has the `donor_id`,
 * an equal block of cells for each donor.
 */
export async function writeLargeH5ad(path: string, { cells, stored, genes }: LargeFile): Promise<void> {
  await h5wasm.ready;
  const tables = new h5wasm.File(path, 'w');
  encode(tables, 'anndata', '0.1.0');
  writeTable(
    tables,
    'obs',
    ['donor_id'],
    Array.from({ length: cells }, (_, i) => `c${i}`),
  );
  writeColumn(h5Place(tables.get('obs') as Group), 'donor_id', donors(cells));
  writeTable(tables, 'var', [], genes);
  tables.close();
  writeFileSync(path, withBooleans(new Uint8Array(readFileSync(path))));
  const file = new h5wasm.File(path, 'a');
  const matrix = file.create_group('X');
  encode(matrix, 'csr_matrix', '0.1.0');
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

function encode(place: Pick<Group, 'create_attribute'>, type: string, version: string): void {
  place.create_attribute('encoding-type', type);
  place.create_attribute('encoding-version', version);
}

function writeTable(
  file: Pick<Group, 'create_group'>,
  name: string,
  columns: readonly string[],
  index: readonly string[],
): void {
  const group = file.create_group(name);
  encode(group, 'dataframe', '0.2.0');
  group.create_attribute('_index', '_index');
  setTexts(group, 'column-order', columns);
  group.create_dataset({ name: '_index', data: [...index] });
  encode(group.get('_index') as Dataset, 'string-array', '0.2.0');
}

function donors(cells: number): Column {
  const codes = Int32Array.from({ length: cells }, (_, i) =>
    Math.floor((i * LARGE_FILE_DONORS.length) / cells),
  );
  return { kind: 'categorical', codes, categories: LARGE_FILE_DONORS, ordered: false };
}

/** Murmur3's finaliser: 32 bits that look random. */
function mixed(n: number): number {
  let bits = n >>> 0;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}
