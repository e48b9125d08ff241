import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { AuditFindings } from '../../src/audit/findings.ts';
import { geneOrder } from '../../src/audit/genes.ts';
import { readSketch, writeSketch } from '../../src/audit/sketch-file.ts';
import { SketchMatcher } from '../../src/audit/sketch-matcher.ts';
import { embeddedModelFolder, nodeDatasetEnvironment } from '../../src/cli/node-environment.ts';
import { memorySource } from '../../src/model/memory-source.ts';
import { parseTrainingRecord } from '../../src/model/training-record.ts';
import { groupsOf } from '../../src/run/audit-sides.ts';
import { LocalDatasetService } from '../../src/run/dataset-service.ts';
import type { AuditRequest, ModelLocation } from '../../src/run/services.ts';
import { writeH5ad } from '../support/h5ad-writer.ts';
import { describeShared, sharedPath } from '../support/shared.ts';

const folder = mkdtempSync(join(tmpdir(), 'teddy-audit-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const model: ModelLocation = { kind: 'directory', path: embeddedModelFolder() };
const record = parseTrainingRecord(
  JSON.parse(readFileSync(join(embeddedModelFolder(), 'training.json'), 'utf8')),
);
const trainingSketch = join(embeddedModelFolder(), 'training_sketch.safetensors');
const NOTHING: AuditRequest = { matrix: 'X', groupColumn: null, model: null, against: null };

async function opened(path: string): Promise<LocalDatasetService> {
  const service = new LocalDatasetService(nodeDatasetEnvironment());
  await service.open(path, {});
  return service;
}

const disease = (name: string) => sharedPath('data', 'disease', `${name}.h5ad`);
const HARMONY = 'kang_harmony_2000_raw';
const CONTROL = 'kang_ctrl_12261x1287_ensembl_raw';

async function auditOf(name: string, request: Partial<AuditRequest>): Promise<AuditFindings> {
  const service = await opened(name.includes('/') ? name : disease(name));
  try {
    return await service.audit({ ...NOTHING, ...request }, {});
  } finally {
    await service.close();
  }
}

/** Rows of a file whose donor is one of these. */
async function rowsOfDonors(name: string, donors: readonly string[]): Promise<readonly number[]> {
  const service = await opened(disease(name));
  const rows = await service.select({ kind: 'values', column: 'donor_id', values: donors });
  await service.close();
  return [...rows];
}

describe('the sketch of the embedded model', () => {
  it('holds every training cell under its donor, in a file of at most 1.6 MB', async () => {
    const bytes = readFileSync(trainingSketch);
    expect(bytes.length).toBeLessThan(1.6e6);
    const { sources } = await readSketch(memorySource(bytes));
    const cells = sources.reduce((sum, { donorOf }) => sum + donorOf.length, 0);
    expect(cells).toBe(record?.cellsInTrainingSet);
    expect(sources.every(({ donorOf }) => donorOf.every((donor) => donor >= 0))).toBe(true);
    const donors = Object.fromEntries(sources.map((source) => [source.name, [...source.donors].sort()]));
    expect(donors).toEqual(
      Object.fromEntries(
        Object.entries(record?.trainingDonors ?? {}).map(([study, names]) => [study, [...names].sort()]),
      ),
    );
  });
});

describeShared('audits of real files', () => {
  it.each([
    ['combat', 'combat_covid_6donors_raw', 2191],
    ['velmeshev', 'velmeshev_asd_pfc_23donors_raw', 4925],
    ['kang', HARMONY, 1676],
  ])(
    'find all cells of the training donors in %s, none of the others, none of other studies',
    async (study, name, cells) => {
      const found = await auditOf(name, { groupColumn: 'donor_id', model });
      expect([...found.trainingRows]).toEqual(await rowsOfDonors(name, record?.trainingDonors[study] ?? []));
      expect(found.trainingRows.length).toBe(cells);
      for (const source of found.training?.sources ?? []) {
        expect([source.name, source.rows.length]).toEqual([source.name, source.name === study ? cells : 0]);
        expect(source.found).toBe(source.rows.length);
        expect(source.pairs.every(({ group, other }) => group === other)).toBe(true);
      }
      expect(found.training?.groups.every((group) => group.found === group.cells)).toBe(true);
      expect(found.within.rows.length).toBe(0);
    },
  );

  it('find no training cell in a study the model has never seen', async () => {
    const pbmc3k = sharedPath('data', 'demo', 'pbmc3k_2638x13714_raw_counts_recovered.h5ad');
    const found = await auditOf(pbmc3k, { model });
    expect(found.training?.sources.map((source) => source.comparable)).toEqual([2191, 4925, 1676]);
    expect(found.trainingRows.length).toBe(0);
  });

  it('find the 954 cells that two Kang files share: by every count, and by the sketch of either', async () => {
    const exact = await auditOf(HARMONY, { groupColumn: 'donor_id', against: disease(CONTROL) });
    const overlap = exact.other?.overlaps[0];
    expect(exact.other?.kind).toBe('file');
    expect(overlap).toMatchObject({ genes: 1270, cells: 12261, comparable: 12261, found: 954 });
    expect(overlap?.rows.length).toBe(954);
    expect(overlap?.pairs.every(({ group, other }) => group === other)).toBe(true);

    const control = await opened(disease(CONTROL));
    const ofControl = await control.audit(
      { ...NOTHING, groupColumn: 'donor_id', model, against: disease(HARMONY) },
      {},
    );
    const rows = ofControl.other?.overlaps[0].rows ?? [];
    expect(rows.length).toBe(954);

    // The training cells among them are what the model's sketch finds.
    const donors = groupsOf(await control.obs('donor_id'));
    const trained = new Set(record?.trainingDonors.kang);
    const expected = [...rows].filter((row) => trained.has(donors.names[donors.codes[row]]));
    expect(expected.length).toBe(954 - 65 - 39 - 29);
    expect([...ofControl.trainingRows]).toEqual(expected);

    for (const [sketched, audited, truth] of [
      [CONTROL, HARMONY, overlap?.rows],
      [HARMONY, CONTROL, rows],
    ] as const) {
      const service = await opened(disease(sketched));
      const all = await service.select({ kind: 'all' });
      const source = await service.sketch({ matrix: 'X', groupColumn: 'donor_id' }, sketched, all, {});
      await service.close();
      const path = join(folder, `${sketched}.safetensors`);
      writeFileSync(path, writeSketch({ sources: [source] }));
      const { other } = await auditOf(audited, { groupColumn: 'donor_id', against: path });
      expect(other).toMatchObject({ kind: 'sketch', overlaps: [{ genes: 1270, found: 954 }] });
      expect([...(other?.overlaps[0].rows ?? [])]).toEqual([...(truth ?? [])]);
      expect(other?.overlaps[0].pairs.every(({ group, other }) => group === other)).toBe(true);
    }
    await control.close();
  });

  it('can compare nearly every cell of a whole transcriptome with a panel of 1,287 genes', async () => {
    const control = await opened(disease(CONTROL));
    const { ensembl } = await control.mapping('X');
    await control.close();
    const { sources } = await readSketch(memorySource(readFileSync(trainingSketch)));
    const [combat, , kang] = sources.map((source) => new SketchMatcher(source, geneOrder(ensembl)));
    expect(combat.comparable / 2191).toBeGreaterThan(0.99);
    expect(kang.comparable).toBe(1676);
  });

  it('report progress over both files, and stop when asked', async () => {
    const service = await opened(disease(HARMONY));
    const seen: number[] = [];
    await service.audit(
      { ...NOTHING, against: disease(HARMONY) },
      { onProgress: ({ done, total }) => seen.push(done / (total ?? 0)) },
    );
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
    expect(seen.at(-1)).toBe(1);
    const controller = new AbortController();
    const stopped = service.audit(NOTHING, {
      signal: controller.signal,
      onProgress: () => controller.abort(new DOMException('stop', 'AbortError')),
    });
    await expect(stopped).rejects.toMatchObject({ name: 'AbortError' });
    await service.close();
    await expect(service.audit(NOTHING, {})).rejects.toMatchObject({ code: 'nothing-open' });
  });

  it('refuse columns, files and sketches that are none', async () => {
    const service = await opened(disease(HARMONY));
    const refuses = (request: Partial<AuditRequest>, code: string) =>
      expect(service.audit({ ...NOTHING, ...request }, {})).rejects.toMatchObject({ code });
    await refuses({ groupColumn: 'no such column' }, 'unknown-column');
    await refuses({ against: join(embeddedModelFolder(), 'model.safetensors') }, 'sketch-invalid');
    await refuses({ against: join(embeddedModelFolder(), 'training.json') }, 'unsupported-format');
    await refuses({ against: sharedPath('data', 'demo', '10x_pbmc68k_reduced_new.h5ad') }, 'no-counts');
    await service.close();
  });
});

describe('audits of made files', () => {
  const genes = 40;

  /** Cells of forty genes; those of one `kind` are alike. */
  async function made(
    name: string,
    kinds: readonly number[],
    donors: readonly string[],
    names: readonly string[],
  ) {
    const path = join(folder, name);
    const dense = kinds.map((kind) =>
      Array.from({ length: genes }, (_, i) => ((i * 5 + kind * 3 + ((i * kind) % 7)) % 6) + 1),
    );
    await writeH5ad(
      path,
      {
        cells: kinds.length,
        genes,
        matrices: {
          X: {
            encoding: 'csr_matrix',
            shape: [kinds.length, genes],
            indptr: Array.from({ length: kinds.length + 1 }, (_, i) => i * genes),
            indices: kinds.flatMap(() => Array.from({ length: genes }, (_, i) => i)),
            data: dense.flat(),
          },
        },
      },
      (file) => {
        const obs = file.get('obs');
        const table = file.get('var');
        if (!obs || !table || !('create_dataset' in obs) || !('create_dataset' in table))
          throw new Error('no tables');
        obs.create_dataset({ name: 'donor_id', data: [...donors] });
        obs.create_attribute('column-order', ['donor_id']);
        table.create_dataset({ name: 'gene_ids', data: [...names] });
        table.create_attribute('column-order', ['gene_ids']);
      },
    );
    return path;
  }
  const ids = Array.from({ length: genes }, (_, i) => `ENSG${String(i + 1).padStart(11, '0')}`);

  it('report copies across donors', async () => {
    const path = await made('copies.h5ad', [1, 2, 3, 1, 2, 2], ['A', 'A', 'A', 'B', 'A', 'B'], ids);
    const service = await opened(path);
    const { counts, donorColumn } = await service.open(path, {});
    expect([counts, donorColumn]).toEqual(['X', 'donor_id']);
    const { within } = await service.audit({ ...NOTHING, groupColumn: 'donor_id' }, {});
    expect(within).toMatchObject({ genes, incomparable: 0 });
    expect([...within.rows]).toEqual([0, 1, 3, 4, 5]);
    expect([...within.rowsAcross]).toEqual([0, 1, 3, 4, 5]);
    expect(within.pairs).toEqual([
      { group: 'A', other: 'B', cells: 3 },
      { group: 'B', other: 'A', cells: 2 },
    ]);
    await service.close();
  });

  it('say when a model has no sketch, and compare without groups', async () => {
    const path = await made('one.h5ad', [1, 1, 2], ['A', 'B', 'B'], ids);
    const bare = join(folder, 'bare');
    cpSync(embeddedModelFolder(), bare, {
      recursive: true,
      filter: (from) => !/training_sketch|model\.safetensors$/.test(from),
    });
    const found = await auditOf(path, { model: { kind: 'directory', path: bare } });
    expect(found).toMatchObject({ training: null, modelWithoutSketch: 'bare', groupColumn: null });
    expect([...found.within.rows]).toEqual([0, 1]);
    expect(found.within.pairs).toEqual([]);
    expect(found.trainingRows.length).toBe(0);
  });

  it('compare on ids that one column names, on both sides', async () => {
    const twice = ids.map((id, i) => (i === 1 ? ids[0] : id));
    const one = await made('unique.h5ad', [1, 2, 3], ['A', 'B', 'B'], ids);
    const other = await made('twice.h5ad', [3, 4, 1], ['A', 'A', 'B'], twice);
    const { other: found } = await auditOf(one, { groupColumn: 'donor_id', against: other });
    expect(found?.overlaps[0]).toMatchObject({ name: 'twice.h5ad', genes: genes - 2, found: 2 });
    expect([...(found?.overlaps[0].rows ?? [])]).toEqual([0, 2]);
    expect(found?.overlaps[0].pairs).toEqual([
      { group: 'A', other: 'B', cells: 1 },
      { group: 'B', other: 'A', cells: 1 },
    ]);
  });
});
