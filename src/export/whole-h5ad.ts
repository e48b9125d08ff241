import type { Column } from '../data/dataset.ts';
import type { H5Library } from '../data/h5ad/runtime.ts';
import {
  asCategories,
  codesOf,
  distinctTexts,
  encoding,
  hasNoMissing,
  safeNames,
  writeAbout,
  writeColumn,
} from './anndata.ts';
import { ExportError } from './errors.ts';
import {
  type BooleanTally,
  type H5Dataset,
  type H5File,
  type H5Group,
  h5Place,
  setTexts,
} from './h5-place.ts';
import { type EmbeddedRows, writeEmbedding } from './h5-rows.ts';
import { type ExportTable, integersOf, type NamedEmbedding } from './table.ts';

/** What is added to a file of cells. */
export interface Addition {
  /** Cells of the file. */
  readonly cells: number;
  /** Those that were embedded, ascending. */
  readonly rows: Uint32Array;
  /** [cells] each; made when it is written, so that a large file's are never held together. */
  readonly columns: readonly { readonly name: string; readonly column: () => Column }[];
  /** [rows] */
  readonly embeddings: readonly NamedEmbedding[];
  readonly colors: ExportTable['colors'];
  readonly about: ExportTable['about'];
}

/** What became of an addition. */
export interface Added {
  /** Names that the file had already, and what ours are called instead. */
  readonly renamed: readonly { readonly wanted: string; readonly given: string }[];
  /** How many booleans `patchBooleans` must find. */
  readonly booleans: number;
}

/**
 * Adds obs columns, obsm, uns and colours to an `.h5ad` that is there, in the encoding its obs has: that of anndata 0.8
 * and newer, or that of 0.7 (`__categories`, no encodings). Nothing that stands in the file is changed but the list of obs
 * columns. The library cannot take a name away, so where the file has one of ours, ours gets a number.
 * @param path of a copy that the library may change
 * @param pause called between blocks; it may throw to cancel, the copy is then of no use
 * @throws ExportError 'whole-impossible' where the file is of another kind; what the library throws
 */
export async function addToH5ad(
  library: H5Library,
  path: string,
  addition: Addition,
  pause: () => Promise<void>,
): Promise<Added> {
  const file = new library.File(path, 'a');
  try {
    const obs = ownGroup(library, file, 'obs');
    const isOld = isOldFrame(obs);
    checkCells(library, obs, addition.cells);
    const tally: BooleanTally = { booleans: 0 };
    const uns = ownGroup(library, file, 'uns', isOld);
    const obsm = ownGroup(library, file, 'obsm', isOld);
    const wanted = addition.columns.map(({ name }) => name);
    const listed = listedColumns(obs);
    const columnNames = safeNames(wanted, [...obs.keys(), ...listed, ...coloured(uns)]);
    for (const [i, { column }] of addition.columns.entries()) {
      await pause();
      if (isOld) writeOldColumn(library, obs, columnNames[i], column(), tally);
      else writeColumn(h5Place(obs, tally), columnNames[i], column());
    }
    setTexts(obs, 'column-order', [...listed, ...columnNames]);
    const keys = addition.embeddings.map(({ key }) => key);
    const keyNames = safeNames(keys, obsm.keys());
    const rows: EmbeddedRows = { rows: addition.rows, cells: addition.cells };
    for (const [i, embedding] of addition.embeddings.entries()) {
      const made = await writeEmbedding(obsm, keyNames[i], embedding, rows, pause);
      if (!isOld) attachEncoding(made);
    }
    const [about] = safeNames(['teddy'], uns.keys());
    const place = h5Place(uns, tally);
    if (isOld) writeOldAbout(uns, about, addition.about);
    else writeAbout(place, about, addition.about);
    for (const [i, { name }] of addition.columns.entries()) {
      const colors = addition.colors[name];
      const attributes = isOld ? {} : encoding('string-array', '0.2.0');
      if (colors) place.strings(`${columnNames[i]}_colors`, colors, attributes);
    }
    const given = [...columnNames, ...keyNames, about];
    return {
      renamed: [...wanted, ...keys, 'teddy'].flatMap((name, i) =>
        name === given[i] ? [] : [{ wanted: name, given: given[i] }],
      ),
      booleans: tally.booleans,
    };
  } finally {
    file.close();
  }
}

/**
 * A group below the root of the file itself, made where there is none.
 * @throws ExportError where something else is there, or a link leads out of the file
 */
function ownGroup(library: H5Library, file: H5File, name: string, makeOld?: boolean): H5Group {
  // Asked for what is not there, the library throws rather than saying so.
  const isThere = file.keys().includes(name);
  const found = isThere && !file.get_link(`/${name}`) ? file.get(name) : null;
  if (found instanceof library.Group) return found;
  if (!isThere && makeOld !== undefined) {
    const made = file.create_group(name);
    if (!makeOld) h5Place(made).attributes(encoding('dict', '0.1.0'));
    return made;
  }
  throw new ExportError(
    'whole-impossible',
    `${name} of this file is no group of its own, as anndata before 0.7 or a link has it`,
  );
}

/** Whether obs is encoded as anndata 0.7 did. @throws ExportError for what is neither that nor newer */
function isOldFrame(obs: H5Group): boolean {
  const version = obs.attrs['encoding-version']?.value;
  const type = obs.attrs['encoding-type']?.value;
  if (type === 'dataframe' && version === '0.2.0') return false;
  if (type === 'dataframe' && version === '0.1.0') return true;
  throw new ExportError('whole-impossible', 'obs of this file is in no encoding of anndata 0.7 or newer');
}

/** @throws ExportError where the copy does not have the cells that were embedded */
function checkCells(library: H5Library, obs: H5Group, cells: number): void {
  const index = obs.attrs._index?.value;
  const found = typeof index === 'string' ? obs.get(index) : null;
  const names = found instanceof library.Group ? found.get('values') : found;
  if (!(names instanceof library.Dataset) || names.shape?.[0] !== cells)
    throw new ExportError('whole-impossible', 'the file does not have the cells that were read from it');
}

function listedColumns(obs: H5Group): readonly string[] {
  const listed = obs.attrs['column-order']?.value;
  return Array.isArray(listed) ? listed.filter((name) => typeof name === 'string') : [];
}

/** Columns that uns has colours for, whether they are there or not. */
function coloured(uns: H5Group): string[] {
  return uns.keys().flatMap((key) => (key.endsWith('_colors') ? [key.slice(0, -'_colors'.length)] : []));
}

/** A column as anndata 0.7 has it: categories apart and named by a reference, no nullable types. */
function writeOldColumn(
  library: H5Library,
  obs: H5Group,
  name: string,
  column: Column,
  tally: BooleanTally,
): void {
  const place = h5Place(obs, tally);
  switch (column.kind) {
    case 'categorical': {
      const found = obs.get('__categories');
      const group = found instanceof library.Group ? found : obs.create_group('__categories');
      h5Place(group).strings(name, distinctTexts(column.categories), {});
      const categories = group.get(name) as H5Dataset;
      const codes = obs.create_dataset({ name, data: codesOf(column), shape: [column.codes.length] });
      codes.create_attribute('categories', categories.create_reference());
      return;
    }
    case 'string':
      if (hasNoMissing(column.values)) place.strings(name, column.values, {});
      else writeOldColumn(library, obs, name, asCategories(column.values), tally);
      return;
    case 'numeric':
      place.numbers(name, integersOf(column) ?? column.values, [column.values.length], {});
      return;
    case 'boolean': {
      const { values, missing } = column;
      if (!missing) place.booleans(name, values, {});
      else {
        const texts = Array.from(values, (value, i) => (missing[i] ? null : value ? 'True' : 'False'));
        writeOldColumn(library, obs, name, asCategories(texts), tally);
      }
    }
  }
}

function writeOldAbout(uns: H5Group, name: string, about: ExportTable['about']): void {
  const place = h5Place(uns).group(name, {});
  for (const [key, value] of Object.entries(about)) place.scalar(key, value, {});
}

function attachEncoding(dataset: H5Dataset): void {
  for (const [name, value] of Object.entries(encoding('array', '0.2.0')))
    dataset.create_attribute(name, value as string);
}
