import type { ByteSource } from '../../model/byte-source.ts';
import type { Dataset } from '../dataset.ts';
import { DataError } from '../errors.ts';
import { openAnnData } from '../h5ad/open-anndata.ts';
import type { H5Runtime } from '../h5ad/runtime.ts';
import type { DataInput } from '../input.ts';
import { checkChunkNames } from './chunk-names.ts';
import { readNodes } from './nodes.ts';
import { ZarrReader } from './reader.ts';
import { folderStore, type ZarrStore, zipStore } from './store.ts';

/** Opens a `.zarr.zip` of AnnData. @throws DataError */
export async function openZarrZip(source: ByteSource, fileName: string): Promise<Dataset> {
  const store = await zipStore(source);
  if (!store.paths.some((path) => /(^|\/)(\.zgroup|zarr\.json)$/.test(path))) {
    throw new DataError(
      'unsupported-format',
      'this is a zip archive without zarr in it; unpack it and drop what is inside',
      'a zip archive',
    );
  }
  return openStore(store, fileName);
}

/** Opens a zarr folder of AnnData. @param files by their path below the folder */
export function openZarrFolder(
  files: ReadonlyMap<string, DataInput>,
  fileName: string,
  runtime: H5Runtime,
): Promise<Dataset> {
  return openStore(
    folderStore(files, (file) => runtime.bytes(file)),
    fileName,
  );
}

async function openStore(store: ZarrStore, fileName: string): Promise<Dataset> {
  const nodes = await readNodes(store);
  checkChunkNames(store.paths, nodes);
  // The table may lie deeper: in the folder that was zipped, or in the tables of SpatialData.
  const roots = [...nodes.keys()]
    .map((path) => /^(|.*\/)obs$/.exec(path)?.[1])
    .filter((root) => root !== undefined)
    .filter((root) => nodes.has(`${root}var`))
    .sort((a, b) => a.split('/').length - b.split('/').length);
  const [root] = roots;
  if (root === undefined)
    throw new DataError('not-anndata', 'this zarr store has no obs and var: it is no AnnData', 'zarr');
  const alike = roots.filter((other) => other.split('/').length === root.split('/').length);
  if (alike.length > 1) {
    throw new DataError(
      'unsupported-format',
      `this zarr store holds ${alike.length} tables (${alike.map((path) => path.slice(0, -1)).join(', ')}); open one of them`,
      'zarr',
    );
  }
  return openAnnData(new ZarrReader(store, nodes, root), fileName, 'zarr');
}
