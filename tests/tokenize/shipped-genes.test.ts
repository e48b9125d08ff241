import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { GeneTable } from '../../src/tokenize/gene-table.ts';
import { MITOCHONDRIAL_GENES } from '../../src/tokenize/mitochondrial.ts';

it('the table that ships with the page reads, and knows what people call genes', async () => {
  const file = new URL('../../public/genes/human.tsv.gz', import.meta.url);
  const table = await GeneTable.read(new Uint8Array(readFileSync(file)));
  expect(table.size).toBeGreaterThan(40_000);
  expect(table.current('CD3E')).toBe('ENSG00000198851');
  expect(table.previous('SEPT2')).toBe('ENSG00000168385');
  expect(table.current('nobody')).toBeUndefined();
  for (const id of MITOCHONDRIAL_GENES) expect(table.symbolOf(id)).toMatch(/^MT-/);
});
