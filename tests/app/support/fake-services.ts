import type { PageServices } from '../../../src/app/state/services.ts';
import type { Column } from '../../../src/data/dataset.ts';
import type { TokenBatch } from '../../../src/model/token-batch.ts';
import type { CellResults } from '../../../src/run/results.ts';
import type { CellSelection, DatasetSummary, LoadedModel, Preflight } from '../../../src/run/services.ts';
import { fakeProbe } from './fake-probe.ts';
import { fakeSpeed } from './fake-speed.ts';
import { fakeTraining } from './fake-training.ts';

const DONORS = ['H00049', 'H00053', 'S00006'];
const CLASSES = {
  disease: ['COVID-19', 'normal'],
  cell_type: ['B cell', 'T cell', 'monocyte'],
};

export interface FakeOptions {
  readonly cells?: number;
  /** Milliseconds a batch takes. */
  readonly delay?: number;
  /** Opening throws this. */
  readonly openError?: Error;
  /** Loading a model of this name throws. */
  readonly badModel?: string;
}

/** Deterministic noise in [0, 1). */
function noise(i: number): number {
  const x = Math.sin(i * 12.9898 + 4.1414) * 43758.5453;
  return x - Math.floor(x);
}

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Services that answer at once with made-up cells of three donors and two annotations. */
export function fakeServices({ cells = 30, delay = 0, openError, badModel }: FakeOptions = {}): PageServices {
  const donor = (row: number) => Math.floor((row * DONORS.length) / cells);
  const columns: Record<string, Column> = {
    donor_id: {
      kind: 'categorical',
      codes: Int32Array.from({ length: cells }, (_, row) => donor(row)),
      categories: DONORS,
      ordered: false,
    },
    condition: {
      kind: 'string',
      values: Array.from({ length: cells }, (_, row) => (donor(row) === 2 ? 'Covid_Mild' : 'Healthy')),
    },
    n_genes: {
      kind: 'numeric',
      values: Float64Array.from({ length: cells }, (_, row) => 200 + 800 * noise(row)),
      integer: true,
    },
  };
  const summary: DatasetSummary = {
    fileName: 'fake.h5ad',
    format: 'h5ad',
    nObs: cells,
    nVars: 2000,
    scans: [
      {
        matrix: { name: 'X', storage: 'csr', rows: cells, columns: 2000, stored: cells * 500 },
        counts: true,
        finding: 'integers, library sizes 512–4,821',
      },
    ],
    counts: 'X',
    reason: 'X holds non-negative integers',
    firstCellSum: 1234,
    emptyNote: null,
    obsColumns: Object.keys(columns),
    obsmKeys: ['X_umap'],
    donorColumn: 'donor_id',
  };
  const preflight: Preflight = {
    matrix: 'X',
    genes: {
      source: 'index',
      columns: 2000,
      mapped: 1900,
      inVocabulary: 1800,
      ambiguous: 3,
      byMethod: { ensembl: 1800, suffix: 0, symbol: 90, previous: 8, alias: 2, entrez: 0 },
      byOrtholog: 0,
      otherFeatures: 0,
      countShare: 0.97,
      unmappedExamples: ['MadeUp1'],
      panelNote: null,
      organism: 'human',
    },
    quality: {
      genes: Uint32Array.from({ length: cells }, (_, row) => 200 + 800 * noise(row)),
      counts: Float64Array.from({ length: cells }, (_, row) => 500 + 4000 * noise(row + 7)),
      mitochondrial: Float32Array.from({ length: cells }, (_, row) => 0.12 * noise(row + 3)),
    },
    meanTokens: 500,
  };
  const model: LoadedModel = {
    name: 'teddy-fake',
    sha256: '00ff',
    vocabularySha256: 'ff00',
    config: {
      modelType: 'teddy_g',
      dModel: 8,
      nHeads: 2,
      dHid: 16,
      nLayers: 1,
      nToken: 100,
      maxPositionEmbeddings: 256,
      layerActivation: 'gelu',
      preNorm: false,
      layerNormEps: 1e-5,
      bins: 0,
      continuousRank: false,
      valueInput: 'none',
      annotations: CLASSES,
    },
    parameters: 12345,
    engine: { kind: 'wasm', device: '2 threads', software: true, threads: 2 },
    training: {
      name: 'teddy-fake',
      what: 'a small demonstration model, not one of the published TEDDY models',
      cellsInTrainingSet: 100,
      trainingDonors: { combat: ['H00049', 'S00016'] },
      validationDonors: {},
      heldOutDonors: { combat: ['H00053', 'S00006'] },
      heldOutScores: {
        disease: {
          pbmc3k: {
            n: 2638,
            accuracy: 0.049,
            commonestClass: 1,
            commonestClassOfItsStudy: 0,
            oneClassForEveryCell: 0.9,
          },
        },
        cell_type: {
          pbmc3k: {
            n: 2638,
            accuracy: 0.968,
            commonestClass: 0,
            commonestClassOfItsStudy: 0,
            oneClassForEveryCell: 0.9,
          },
        },
      },
      hiddenLosses: {},
      classesSeenInOneStudyOnly: { disease: ['COVID-19'] },
      oneStudyNote: 'such a class may recognise the study',
      withheldShares: { pbmc3k: 0.056 },
      sources: [{ name: 'COMBAT', citation: 'Cell 2022', licence: 'CC BY 4.0' }],
      trainingClassCounts: null,
    },
    notices: [],
    tokensPerSecond: 20_000,
    deviceBytes: 40e6,
  };
  const rowsOf = (selection: CellSelection): Uint32Array<ArrayBuffer> => {
    if (selection.kind === 'rows') return selection.rows;
    const count = selection.kind === 'first' || selection.kind === 'random' ? selection.count : cells;
    return Uint32Array.from({ length: count }, (_, i) => i);
  };
  const tokensOf = (rows: Uint32Array<ArrayBuffer>): TokenBatch => ({
    rows,
    cuSeqlens: Uint32Array.from({ length: rows.length + 1 }, (_, i) => 3 * i),
    geneIds: Uint32Array.from({ length: 3 * rows.length }, (_, i) => rows[Math.floor(i / 3)] + (i % 3)),
    withheld: rows.map((row) => (row % 11 === 10 ? 3 : 0)) as unknown as Uint8Array<ArrayBuffer>,
  });
  const encode = (batch: TokenBatch): CellResults => {
    const softmax = (k: number) =>
      Float32Array.from({ length: batch.rows.length * k }, (_, i) => {
        const row = batch.rows[Math.floor(i / k)];
        const favoured = k === 2 ? (donor(row) === 2 ? 0 : 1) : row % k;
        return i % k === favoured ? 0.8 : 0.2 / (k - 1);
      });
    return {
      rows: batch.rows,
      dimension: 8,
      embedding: Float32Array.from({ length: 8 * batch.rows.length }, (_, i) =>
        noise(batch.rows[Math.floor(i / 8)] * 8 + (i % 8)),
      ),
      predictions: {
        disease: { classes: CLASSES.disease, probabilities: softmax(2) },
        cell_type: { classes: CLASSES.cell_type, probabilities: softmax(3) },
      },
      withheld: Uint8Array.from(batch.withheld),
      tokens: new Uint32Array(batch.rows.length).fill(3),
    };
  };

  return {
    probe: fakeProbe(delay),
    speed: fakeSpeed(delay),
    training: fakeTraining(delay),
    checkpoints: async () => [],
    onStored: () => () => undefined,
    keptResults: async () => null,
    forgetEverything: async () => undefined,
    dataset: {
      open: async () => {
        if (openError) throw openError;
        return summary;
      },
      preflight: async () => preflight,
      geneReport: async () => 'column\tname\n0\tCD3E\n',
      select: async (selection) => rowsOf(selection),
      tokenize: async (rows) => tokensOf(rows),
      obs: async (name) => columns[name],
      obsNames: async () => Array.from({ length: cells }, (_, row) => `cell${row}`),
      obsm: async () => ({
        data: Float32Array.from({ length: 2 * cells }, (_, i) => 10 * noise(i) + 4 * donor(i >> 1)),
        columns: 2,
      }),
      colors: async () => null,
      genes: async () => [
        { name: 'CD3E', ensemblIds: ['ENSG00000198851'] },
        { name: 'MS4A1', ensemblIds: ['ENSG00000156738'] },
        { name: 'LYZ', ensemblIds: ['ENSG00000090382'] },
      ],
      geneExpression: async (_name, rows) => Float32Array.from(rows, (row) => noise(row) * 4),
      logCounts: async (rows) => ({
        columns: 3,
        indptr: Uint32Array.from({ length: rows.length + 1 }, (_, i) => i),
        indices: rows.map((row) => row % 3),
        values: Float32Array.from(rows, (row) => 1 + noise(row)),
      }),
      topGenes: async () => [
        { rank: 1, ensemblId: 'ENSG00000198851', symbol: 'CD3E', count: 12 },
        { rank: 2, ensemblId: 'ENSG00000090382', symbol: 'LYZ', count: 4 },
      ],
      audit: async ({ groupColumn, model }, { signal, onProgress }) => {
        onProgress?.({ stage: 'comparing cells', done: 0, total: cells, unit: 'cells' });
        await wait(delay);
        signal?.throwIfAborted();
        const none = new Uint32Array();
        return {
          cells,
          groupColumn,
          within: { genes: 1900, incomparable: 0, rows: none, rowsAcross: none, pairs: [] },
          training: null,
          modelWithoutSketch: model && 'name' in model ? model.name : null,
          trainingRows: none,
          other: null,
        };
      },
      export: async () => ({ content: new Uint8Array([1, 2, 3]), note: null }),
      exportWhole: async () => ({ content: new Blob(['whole']), note: null }),
      close: async () => undefined,
    },
    compute: {
      engines: async () => ({
        options: [
          { kind: 'webgpu', available: false, detail: 'no adapter' },
          { kind: 'wasm', available: true, detail: '2 threads' },
          { kind: 'reference', available: true, detail: 'float64, slow' },
        ],
        recommended: 'wasm',
        reason: 'WebAssembly, because this browser offers no GPU.',
      }),
      load: async (location) => {
        if (location.kind !== 'directory' && location.name === badModel)
          throw new Error('weights do not fit');
        return model;
      },
      encode: async (batch, _pooling, { signal, annotationStates }) => {
        await wait(delay);
        signal?.throwIfAborted();
        const results = encode(batch);
        if (!annotationStates) return results;
        const { embedding } = results;
        return {
          ...results,
          annotationStates: {
            disease: embedding.map((value) => value + 1),
            cell_type: embedding.map((value) => value + 2),
          },
        };
      },
      unload: async () => undefined,
    },
    layout: {
      umap: async (embedding, dimension, options = {}) => {
        const n = embedding.length / dimension;
        options.onProgress?.({ stage: 'layout', done: 1, total: 2, unit: 'epochs' });
        await wait(delay);
        options.signal?.throwIfAborted();
        return Float32Array.from({ length: 2 * n }, (_, i) => embedding[(i >> 1) * dimension + (i % 2)] * 10);
      },
    },
  };
}
