import { LocalDatasetService } from '../run/dataset-service.ts';
import { mappedColumns } from '../tokenize/gene-mapping.ts';
import { nodeDatasetEnvironment } from './node-environment.ts';
import { inputOf } from './node-files.ts';

/** What `inspect --json` prints. */
export interface Inspection {
  readonly format: string;
  readonly n_obs: number;
  readonly n_vars: number;
  readonly counts: string | null;
  readonly reason: string;
  /** Matrices that may be read as counts if asked for by `--matrix`, and what to know before. */
  readonly offers: readonly { readonly matrix: string; readonly finding: string; readonly note: string }[];
  /** What else to know: most rows look like empty droplets. */
  readonly note: string | null;
  readonly first_cell_sum: number | null;
  /** Columns of the chosen matrix (of X where none is chosen) with an Ensembl id. */
  readonly genes_mapped: number;
  readonly obs: readonly string[];
}

/** What the child process that opens the file hands back. */
export interface InspectedFile {
  readonly inspection: Inspection;
  /** Tab-separated table of all columns, where it was asked for. */
  readonly geneReport: string | null;
}

/**
 * Opens what the paths name and says what is in it.
 * @param model folder of the model whose vocabulary the gene report is about; null = no gene report
 * @throws what opening and mapping throw
 */
export async function inspect(files: readonly string[], model: string | null): Promise<InspectedFile> {
  const service = new LocalDatasetService(nodeDatasetEnvironment());
  try {
    const summary = await service.open(inputOf(files), {});
    const matrix = summary.counts ?? summary.scans[0]?.matrix.name ?? 'X';
    // A file without any matrix has no columns to map.
    const mapping = await service.mapping(matrix).catch((error: unknown) => {
      if (summary.scans.length > 0) throw error;
      return null;
    });
    const geneReport =
      model === null || mapping === null
        ? null
        : await service.geneReport({ kind: 'directory', path: model }, matrix, {});
    const inspection: Inspection = {
      format: summary.format,
      n_obs: summary.nObs,
      n_vars: summary.nVars,
      counts: summary.counts,
      reason: summary.reason,
      offers: summary.scans.flatMap(({ matrix: { name }, finding, offer }) =>
        offer === undefined ? [] : [{ matrix: name, finding, note: offer }],
      ),
      note: summary.emptyNote,
      first_cell_sum: summary.firstCellSum,
      genes_mapped: mapping === null ? 0 : mappedColumns(mapping),
      obs: summary.obsColumns,
    };
    return { inspection, geneReport };
  } finally {
    await service.close();
  }
}

/** The same for people. */
export function describeInspection(found: Inspection): string {
  return [
    `${found.format}: ${found.n_obs} cells × ${found.n_vars} genes`,
    `counts: ${found.counts ?? 'none'} – ${found.reason}`,
    ...found.offers.map(({ matrix, finding, note }) => `offered: --matrix '${matrix}' – ${finding}. ${note}`),
    ...(found.note === null ? [] : [found.note]),
    `genes with an Ensembl id: ${found.genes_mapped}`,
    `obs: ${found.obs.join(', ') || '(no columns)'}`,
  ].join('\n');
}
