import type { AuditFindings, OtherOverlap, Overlap } from '../audit/findings.ts';
import { Fingerprints } from '../audit/fingerprints.ts';
import { comparedColumns, geneOrder, uniqueGenes } from '../audit/genes.ts';
import { OrderedCells } from '../audit/ordered-cells.ts';
import { findDuplicates, findShared, groupShares } from '../audit/overlaps.ts';
import type { Sketch } from '../audit/sketch.ts';
import { SketchScan } from '../audit/sketch-scan.ts';
import type { AuditModel, AuditOther, AuditSide } from './audit-sides.ts';
import { readRows } from './row-reader.ts';
import type { JobOptions } from './services.ts';

/**
 * Looks for cells that a split by group would not keep apart: twice in the file, among the cells a model was
 * trained on, in another file. One pass over the counts of each file.
 * @throws DataError, the signal's reason
 */
export async function audit(
  side: AuditSide,
  groupColumn: string | null,
  model: AuditModel | null,
  other: AuditOther | null,
  options: JobOptions,
): Promise<AuditFindings> {
  const { dataset, ensembl, groups } = side;
  const order = geneOrder(ensembl);
  const scansOf = (sketch: Sketch | null | undefined): SketchScan[] =>
    (sketch?.sources ?? []).map((source) => new SketchScan(source, order, groups));
  const training = scansOf(model?.sketch);
  const others = scansOf(other?.kind === 'sketch' ? other.sketch : null);
  const scans = [...training, ...others];
  const shared = other?.kind === 'file' ? uniqueGenes(other.side.ensembl) : null;
  const total = dataset.nObs + (other?.kind === 'file' ? other.side.dataset.nObs : 0);
  const report = (done: number) =>
    options.onProgress?.({ stage: 'comparing cells', done, total, unit: 'cells' });

  const prints = new Fingerprints(dataset.nObs, comparedColumns(ensembl));
  const sharedPrints = shared && new Fingerprints(dataset.nObs, comparedColumns(ensembl, shared));
  const cells = new OrderedCells(order);
  for await (const { block, start } of allRows(side, options.signal)) {
    for (let row = 0; row < block.rowCount; row++) {
      prints.add(block, row, start + row);
      sharedPrints?.add(block, row, start + row);
      if (scans.length === 0) continue;
      const expressed = cells.read(block, row);
      for (const scan of scans) scan.add(start + row, cells, expressed);
    }
    report(start + block.rowCount);
  }
  const otherOverlap = async (): Promise<OtherOverlap | null> => {
    if (other?.kind === 'sketch') {
      return { name: other.name, kind: 'sketch', overlaps: others.map((scan) => scan.overlap()) };
    }
    if (!other || !sharedPrints) return null;
    const there = new Fingerprints(
      other.side.dataset.nObs,
      comparedColumns(other.side.ensembl, uniqueGenes(ensembl)),
    );
    for await (const { block, start } of allRows(other.side, options.signal)) {
      for (let row = 0; row < block.rowCount; row++) there.add(block, row, start + row);
      report(dataset.nObs + start + block.rowCount);
    }
    const {
      dataset: { fileName: name },
      groups: groupsThere,
    } = other.side;
    const overlap = findShared(sharedPrints, groups, there, groupsThere, name);
    return { name, kind: 'file', overlaps: [overlap] };
  };

  const sources = training.map((scan) => scan.overlap());
  const trainingRows = unionOfRows(sources);
  return {
    cells: dataset.nObs,
    groupColumn,
    within: findDuplicates(prints, groups),
    training: model?.sketch
      ? { model: model.name, sources, groups: groupShares(groups, trainingRows) }
      : null,
    modelWithoutSketch: model && !model.sketch ? model.name : null,
    trainingRows,
    other: await otherOverlap(),
  };
}

function allRows({ dataset, matrix }: AuditSide, signal: AbortSignal | undefined) {
  const rows = Uint32Array.from({ length: dataset.nObs }, (_, row) => row);
  return readRows(dataset, matrix, rows, signal);
}

function unionOfRows(overlaps: readonly Overlap[]): Uint32Array<ArrayBuffer> {
  return Uint32Array.from(new Set(overlaps.flatMap(({ rows }) => [...rows]))).sort();
}
