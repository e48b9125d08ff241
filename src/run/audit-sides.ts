import type { CellGroups } from '../audit/findings.ts';
import type { Sketch } from '../audit/sketch.ts';
import { isSafetensors, readSketch } from '../audit/sketch-file.ts';
import { chooseCounts } from '../data/choose-counts.ts';
import type { Column, Dataset, MatrixName } from '../data/dataset.ts';
import { donorColumn } from '../data/donor-column.ts';
import type { H5Runtime } from '../data/h5ad/runtime.ts';
import { nameOfInput } from '../data/input.ts';
import { findPackageFiles } from '../model/package-files.ts';
import type { PackageSource } from '../model/package-source.ts';
import type { GeneMapping } from '../tokenize/gene-mapping.ts';
import { RunError } from './errors.ts';
import { textOf } from './selection.ts';

/** A file whose cells are compared. */
export interface AuditSide {
  readonly dataset: Dataset;
  readonly matrix: MatrixName;
  /** [columns] Ensembl ids, null = none. */
  readonly ensembl: readonly (string | null)[];
  /** Donors, or whatever keeps cells together in a split. */
  readonly groups: CellGroups | null;
}

/** The training cells of a model; `sketch` null where its package has none. */
export interface AuditModel {
  readonly name: string;
  readonly sketch: Sketch | null;
}

/** What else the cells are compared with. */
export type AuditOther =
  | { readonly kind: 'file'; readonly side: AuditSide }
  | { readonly kind: 'sketch'; readonly name: string; readonly sketch: Sketch };

/** The sketch of a package's training cells, or null. @throws AuditError, ModelError */
export async function modelSketch(source: PackageSource): Promise<AuditModel> {
  const files = findPackageFiles(await source.list(), { folder: undefined, needWeights: false });
  return {
    name: files.config.split('/').at(-2) ?? source.name,
    sketch: files.sketch === null ? null : await readSketch(await source.open(files.sketch)),
  };
}

/**
 * Opens what a file is compared with, told by its contents; the caller closes a dataset.
 * @throws AuditError, DataError, RunError 'no-counts'
 */
export async function openOther(
  against: File | string,
  runtime: H5Runtime,
  openFile: (file: File | string) => Promise<Dataset>,
  mapGenes: (dataset: Dataset, matrix: MatrixName) => Promise<GeneMapping>,
  signal: AbortSignal | undefined,
): Promise<AuditOther> {
  const name = nameOfInput(against);
  const bytes = await runtime.bytes(against);
  if (await isSafetensors(bytes)) return { kind: 'sketch', name, sketch: await readSketch(bytes) };
  const dataset = await openFile(against);
  try {
    const { counts, reason } = await chooseCounts(dataset, signal);
    if (counts === null) throw new RunError('no-counts', `${name}: ${reason}`, name);
    const column = donorColumn(dataset.obsColumns);
    const { ensembl } = await mapGenes(dataset, counts);
    const groups = column === null ? null : groupsOf(await dataset.obs(column));
    return { kind: 'file', side: { dataset, matrix: counts, ensembl, groups } };
  } catch (error) {
    dataset.close();
    throw error;
  }
}

/** The values of an obs column as groups of cells. */
export function groupsOf(column: Column): CellGroups {
  if (column.kind === 'categorical') return { names: column.categories, codes: column.codes };
  const text = textOf(column);
  const known = new Map<string, number>();
  const codes = Int32Array.from({ length: column.values.length }, (_, cell) => {
    const name = text(cell);
    if (name === null) return -1;
    const code = known.get(name) ?? known.size;
    known.set(name, code);
    return code;
  });
  return { names: [...known.keys()], codes };
}
