import { ModelError } from './errors.ts';
import { jsonRecord } from './json-file.ts';

/**
 * `gene_medians.json`: Ensembl id → median of a gene's non-zero counts per 10,000.
 * @throws ModelError 'medians-invalid' where a median is not a number above 0.
 */
export function parseMedians(json: unknown): ReadonlyMap<string, number> {
  const record = jsonRecord(json);
  if (!record) throw new ModelError('medians-invalid', 'the gene medians are not a JSON object', 'medians');
  const medians = new Map<string, number>();
  for (const [gene, median] of Object.entries(record)) {
    if (typeof median !== 'number' || !(median > 0) || !Number.isFinite(1 / median)) {
      throw new ModelError('medians-invalid', `the median of ${gene} is ${JSON.stringify(median)}`, gene);
    }
    medians.set(gene, median);
  }
  if (medians.size === 0)
    throw new ModelError('medians-invalid', 'the file of gene medians is empty', 'medians');
  return medians;
}
