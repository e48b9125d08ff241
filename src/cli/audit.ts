import type { AuditFindings, Duplicates, Overlap } from '../audit/findings.ts';
import { auditSentences } from '../audit/sentences.ts';
import { LocalDatasetService } from '../run/dataset-service.ts';
import { parse } from './arguments.ts';
import { chosenMatrix } from './chosen-matrix.ts';
import { embeddedModelFolder, nodeDatasetEnvironment } from './node-environment.ts';
import { ProgressLine } from './progress-line.ts';

export interface AuditCommand {
  readonly file: string;
  readonly model: string;
  readonly against: string | null;
  /** null = the column that names the donors, where one is recognised. */
  readonly groups: string | null;
  readonly matrix: string | null;
  readonly json: boolean;
}

/** The request of `audit`'s arguments. @throws UsageError */
export function auditCommand(args: readonly string[]): AuditCommand {
  const text = { type: 'string' } as const;
  const { values, positionals } = parse(
    args,
    { model: text, against: text, groups: text, matrix: text, json: { type: 'boolean' } },
    1,
  );
  const optional = (name: string): string | null => {
    const value = values[name];
    return typeof value === 'string' ? value : null;
  };
  return {
    file: positionals[0],
    model: optional('model') ?? embeddedModelFolder(),
    against: optional('against'),
    groups: optional('groups'),
    matrix: optional('matrix'),
    json: values.json === true,
  };
}

/**
 * Audits a file; progress on stderr.
 * @returns what to print: sentences, or JSON with rows as numbers
 * @throws whatever fails, the signal's reason when cancelled
 */
export async function runAudit(command: AuditCommand, signal: AbortSignal): Promise<string> {
  const service = new LocalDatasetService(nodeDatasetEnvironment());
  const line = new ProgressLine();
  const job = { signal, onProgress: line.show };
  try {
    const summary = await service.open(command.file, job);
    const findings = await service.audit(
      {
        matrix: chosenMatrix(summary, command.matrix),
        groupColumn: command.groups ?? summary.donorColumn,
        model: { kind: 'directory', path: command.model },
        against: command.against,
      },
      job,
    );
    const sentences = auditSentences(findings);
    return command.json ? JSON.stringify({ ...plain(findings), sentences }) : sentences.join('\n');
  } finally {
    line.end();
    await service.close();
  }
}

/** Rows as lists of numbers. */
function plain(findings: AuditFindings) {
  const { within, training, trainingRows, other } = findings;
  const ofOverlap = (overlap: Overlap) => ({ ...overlap, rows: [...overlap.rows] });
  const ofDuplicates = (found: Duplicates) => ({
    ...found,
    rows: [...found.rows],
    rowsAcross: [...found.rowsAcross],
  });
  return {
    ...findings,
    within: ofDuplicates(within),
    training: training && { ...training, sources: training.sources.map(ofOverlap) },
    trainingRows: [...trainingRows],
    other: other && { ...other, overlaps: other.overlaps.map(ofOverlap) },
  };
}
