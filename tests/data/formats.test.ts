import { expect, it } from 'vitest';
import { nodeRuntime } from '../../src/cli/h5-runtime-node.ts';
import { chooseCounts } from '../../src/data/choose-counts.ts';
import { openDataset } from '../../src/data/open.ts';
import { describeShared, sharedPath } from '../support/shared.ts';

const runtime = nodeRuntime();

/** [file, cells, genes, counts, sum of the first cell]; read off the files with h5py 3.7. */
const READABLE: readonly (readonly [string, number, number, string | null, number | null])[] = [
  ['disease/combat_covid_6donors_raw.h5ad', 4591, 25454, 'X', 3836],
  ['disease/velmeshev_asd_pfc_23donors_raw.h5ad', 6111, 18041, 'X', 1749],
  ['disease/kang_harmony_2000_raw.h5ad', 2000, 9015, 'X', 2762],
  ['disease/kang_ctrl_12261x1287_ensembl_raw.h5ad', 12261, 1287, 'X', 2651],
  ['demo/pbmc3k_2638x13714_raw_counts_recovered.h5ad', 2638, 13714, 'X', 2419],
  ['demo/pbmc68k_reduced_counts_prepared.h5ad', 700, 765, 'X', 628],
  ['demo/10x_pbmc68k_reduced_legacy.h5ad', 700, 765, null, null],
  ['demo/10x_pbmc68k_reduced_new.h5ad', 700, 765, null, null],
  ['demo/10x_pbmc68k_reduced_v06_float.h5ad', 724, 221, null, null],
  ['formats/anndata_archives/v0.5.0/adata.h5ad', 700, 765, null, null],
  ['formats/anndata_archives/v0.7.0/adata.h5ad', 30, 20, 'raw/X', 18],
  ['formats/anndata_archives/v0.7.8/adata.h5ad', 30, 20, 'raw/X', 18],
  ['formats/anndata_archives/v0.11.4/adata.h5ad', 10, 20, null, null],
  ['formats/cellxgene_schema/example_invalid_CL.h5ad', 320, 136, 'raw/X', 189],
  ['formats/cellxgene_schema/example_valid.h5ad', 2, 7, 'raw/X', 21],
  ['formats/cellxgene_schema/example_valid_old_763k.h5ad', 320, 136, 'raw/X', 189],
  ['formats/cellxgene_schema/example_with_labels.h5ad', 320, 123, 'X', 847],
  ['formats/cellxgene_schema/small_perturbations.h5ad', 500, 2000, 'X', 961],
  ['formats/generated/01_csr_none.h5ad', 300, 1500, 'X', 1304],
  ['formats/generated/02_csr_gzip.h5ad', 300, 1500, 'X', 1304],
  ['formats/generated/03_csr_lzf.h5ad', 300, 1500, 'X', 1304],
  ['formats/generated/05_dense_none.h5ad', 300, 1500, 'X', 1304],
  ['formats/generated/06_dense_gzip.h5ad', 300, 1500, 'X', 1304],
  ['formats/generated/07_csr_float64.h5ad', 300, 1500, 'X', 1304],
  ['formats/generated/07_csr_int32.h5ad', 300, 1500, 'X', 1304],
  ['formats/generated/07_csr_int64.h5ad', 300, 1500, 'X', 1304],
  ['formats/generated/07_csr_uint16.h5ad', 300, 1500, 'X', 1304],
  ['formats/generated/07_csr_uint8.h5ad', 300, 1500, 'X', 1304],
  ['formats/generated/08_lognormX_counts_in_raw.h5ad', 300, 1500, 'raw/X', 1304],
  ['formats/generated/10_lognorm_only.h5ad', 300, 1500, null, null],
  ['formats/generated/11_scaled_negative_only.h5ad', 300, 1500, null, null],
  ['formats/generated/13_duplicate_obs_names.h5ad', 300, 1500, 'X', 1304],
  ['formats/generated/14_versioned_ensembl_index.h5ad', 300, 1500, 'X', 1304],
  ['formats/generated/15_zero_cells.h5ad', 0, 1500, null, null],
  ['formats/generated/16_no_X.h5ad', 300, 0, null, null],
  ['formats/generated/17_nan_inf_negative.h5ad', 300, 1500, null, null],
  ['formats/generated/18_empty_cell.h5ad', 300, 1500, 'X', 1304],
  ['formats/generated/20_big_endian.h5ad', 300, 1500, 'X', 1304],
  ['formats/generated/21_shuffle_gzip_fletcher32.h5ad', 300, 1500, 'X', 1304],
  ['formats/generated/23_libver_latest.h5ad', 300, 1500, 'X', 1304],
  ['formats/generated/24_userblock_1024.h5ad', 300, 1500, 'X', 1304],
  ['formats/generated/25_track_order.h5ad', 300, 1500, 'X', 1304],
  ['formats/generated/29_unsorted_indices.h5ad', 300, 1500, 'X', 1304],
  ['formats/generated/34_fixed_len_ascii_index.h5ad', 300, 1500, 'X', 1304],
  ['formats/generated/35_blosc_filter32001.h5ad', 300, 1500, 'X', 1304],
];

const REFUSED: readonly (readonly [string, string])[] = [
  ['formats/generated/27_out_of_range_index.h5ad', 'bad-index'],
  ['formats/generated/30_decompression_bomb_1e10_unwritten.h5ad', 'bad-shape'],
  ['formats/generated/32_truncated.h5ad', 'truncated'],
  ['formats/h5wasm_test/array.h5', 'not-anndata'],
  ['formats/h5wasm_test/compressed.h5', 'not-anndata'],
  ['formats/h5wasm_test/empty.h5', 'not-anndata'],
  ['formats/h5wasm_test/vlen.h5', 'not-anndata'],
  ['formats/tenx/10x_data__3.0.0__filtered_feature_bc_matrix.h5', 'unsupported-format'],
  ['formats/tenx/10x_data__1.2.0__multiple_genomes.h5', 'unsupported-format'],
  ['formats/arrow_testing/LICENSE.txt', 'unsupported-format'],
  ['demo/10x_pbmc68k_reduced.zarr.zip', 'unsupported-format'],
  ['genes/human_gene_map.tsv.gz', 'unsupported-format'],
];

describeShared('real and generated files', () => {
  it.each(READABLE)('%s', async (file, cells, genes, counts, firstCellSum) => {
    const dataset = await openDataset(sharedPath('data', file), runtime);
    const choice = await chooseCounts(dataset);
    expect([dataset.nObs, dataset.nVars, choice.counts]).toEqual([cells, genes, counts]);
    expect(choice.firstCellSum).toBe(firstCellSum);
    expect(choice.reason).toMatch(/\.$/);
    for (const column of dataset.obsColumns) await dataset.obs(column);
    for (const matrix of dataset.matrices) {
      expect(await dataset.varNames(matrix.name)).toHaveLength(matrix.columns);
      for (const column of await dataset.varColumns(matrix.name))
        await dataset.varColumn(matrix.name, column);
    }
    expect(await dataset.obsNames()).toHaveLength(cells);
    dataset.close();
  });

  it.each(REFUSED)('%s is refused: %s', async (file, code) => {
    const opened = openDataset(sharedPath('data', file), runtime).then(chooseCounts);
    await expect(opened).rejects.toMatchObject({ name: 'DataError', code });
  });

  it.each([
    ['formats/generated/17_nan_inf_negative.h5ad', /not a number/],
    ['formats/generated/11_scaled_negative_only.h5ad', /X: has negative values: scaled/],
    ['demo/10x_pbmc68k_reduced_new.h5ad', /X: has negative values: scaled; raw\/X: .*log-normalised/],
    ['formats/generated/16_no_X.h5ad', /no matrix/],
    ['formats/generated/15_zero_cells.h5ad', /no cells/],
    ['formats/generated/08_lognormX_counts_in_raw.h5ad', /^raw\/X holds whole numbers/],
  ])('%s says why', async (file, reason) => {
    const dataset = await openDataset(sharedPath('data', file), runtime);
    expect((await chooseCounts(dataset)).reason).toMatch(reason);
    dataset.close();
  });
});

describeShared('columns in old and new encodings', () => {
  it('pbmc68k reads the same from anndata 0.5 and 0.7 encodings', async () => {
    const [old, recent] = await Promise.all(
      ['10x_pbmc68k_reduced_legacy.h5ad', '10x_pbmc68k_reduced_new.h5ad'].map((name) =>
        openDataset(sharedPath('data', 'demo', name), runtime),
      ),
    );
    expect(old.obsColumns).toEqual(recent.obsColumns);
    for (const column of old.obsColumns)
      expect(await old.obs(column)).toMatchObject({ ...(await recent.obs(column)) });
    expect(await old.colors('louvain')).toEqual(await recent.colors('louvain'));
    expect(await old.obsm('X_umap')).toEqual(await recent.obsm('X_umap'));
    expect(await old.rows('raw/X', 100, 140)).toEqual(await recent.rows('raw/X', 100, 140));
    expect(await old.varNames('raw/X')).toEqual(await recent.varNames('raw/X'));
    const labels = await recent.obs('bulk_labels');
    expect(labels.kind === 'categorical' && labels.categories[labels.codes[0]]).toBe('CD14+ Monocyte');
  });

  it('ordered categories of anndata 0.7', async () => {
    const path = sharedPath('data', 'formats', 'anndata_archives', 'v0.7.0', 'adata.h5ad');
    const dataset = await openDataset(path, runtime);
    expect(await dataset.obs('cat_ordered')).toMatchObject({ kind: 'categorical', ordered: true });
    expect(await dataset.obs('obs_cat')).toMatchObject({ kind: 'categorical', ordered: false });
    expect(await dataset.obs('int64')).toMatchObject({ kind: 'numeric', integer: true });
    dataset.close();
  });
});
