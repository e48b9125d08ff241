import h5wasm from 'h5wasm/node';

export interface SparseParts {
  readonly encoding: 'csr_matrix' | 'csc_matrix';
  readonly shape: readonly [number, number];
  readonly indptr: readonly number[];
  readonly indices: readonly number[];
  readonly data: readonly number[];
}

/** Writes a small .h5ad as it comes, consistent or not: `cells` and `genes` are the lengths of obs and var. */
export async function writeH5ad(
  path: string,
  parts: {
    readonly cells: number;
    readonly genes: number;
    readonly matrices: Readonly<Record<string, SparseParts>>;
  },
  extra: (file: InstanceType<typeof h5wasm.File>) => void = () => {},
): Promise<void> {
  await h5wasm.ready;
  const file = new h5wasm.File(path, 'w');
  for (const [table, rows] of [
    ['obs', parts.cells],
    ['var', parts.genes],
  ] as const) {
    const group = file.create_group(table);
    group.create_attribute('encoding-type', 'dataframe');
    group.create_attribute('_index', '_index');
    const names = Array.from({ length: rows }, (_, i) => `${table}${i}`);
    group.create_dataset({ name: '_index', data: names });
  }
  for (const [name, { encoding, shape, indptr, indices, data }] of Object.entries(parts.matrices)) {
    const [folder, last] = name.includes('/') ? name.split('/') : ['', name];
    const parent = folder === '' ? file : (file.get(folder) ?? file.create_group(folder));
    if (!(parent instanceof h5wasm.Group)) throw new Error(`${folder} is no group`);
    const group = parent.create_group(last);
    group.create_attribute('encoding-type', encoding);
    group.create_attribute('shape', BigInt64Array.from(shape, BigInt));
    group.create_dataset({ name: 'indptr', data: Int32Array.from(indptr) });
    group.create_dataset({ name: 'indices', data: Int32Array.from(indices) });
    group.create_dataset({ name: 'data', data: Float32Array.from(data) });
  }
  extra(file);
  file.close();
}
