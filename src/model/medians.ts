import * as v from 'valibot';
import { ModelError } from './errors.ts';
import { checkJson, record, said } from './json-schema.ts';

const MEDIAN = said('a number above 0');
const MEDIANS = record(
  v.pipe(
    v.number(MEDIAN),
    v.check((median) => median > 0 && Number.isFinite(1 / median), MEDIAN),
  ),
  500_000,
);

/**
 * `gene_medians.json`: Ensembl id → median of a gene's non-zero counts per 10,000.
 * @throws ModelError 'medians-invalid' where a median is not a number above 0.
 */
export function parseMedians(json: unknown): ReadonlyMap<string, number> {
  const medians = checkJson(MEDIANS, json, 'the gene medians', 'medians-invalid');
  const found = new Map(Object.entries(medians));
  if (found.size === 0)
    throw new ModelError('medians-invalid', 'the file of gene medians is empty', 'medians');
  return found;
}
