import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import pl from 'nodejs-polars';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { buildSiteIfStale } from '../../scripts/lib/build-site.mjs';
import { describeShared, sharedPath } from '../support/shared.ts';
import { openChromium } from './support/chromium.ts';
import { type Site, serveFolder } from './support/serve.ts';
import { byTestId } from './support/tab.ts';

const shared = (file: string) => sharedPath('data', file);
const TENX = 'formats/tenx/10x_data__3.0.0__filtered_feature_bc_matrix__';

describeShared('files of every format in the page', () => {
  let site: Site;
  let tab: Awaited<ReturnType<typeof openChromium>>;
  const folder = mkdtempSync(join(tmpdir(), 'teddy-formats-'));

  beforeAll(async () => {
    writeFileSync(
      join(folder, 'lzf.h5ad.gz'),
      gzipSync(readFileSync(shared('formats/generated/03_csr_lzf.h5ad'))),
    );
    const genes = ['ENSG00000010610', 'ENSG00000156738', 'ENSG00000177455'];
    pl.DataFrame([
      pl.Series('barcode', ['a', 'b', 'c']),
      ...genes.map((gene, at) => pl.Series(gene, [at, 2, 5 * at], pl.Int64)),
    ]).writeParquet(join(folder, 'cells.parquet'), { compression: 'zstd' });
    site = await serveFolder(await buildSiteIfStale());
    tab = await openChromium();
    await tab.open(site.address);
    await tab.waitFor(byTestId('model-name'), 120_000);
  });
  afterAll(async () => {
    await tab?.close();
    await site?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it.each([
    ['zarr v3, zipped', [shared('demo/10x_pbmc68k_reduced.zarr.zip')], '700 cells', 'zarr'],
    [
      'zarr v2 with Blosc, zipped',
      [shared('formats/anndata_archives/v0.7.0/adata.zarr.zip')],
      '30 cells',
      'zarr',
    ],
    ['10x h5', [shared('formats/tenx/generated_combat_H00049_10x_v3.h5')], '800 cells', '10x'],
    [
      'mtx',
      ['matrix.mtx.gz', 'barcodes.tsv.gz', 'features.tsv.gz'].map((part) => shared(TENX + part)),
      '1,107 cells',
      'mtx',
    ],
    ['h5ad with lzf, packed with gzip', [join(folder, 'lzf.h5ad.gz')], '300 cells', 'h5ad'],
    ['Parquet', [join(folder, 'cells.parquet')], '3 cells', 'Parquet'],
  ])('%s', async (_name, files, cells, format) => {
    await tab.page.setInputFiles(`${byTestId('drop-zone')} input`, files);
    const shown = await tab.waitForAny(['dataset-shape', 'dataset-error'], 60_000);
    const text = await tab.text(shown);
    expect(text).toContain(cells);
    expect(text).toContain(format);
    await tab.click('close-file');
    await tab.waitFor(byTestId('drop-zone'));
  });

  it('and nothing went wrong on the way', () => {
    expect(tab.problems).toEqual([]);
  });
});
