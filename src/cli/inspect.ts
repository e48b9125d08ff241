import { LocalDatasetService } from '../run/dataset-service.ts';
import { nodeDatasetEnvironment } from './node-environment.ts';
import { inputOf } from './node-files.ts';

/** What `inspect --json` prints. */
export interface Inspection {
  readonly format: string;
  readonly n_obs: number;
  readonly n_vars: number;
  readonly counts: string | null;
  readonly reason: string;
  readonly first_cell_sum: number | null;
  /** Columns of the chosen matrix (of X where none is chosen) with an Ensembl id. */
  readonly genes_mapped: number;
  readonly obs: readonly string[];
}

/** Opens what the paths name and says what is in it. @throws what opening and mapping throw */
export async function inspect(files: readonly string[]): Promise<Inspection> {
  const service = new LocalDatasetService(nodeDatasetEnvironment());
  try {
    const summary = await service.open(inputOf(files), {});
    const matrix = summary.counts ?? summary.scans[0]?.matrix.name ?? 'X';
    // A file without any matrix has no columns to map.
    const mapping = await service.mapping(matrix).catch((error: unknown) => {
      if (summary.scans.length > 0) throw error;
      return null;
    });
    return {
      format: summary.format,
      n_obs: summary.nObs,
      n_vars: summary.nVars,
      counts: summary.counts,
      reason: summary.reason,
      first_cell_sum: summary.firstCellSum,
      genes_mapped: mapping?.ensembl.reduce((sum, id) => sum + (id === null ? 0 : 1), 0) ?? 0,
      obs: summary.obsColumns,
    };
  } finally {
    await service.close();
  }
}

/** The same for people. */
export function describeInspection(found: Inspection): string {
  return [
    `${found.format}: ${found.n_obs} cells × ${found.n_vars} genes`,
    `counts: ${found.counts ?? 'none'} – ${found.reason}`,
    `genes with an Ensembl id: ${found.genes_mapped}`,
    `obs: ${found.obs.join(', ') || '(no columns)'}`,
  ].join('\n');
}
