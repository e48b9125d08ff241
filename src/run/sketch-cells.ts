import { geneOrder } from '../audit/genes.ts';
import { SketchBuilder, type SketchSource } from '../audit/sketch.ts';
import type { AuditSide } from './audit-sides.ts';
import { readRows } from './row-reader.ts';
import type { JobOptions } from './services.ts';

/**
 * Sketches cells of a file under the name of their study; only donors with cells among them are named.
 * @param rows ascending
 * @throws DataError, the signal's reason
 */
export async function sketchCells(
  { dataset, matrix, ensembl, groups }: AuditSide,
  name: string,
  rows: Uint32Array,
  { signal, onProgress }: JobOptions,
): Promise<SketchSource> {
  const builder = new SketchBuilder(geneOrder(ensembl), rows.length);
  let done = 0;
  for await (const { block, wanted } of readRows(dataset, matrix, rows, signal)) {
    for (const row of wanted) builder.add(block, row);
    done += wanted.length;
    onProgress?.({ stage: 'sketching cells', done, total: rows.length, unit: 'cells' });
  }
  const codes = Int32Array.from(rows, (row) => groups?.codes[row] ?? -1);
  const present = [...new Set(codes)].filter((code) => code >= 0).sort((a, b) => a - b);
  const place = new Map(present.map((code, i) => [code, i]));
  return builder.build(
    name,
    present.map((code) => groups?.names[code] ?? ''),
    codes.map((code) => place.get(code) ?? -1),
  );
}
