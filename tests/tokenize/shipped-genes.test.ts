import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { Vocabulary } from '../../src/model/vocabulary.ts';
import { GeneTable } from '../../src/tokenize/gene-table.ts';
import { MITOCHONDRIAL_GENES } from '../../src/tokenize/mitochondrial.ts';
import { needsOrthologs, readOrthologs, throughOrthologs } from '../../src/tokenize/orthologs.ts';

const shipped = (name: string) =>
  new Uint8Array(readFileSync(new URL(`../../public/genes/${name}.tsv.gz`, import.meta.url)));

const CD3E = 'ENSG00000198851';
const MOUSE_CD3E = 'ENSMUSG00000032093';

it('the tables that ship with the page read, and know what people call genes', async () => {
  const human = await GeneTable.read(shipped('human'));
  expect(human.size).toBeGreaterThan(40_000);
  expect(human.current('CD3E')).toBe(CD3E);
  expect(human.previous('SEPT2')).toBe('ENSG00000168385');
  expect(human.entrez('916')).toBe(CD3E);
  expect(human.current('nobody')).toBeUndefined();
  const mouse = await GeneTable.read(shipped('mouse'));
  expect(mouse.current('Cd3e')).toBe(MOUSE_CD3E);
  expect(mouse.entrez('12501')).toBe(MOUSE_CD3E);
  for (const id of MITOCHONDRIAL_GENES) {
    expect(human.symbolOf(id) ?? mouse.symbolOf(id)).toMatch(/^(MT|mt)-/);
  }
});

it('orthologs stand for mouse genes where a vocabulary has none, each for one', async () => {
  const orthologs = await readOrthologs(shipped('orthologs'));
  expect(orthologs.get(MOUSE_CD3E)).toBe(CD3E);
  expect(orthologs.size).toBeGreaterThan(16_000);
  expect(new Set(orthologs.values()).size).toBe(orthologs.size);
  const human = Vocabulary.parse(CD3E, {});
  const both = Vocabulary.parse([CD3E, 'ENSMUSG00000000001'].join('\n'), {});
  const columns = [MOUSE_CD3E, null, CD3E, 'ENSMUSG00000102693'];
  expect(needsOrthologs(columns, human)).toBe(true);
  expect(needsOrthologs(columns, both), 'a vocabulary with mouse genes reads them as they are').toBe(false);
  expect(needsOrthologs([CD3E, null], human)).toBe(false);
  expect(throughOrthologs(columns, orthologs)).toEqual([CD3E, null, CD3E, null]);
  await expect(readOrthologs(new TextEncoder().encode('mouse\thuman\nX\tY\n'))).rejects.toThrow('line 2');
  await expect(readOrthologs(new TextEncoder().encode('<!doctype html>'))).rejects.toThrow('header');
});
