import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { tableFromIPC, tableToIPC } from 'apache-arrow';
import { parquetWriteBuffer } from 'hyparquet-writer';
import pl from 'nodejs-polars';
import { NO_GENE } from '../../src/audit/sketch.ts';
import { writeSketch } from '../../src/audit/sketch-file.ts';
import { safetensorsChunks } from '../../src/model/safetensors-writer.ts';
import { syntheticPackage } from '../../src/model/synthetic.ts';
import { writeProbeFile } from '../../src/probe/probe-file.ts';
import { exampleProbe } from '../support/example-probe.ts';

/** What is read one way: a format of cells, or a file of ours. */
export const FAMILIES = [
  'h5ad',
  '10x-h5',
  'arrow-file',
  'arrow-stream',
  'parquet',
  'zarr-zip',
  'mtx',
  'package',
  'probe',
  'sketch',
] as const;
type Family = (typeof FAMILIES)[number];

/** One sound input: its files by path (one, unless the format has several parts). */
export interface Seed {
  readonly family: Family;
  readonly name: string;
  readonly files: ReadonlyMap<string, Uint8Array<ArrayBuffer>>;
  /** Its counts lie under checksums: other counts than the seed's are silently wrong. */
  readonly checksummed: boolean;
}

const GENES = ['ENSG00000000003', 'ENSG00000000005', 'ENSG00000000419', 'ENSG00000000457', 'ENSG00000000460'];
/** 6 cells × 5 genes. */
const COUNTS = [
  [3, 0, 4, 0, 1],
  [0, 0, 0, 0, 0],
  [0, 5, 0, 1, 0],
  [70_000, 0, 0, 2, 9],
  [0, 0, 9, 0, 1],
  [1, 1, 1, 1, 1],
];
const NAMES = ['a', 'b', 'c', 'd', 'e', 'f'];
const DONORS = ['x', 'x', null, 'y', 'y', 'z'];

/** HDF5 and zarr seeds of 12 cells × 8 genes; `checked` ones carry checksums over data and structure. */
const SCRIPT = `
import sys, os, warnings
warnings.simplefilter("ignore")
import h5py, numpy as np, scipy.sparse as sp
folder = sys.argv[1]
rng = np.random.RandomState(1)
x = rng.poisson(1.2, (12, 8)).astype("f4")
csr = sp.csr_matrix(x); csc = sp.csc_matrix(x)
genes = ["ENSG%011d" % i for i in range(8)]
cells = ["cell%d" % i for i in range(12)]
def place(family, name):
    os.makedirs(os.path.join(folder, family, name))
    return os.path.join(folder, family, name, "file")
def frame(f, path, names):
    g = f.create_group(path)
    g.attrs["encoding-type"] = "dataframe"; g.attrs["_index"] = "_index"; g.attrs["column-order"] = ["donor", "age"] if path == "obs" else []
    g["_index"] = names
    if path == "obs":
        d = g.create_group("donor"); d.attrs["encoding-type"] = "categorical"; d.attrs["ordered"] = False
        d["codes"] = np.array([0, 1, -1] * 4, "i1"); d["categories"] = ["D1", "D2"]
        g["age"] = np.arange(12) / 2
def sparse(f, path, m, kind, **how):
    g = f.create_group(path); g.attrs["encoding-type"] = kind + "_matrix"; g.attrs["shape"] = m.shape
    for part in ("indptr", "indices", "data"): g.create_dataset(part, data=getattr(m, part), **how)
def h5ad(name, fill, **options):
    with h5py.File(place("h5ad", name), "w", **options) as f:
        frame(f, "obs", cells); frame(f, "var", genes); fill(f)
def plain(f):
    sparse(f, "X", csr, "csr"); f.create_group("uns")["donor_colors"] = ["#ff0000", "#00ff00"]
    f["obsm/X_pca"] = rng.rand(12, 2).astype("f4")
def packed(f):
    sparse(f, "raw/X", csr, "csr", compression="gzip", shuffle=True, chunks=True); frame(f, "raw/var", genes)
    f.create_dataset("X", data=np.log1p(x), compression="lzf", chunks=(5, 4))
def columns(f): sparse(f, "layers/counts", csc, "csc")
def checked(f): sparse(f, "X", csr, "csr", fletcher32=True, chunks=True)
h5ad("csr", plain); h5ad("packed", packed); h5ad("csc", columns, libver="latest"); h5ad("checked", checked, libver="latest")
with h5py.File(place("h5ad", "compound"), "w") as f:
    f["X"] = x
    f["obs"] = np.array([(c.encode(), i, 0) for i, c in enumerate(cells)], [("index", "S8"), ("age", "f8"), ("donor", "i1")])
    f["var"] = np.array([(g.encode(),) for g in genes], [("index", "S15")])
    f["uns/donor_categories"] = np.array([b"D1"])
def tenx(name, version):
    with h5py.File(place("10x-h5", name), "w") as f:
        g = f.create_group("matrix" if version == 3 else "GRCh38")
        m = csr.astype("i4")
        for part in ("indptr", "indices", "data"): g.create_dataset(part, data=getattr(m, part), compression="gzip")
        g["shape"] = np.array([8, 12], "i4"); g["barcodes"] = np.array(cells, "S8")
        if version == 3:
            h = g.create_group("features")
            h["id"] = np.array(genes, "S15"); h["name"] = np.array(genes, "S15")
            h["feature_type"] = np.array(["Gene Expression"] * 7 + ["Antibody Capture"], "S20"); h["genome"] = np.array(["GRCh38"] * 8, "S6")
        else:
            g["genes"] = np.array(genes, "S15"); g["gene_names"] = np.array(genes, "S15")
tenx("v3", 3); tenx("v2", 2)
`;

/** Writes every seed below `folder`, as FAMILY/NAME/PATH. */
export async function writeCorpus(folder: string): Promise<void> {
  execFileSync('/usr/bin/python3', ['-c', SCRIPT, folder]);
  const put = (family: Family, name: string, files: Readonly<Record<string, Uint8Array | string>>) => {
    for (const [path, contents] of Object.entries(files)) {
      const file = join(folder, family, name, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, contents);
    }
  };
  for (const [name, table] of Object.entries(arrowTables())) {
    for (const compression of ['uncompressed', 'zstd'] as const) {
      const file = table.writeIPC({ compression });
      put('arrow-file', `${name}-${compression}`, { file });
      if (compression === 'uncompressed')
        put('arrow-stream', name, { file: tableToIPC(tableFromIPC(file), 'stream') });
    }
    put('parquet', `${name}-zstd`, { file: table.writeParquet({ compression: 'zstd' }) });
  }
  put('parquet', 'two-groups', { file: twoRowGroups() });
  put('zarr-zip', 'v2', zarrStore());
  put('zarr-zip', 'v3-checked', checkedZarrStore());
  put('mtx', 'plain', mtxFiles(''));
  put('mtx', 'packed-checked', mtxFiles('.gz'));
  put('package', 'small', await packageFiles());
  put('probe', 'three-classes', { file: writeProbeFile(exampleProbe(5, 3)) });
  put('sketch', 'two-sources', { file: sketchFile() });
}

/** Reads what writeCorpus wrote, in an order that is the same everywhere. */
export function readCorpus(folder: string): readonly Seed[] {
  return FAMILIES.flatMap((family) =>
    readdirSync(join(folder, family))
      .sort()
      .map((name) => {
        const root = join(folder, family, name);
        const files = readdirSync(root, { recursive: true, withFileTypes: true })
          .filter((entry) => entry.isFile())
          .map((entry) => join(entry.parentPath, entry.name))
          .sort()
          .map((path) => [relative(root, path), new Uint8Array(readFileSync(path))] as const);
        return { family, name, files: new Map(files), checksummed: name.includes('checked') };
      }),
  );
}

function arrowTables(): Readonly<Record<string, pl.DataFrame>> {
  const listed = COUNTS.map((row) => row.flatMap((count, gene) => (count > 0 ? [GENES[gene]] : [])));
  return {
    lists: pl.DataFrame([
      pl.Series('obs_names', NAMES),
      pl.Series('donor_id', DONORS),
      pl.Series('genes', listed, pl.List(pl.Utf8)),
      pl.Series(
        'counts',
        COUNTS.map((row) => row.filter((count) => count > 0)),
        pl.List(pl.Float32),
      ),
    ]),
    columns: pl.DataFrame([
      pl.Series('barcode', NAMES),
      pl.Series('age', [31, null, 52, 47, 60, 28], pl.Float64),
      pl.Series('severe', [true, false, null, true, false, false], pl.Bool),
      pl.Series('donor_id', DONORS, pl.Categorical),
      ...GENES.map((gene, at) =>
        pl.Series(
          gene,
          COUNTS.map((row) => row[at]),
          pl.Int64,
        ),
      ),
    ]),
  };
}

function twoRowGroups(): Uint8Array {
  const bytes = parquetWriteBuffer({
    columnData: [
      { name: 'obs_names', data: NAMES },
      ...GENES.map((name, at) => ({ name, data: COUNTS.map((row) => row[at]) })),
    ],
    rowGroupSize: 4,
    codec: 'SNAPPY',
  });
  return new Uint8Array(bytes);
}

const json = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));

/** Text as numcodecs' vlen-utf8 packs it. */
function packedTexts(texts: readonly string[]): Uint8Array {
  const parts = texts.map((text) => Buffer.from(text));
  const lengths = [texts.length, ...parts.map(({ length }) => length)].map((length) => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32LE(length);
    return bytes;
  });
  return Buffer.concat([lengths[0], ...parts.flatMap((part, i) => [lengths[i + 1], part])]);
}

function zarrTable(path: string, names: readonly string[]): Record<string, Uint8Array> {
  return {
    [`${path}/.zgroup`]: json({ zarr_format: 2 }),
    [`${path}/.zattrs`]: json({ _index: 'names', 'column-order': [], 'encoding-type': 'dataframe' }),
    [`${path}/names/.zarray`]: json({
      zarr_format: 2,
      shape: [names.length],
      chunks: [names.length],
      dtype: '|O',
      compressor: null,
      filters: [{ id: 'vlen-utf8' }],
      fill_value: 0,
      order: 'C',
    }),
    [`${path}/names/0`]: packedTexts(names),
  };
}

const floats = (values: readonly number[]) => new Uint8Array(Float32Array.from(values).buffer);

function zarrStore(): Record<string, Uint8Array> {
  const chunk = (from: number) => floats([0, 1, 2].flatMap((row) => COUNTS[from + row]));
  return {
    '.zgroup': json({ zarr_format: 2 }),
    ...zarrTable('obs', NAMES),
    ...zarrTable('var', GENES),
    'X/.zarray': json({
      zarr_format: 2,
      shape: [COUNTS.length, GENES.length],
      chunks: [3, GENES.length],
      dtype: '<f4',
      compressor: null,
      filters: null,
      fill_value: 0,
      order: 'C',
    }),
    'X/0.0': chunk(0),
    'X/1.0': chunk(3),
  };
}

/** The bytes followed by their CRC-32C (Castagnoli), little-endian. */
function withCrc32c(bytes: Uint8Array): Uint8Array {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0x82f63b78 : 0);
  }
  return Uint8Array.from([...bytes, ...new Uint8Array(Uint32Array.of(~crc >>> 0).buffer)]);
}

function checkedZarrStore(): Record<string, Uint8Array> {
  return {
    '.zgroup': json({ zarr_format: 2 }),
    ...zarrTable('obs', NAMES),
    ...zarrTable('var', GENES),
    'X/zarr.json': json({
      zarr_format: 3,
      node_type: 'array',
      shape: [COUNTS.length, GENES.length],
      data_type: 'float32',
      chunk_grid: { name: 'regular', configuration: { chunk_shape: [COUNTS.length, GENES.length] } },
      chunk_key_encoding: { name: 'default' },
      codecs: [{ name: 'bytes', configuration: { endian: 'little' } }, { name: 'crc32c' }],
      fill_value: 0,
      attributes: {},
    }),
    'X/c/0/0': withCrc32c(floats(COUNTS.flat())),
  };
}

/** The names end in `.gz` where the files are to be packed once they are mutated. */
function mtxFiles(ending: '' | '.gz'): Record<string, string> {
  const entries = COUNTS.flatMap((row, cell) =>
    row.flatMap((count, gene) => (count > 0 ? [`${gene + 1} ${cell + 1} ${count}`] : [])),
  );
  const size = `${GENES.length} ${NAMES.length} ${entries.length}`;
  return {
    [`matrix.mtx${ending}`]: `%%MatrixMarket matrix coordinate integer general\n%\n${size}\n${entries.join('\n')}\n`,
    [`barcodes.tsv${ending}`]: `${NAMES.join('\n')}\n`,
    [`features.tsv${ending}`]: GENES.map((gene) => `${gene}\tG\tGene Expression\n`).join(''),
  };
}

async function packageFiles(): Promise<Record<string, Uint8Array | string>> {
  const config = {
    model_type: 'teddy_g',
    d_model: 8,
    nheads: 2,
    d_hid: 12,
    nlayers: 1,
    ntoken: 20,
    max_position_embeddings: 6,
    annotations: {},
  };
  const made = syntheticPackage({ config, salt: 1 });
  const chunks: Uint8Array[] = [];
  for await (const chunk of safetensorsChunks(made.weights)) chunks.push(chunk);
  const training = {
    name: 'small',
    what: 'made up',
    cells_in_training_set: 7,
    training_donors: { study: ['D1', 'D2'] },
    held_out_donor_cells: {
      disease: {
        all: { n: 3, accuracy: 0.5, commonest_class: 0.5, commonest_class_of_its_study: 0.25 },
      },
    },
    sources: [{ name: 'study', citation: 'none', licence: 'CC0' }],
  };
  return {
    ...made.files,
    'model.safetensors': Buffer.concat(chunks),
    'training.json': JSON.stringify(training),
  };
}

function sketchFile(): Uint8Array {
  const source = {
    genes: Uint32Array.of(3, 9, 4_294_967_295),
    donors: ['A', 'B'],
    donorOf: Int32Array.of(1, -1, 0),
    size: 2,
    places: Uint16Array.of(0, 2, 1, NO_GENE, NO_GENE, NO_GENE),
    counts: Uint8Array.of(255, 0, 7, 0, 0, 0),
  };
  return writeSketch({
    sources: [
      { name: 'one', ...source },
      { name: 'two', ...source },
    ],
  });
}
