import type { ByteSource } from '../model/byte-source.ts';
import { DataError, ofFile } from './errors.ts';
import { detectFormat, type FileFormat } from './file-format.ts';
import { unreadable } from './formats.ts';
import type { H5Runtime } from './h5ad/runtime.ts';
import { type DataInput, type InputFile, lastPart } from './input.ts';

/** A file looked at. */
interface FoundFile {
  readonly path: string;
  readonly file: DataInput;
  readonly source: ByteSource;
  readonly format: FileFormat;
  /** Given by itself, not found in a folder. */
  readonly named: boolean;
}

/** The files that make one dataset; `named` = the user gave them by themselves. */
export type FoundDataset =
  | { readonly kind: 'file'; readonly path: string; readonly named: boolean; readonly found: FoundFile }
  | {
      readonly kind: 'mtx';
      /** Its folder, and what the names of its files begin with. */
      readonly path: string;
      readonly named: boolean;
      readonly matrix: FoundFile;
      readonly texts: readonly FoundFile[];
    }
  /** A folder of zarr: what lies below it by its path there. */
  | {
      readonly kind: 'zarr';
      readonly path: string;
      readonly named: boolean;
      readonly files: ReadonlyMap<string, DataInput>;
    };

const MAX_FILES = 200_000;
/** Files that are looked into: a folder of more is not one of datasets. */
const MAX_LOOKED_AT = 2_000;
const ZARR_MARK = /(^|\/)(\.zgroup|zarr\.json)$/;
const FILTERED = /(^|[/_])filtered_(feature|gene)_bc_matri/;
/** The part of a 10x file's name that says which of the three it is: at its end, or before the sample's name. */
const ROLE =
  /[._-]*(matrix|barcodes?|features?|genes?|cells?|cell_names|gene_names)?(\.(mtx|tsv|txt|csv))?(\.gz)?$/i;
const ROLE_BEFORE = /^(matrix|barcodes?|features?|genes?)[._-]+/i;

/**
 * Sorts what was given into datasets: zarr folders, mtx matrices with their lists, and single files. In a folder
 * whatever is no dataset is passed over; a file given by itself must be one.
 * @throws DataError
 */
export async function gather(
  inputs: readonly InputFile[],
  runtime: H5Runtime,
  signal?: AbortSignal,
): Promise<readonly FoundDataset[]> {
  if (inputs.length > MAX_FILES)
    throw new DataError('too-large', `${inputs.length.toLocaleString('en-US')} files are too many`);
  const { zarr, others } = splitZarr(inputs);
  if (others.length > MAX_LOOKED_AT) {
    throw new DataError(
      'too-large',
      `${others.length.toLocaleString('en-US')} files are too many to look into`,
    );
  }
  const found: FoundFile[] = [];
  for (const { path, file, named = !path.includes('/') } of others) {
    signal?.throwIfAborted();
    try {
      const source = await runtime.bytes(file);
      found.push({ path, file, source, format: await detectFormat(source), named });
    } catch (error) {
      throw inputs.length === 1 ? error : ofFile(error, path);
    }
  }
  const matrices = found.filter(({ format }) => insideOf(format) === 'matrix-market');
  const texts = found.filter(({ format }) => insideOf(format) === 'text');
  const used = new Set<FoundFile>(matrices);
  const mtx = matrices.map((matrix): FoundDataset => {
    const own = listsOf(matrix, texts, matrices.length === 1);
    for (const text of own) used.add(text);
    return { kind: 'mtx', path: prefixOf(matrix.path), named: matrix.named, matrix, texts: own };
  });
  const singles: FoundDataset[] = [];
  for (const one of found) {
    if (used.has(one)) continue;
    if (isReadable(one.format)) singles.push({ kind: 'file', path: one.path, named: one.named, found: one });
    else if (one.named) throw refusal(one, inputs.length);
  }
  const datasets = withoutTwins([...zarr, ...mtx, ...singles]);
  if (datasets.length === 0) {
    throw found.length === 1
      ? unreadable(found[0].format)
      : new DataError('not-a-dataset', 'no file in this folder is a dataset we know');
  }
  return datasets;
}

function insideOf(format: FileFormat): FileFormat['kind'] {
  return format.kind === 'gzip' ? format.inside.kind : format.kind;
}

function isReadable(format: FileFormat): boolean {
  return !['text', 'other', 'unknown'].includes(insideOf(format));
}

function refusal({ path, format }: FoundFile, given: number): unknown {
  const isList = /barcodes|features|genes/i.test(lastPart(path)) && insideOf(format) === 'text';
  const error = isList
    ? new DataError(
        'missing-parts',
        `${lastPart(path)} is a list of a 10x matrix, and matrix.mtx is not there`,
        path,
      )
    : unreadable(format);
  return given === 1 ? error : ofFile(error, path);
}

/** The lists that go with a matrix: of its folder and prefix; with one matrix alone, all of its folder. */
function listsOf(matrix: FoundFile, texts: readonly FoundFile[], alone: boolean): readonly FoundFile[] {
  const prefix = prefixOf(matrix.path);
  const own = texts.filter(({ path }) => prefixOf(path) === prefix);
  if (own.length >= 2 || !alone) return own;
  const folder = folderOf(matrix.path);
  return texts.filter(({ path }) => folderOf(path) === folder);
}

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/') + 1);
}

function prefixOf(path: string): string {
  return folderOf(path) + lastPart(path).replace(ROLE, '').replace(ROLE_BEFORE, '');
}

/** Cell Ranger writes a matrix twice, as .h5 and mtx, and all droplets beside the cells: one of them is enough. */
function withoutTwins(datasets: readonly FoundDataset[]): readonly FoundDataset[] {
  const inFolders = datasets.filter(({ path }) => path.includes('/'));
  const filtered = new Set(inFolders.map(({ path }) => path).filter((path) => FILTERED.test(path)));
  const h5 = new Set(
    inFolders.flatMap(({ path, kind }) => (kind === 'file' ? [path.replace(/\.h5$/, '')] : [])),
  );
  return datasets.filter(({ path, kind }) => {
    const twin = path.replace(/(^|[/_])raw_(feature|gene)_bc_/, '$1filtered_$2_bc_');
    if (twin !== path && (filtered.has(twin) || filtered.has(twin.replace(/\/$|\.h5$/, '.h5')))) return false;
    return kind !== 'mtx' || !h5.has(path.replace(/\/$/, ''));
  });
}

/** Files below a folder that says it is zarr, and the rest. */
function splitZarr(inputs: readonly InputFile[]): {
  readonly zarr: readonly FoundDataset[];
  readonly others: readonly InputFile[];
} {
  const marked = inputs
    .filter(({ path }) => ZARR_MARK.test(path))
    .map(({ path }) => folderOf(path))
    .sort((a, b) => a.length - b.length);
  const roots: string[] = [];
  for (const folder of marked) if (!roots.some((root) => folder.startsWith(root))) roots.push(folder);
  const stores = new Map(roots.map((root) => [root, new Map<string, DataInput>()]));
  const others: InputFile[] = [];
  for (const input of inputs) {
    const root = roots.find((folder) => input.path.startsWith(folder));
    if (root === undefined) others.push(input);
    else stores.get(root)?.set(input.path.slice(root.length), input.file);
  }
  const zarr = [...stores].map(
    ([root, files]): FoundDataset => ({ kind: 'zarr', path: root.replace(/\/$/, ''), named: false, files }),
  );
  return { zarr, others };
}
