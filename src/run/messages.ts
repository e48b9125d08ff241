import type { AuditErrorCode } from '../audit/errors.ts';
import type { DataErrorCode } from '../data/errors.ts';
import type { ExportErrorCode } from '../export/errors.ts';
import type { ModelErrorCode } from '../model/errors.ts';
import type { WithheldReason } from '../model/token-batch.ts';
import type { ProbeFileErrorCode } from '../probe/file-errors.ts';
import type { RunErrorCode } from './errors.ts';
import { PROBE_HELP } from './probe-messages.ts';

export { DISCLAIMER } from '../model/disclaimer.ts';

/** What happened and, where something can be done, what. */
export interface Sentence {
  readonly what: string;
  readonly help: string | null;
}

/** Why a cell's predictions are not shown, for people. */
export const WITHHELD_SENTENCES: Readonly<Record<WithheldReason, string>> = {
  shown: '',
  organism: 'outside what this model has seen: the recorded organism is not one of its organisms',
  tissue: 'outside what this model has seen: the recorded tissue is not one of its tissues',
  few_genes: 'outside what this model has seen: too few genes of its vocabulary carry counts',
  distance: 'outside what this model has seen: the embedding lies far from all training cells',
  likelihood:
    'outside what this model has seen: the genes expressed together are unlike those of training cells',
};

/** Said wherever a run reads mouse genes through their human orthologs; null where it reads none. */
export function orthologNote(genes: number): string | null {
  if (genes === 0) return null;
  return (
    `${genes.toLocaleString('en-US')} mouse genes are read as their one-to-one human orthologs: the model knows ` +
    'human genes alone. Embeddings are those of a human model; predictions of mouse cells are withheld.'
  );
}

const SUPPORTED =
  'teddy-web reads raw counts from .h5ad, 10x .h5 and mtx, zarr, Arrow (Feather) and Parquet, packed with gzip or not.';
const AGAIN = 'Save or download the file again and retry.';
const MODEL_FOLDER =
  'A model folder holds config.json, vocab.txt, added_tokens.json, model.safetensors and the gene medians.';

/** Why a saved probe gives a cell no answer, by AppliedProbe.withheld. */
export const PROBE_WITHHELD: readonly string[] = [
  '',
  'outside what this probe was trained on: the features lie far from all its training cells',
  'the probe is not sure enough to answer',
];

type Say = (message: string, subject: string) => Sentence;

const DATA: Readonly<Record<DataErrorCode, Say>> = {
  'not-a-dataset': () => ({ what: 'This file is not a dataset teddy-web can read.', help: SUPPORTED }),
  'not-anndata': () => ({
    what: 'This HDF5 file is neither .h5ad (it has no obs and var) nor a 10x matrix.',
    help: SUPPORTED,
  }),
  'unsupported-format': (message) => ({
    what: sentence(message),
    help: 'Read it with scanpy and save it with adata.write_h5ad("file.h5ad").',
  }),
  truncated: () => ({ what: 'The file ends before its contents do: it is truncated.', help: AGAIN }),
  corrupt: (message) => ({ what: `The file is damaged: ${message}.`, help: AGAIN }),
  crashed: () => ({ what: 'The file made the HDF5 reader break down: it is damaged.', help: AGAIN }),
  'unsupported-filter': (_message, subject) => ({
    what: `The file is compressed in a way teddy-web cannot unpack (${subject || 'an unknown filter'}).`,
    help: 'Save it again with gzip: adata.write_h5ad("file.h5ad", compression="gzip").',
  }),
  'unsupported-type': (message) => ({
    what: sentence(message),
    help: 'Save the file again with a current anndata version, counts as integers or floats.',
  }),
  'too-large': (message) => ({
    what: sentence(message),
    help: 'Open a smaller file, or one whose matrix is stored sparse by rows (CSR).',
  }),
  'bad-shape': (message) => ({ what: `The parts of the file do not fit together: ${message}.`, help: AGAIN }),
  'bad-index': (message) => ({ what: `The file is damaged: ${message}.`, help: AGAIN }),
  'bad-schema': (message) => ({
    what: sentence(message),
    help: 'The documentation shows how to write an Arrow or Parquet file of cells in five lines.',
  }),
  missing: (message) => ({ what: sentence(message), help: AGAIN }),
  'missing-parts': (message) => ({
    what: sentence(message),
    help: 'Drop matrix.mtx, barcodes.tsv and features.tsv (or genes.tsv) together, or the folder they lie in.',
  }),
  'not-together': (message) => ({
    what: sentence(message),
    help: 'Files dropped together are joined by their genes: open them one at a time.',
  }),
  'no-matrix': () => ({
    what: 'The file holds no expression matrix: X, raw/X and layers are missing.',
    help: 'Open a file with raw counts.',
  }),
  'not-recoverable': (message) => ({
    what: sentence(message),
    help: 'Open a file that keeps the raw counts in raw, X or a layer.',
  }),
  'no-cells': () => ({ what: 'The file has no cells.', help: 'Open a file with at least one cell.' }),
  unreadable: (message) => ({
    what: sentence(message),
    help: 'Check that the file is still there and may be read.',
  }),
};

const MODEL: Readonly<Record<ModelErrorCode, Say>> = {
  'config-missing': () => ({ what: 'This is not a model: there is no config.json.', help: MODEL_FOLDER }),
  'config-invalid': modelFault,
  'vocabulary-missing': modelFault,
  'vocabulary-invalid': modelFault,
  'medians-missing': () => ({
    what: 'The model comes without gene medians, and ranks need them.',
    help:
      'Add teddy_gene_medians.json (published under teddy/data_processing/utils/medians/data) to what you drop, ' +
      'beside the model folder or inside it.',
  }),
  'medians-ambiguous': (message) => ({ what: sentence(message), help: 'Keep one file of gene medians.' }),
  'medians-invalid': modelFault,
  'weights-missing': modelFault,
  'weights-corrupt': (message) => ({
    what: `The model's weights are damaged: ${message}.`,
    help: 'Download model.safetensors again.',
  }),
  'tensor-missing': modelFault,
  'tensor-shape': modelFault,
  'tensor-dtype': (message) => ({
    what: sentence(message),
    help: 'Weights may be stored as F32, F16 or BF16.',
  }),
  'several-models': (message) => ({ what: sentence(message), help: 'Drop the folder of one model alone.' }),
  'training-invalid': modelFault,
  'reference-invalid': modelFault,
};

const RUN: Readonly<Record<RunErrorCode, Say>> = {
  'nothing-open': () => ({ what: 'No file is open.', help: 'Open a file of cells first.' }),
  'no-counts': (message) => ({
    what: sentence(message),
    help: 'TEDDY reads raw counts: open a file that keeps them in X, raw.X or a layer.',
  }),
  'no-known-gene': () => ({
    what: "None of the file's genes is in the model's vocabulary.",
    help: 'Name the genes by Ensembl id or by human gene symbol, in the index or a column of var.',
  }),
  'no-cells-chosen': (message) => ({ what: sentence(message), help: 'Choose at least one cell.' }),
  'unknown-column': (message) => ({ what: sentence(message), help: 'Choose another column.' }),
  'unknown-gene': (message) => ({ what: sentence(message), help: 'Choose a gene of the file.' }),
  'no-model': () => ({ what: 'No model is loaded.', help: 'Choose a model first.' }),
  'model-unreachable': (message) => ({
    what: sentence(message),
    help: 'Check the connection and reload the page.',
  }),
  'model-gone': () => ({
    what: 'The stored model is no longer on this machine.',
    help: 'Fetch it or drop its folder again.',
  }),
  'no-engine': (message) => ({ what: sentence(message), help: 'Choose another engine or a smaller model.' }),
  'not-finite': (message) => ({
    what: sentence(message),
    help: 'Choose another engine; if it happens again, the weights are damaged.',
  }),
  'too-many-values': (message) => ({ what: sentence(message), help: 'Choose fewer cells.' }),
  'no-features': (message) => ({ what: sentence(message), help: 'Choose other features for the probe.' }),
  'too-few-classes': (message) => ({
    what: sentence(message),
    help: 'Choose a label column, or a table, with at least two classes among the chosen cells.',
  }),
};

const AUDIT: Readonly<Record<AuditErrorCode, Say>> = {
  'sketch-invalid': (message) => ({
    what: `The sketch cannot be used: ${message}.`,
    help: 'Make it again with: teddy-web sketch NAME=FILE --out sketch.safetensors.',
  }),
  'sketch-version': (message) => ({
    what: sentence(message),
    help: 'Make it again with: teddy-web sketch NAME=FILE --out sketch.safetensors.',
  }),
  'sketch-too-large': (message) => ({ what: sentence(message), help: 'Make one of fewer cells.' }),
};

const EXPORT: Readonly<Record<ExportErrorCode, Say>> = {
  'too-large': (message) => ({ what: sentence(message), help: 'Export as .h5ad, or fewer cells.' }),
  'whole-impossible': (message) => ({ what: sentence(message), help: null }),
};

const STORE: Readonly<Record<string, Say>> = {
  'store-absent': () => ({
    what: 'This browser gives the page no private storage.',
    help: 'Leave private browsing, or drop the model folder onto the main page: it is then used from memory.',
  }),
  'store-full': () => ({
    what: 'The browser gives this site no more storage.',
    help: 'Forget stored models or free disk space.',
  }),
  'store-gone': () => RUN['model-gone']('', ''),
  'results-gone': () => ({ what: 'These results are no longer kept in this browser.', help: null }),
  'store-changed': (message) => ({ what: sentence(message), help: 'Fetch the model again.' }),
  'store-version': (message) => ({
    what: sentence(message),
    help: 'Use that version, or delete it on the page that fetches models.',
  }),
};

const PROBE_FILE: Readonly<Record<ProbeFileErrorCode, Say>> = {
  'config-invalid': (message) => ({
    what: `The configuration cannot be used: ${message}.`,
    help: 'Take it from a report of teddy-web, or write it with the fields of one.',
  }),
  'config-version': (message) => ({
    what: sentence(message),
    help: 'Use the version of teddy-web that wrote it.',
  }),
  'probe-invalid': (message) => ({
    what: `The file is not a probe that can be used: ${message}.`,
    help: 'A probe is a file NAME.probe.safetensors that teddy-web saved.',
  }),
  'probe-version': (message) => ({
    what: sentence(message),
    help: 'Use the version of teddy-web that wrote it.',
  }),
  'probe-mismatch': (message) => ({
    what: sentence(message),
    help: 'Embed the cells with the model, pooling and features the probe was trained on.',
  }),
};

const BY_CODE: Readonly<Record<string, Say>> = {
  ...DATA,
  ...MODEL,
  ...RUN,
  ...AUDIT,
  ...EXPORT,
  ...STORE,
  ...PROBE_FILE,
};

/** One clear sentence for any error, with what to do where that is known. */
export function sentenceOf(error: unknown): Sentence {
  if (!(error instanceof Error) && !(error instanceof DOMException))
    return { what: sentence(String(error)), help: null };
  const fields = error as unknown as Readonly<Record<string, unknown>>;
  const { name } = error;
  const code = typeof fields.code === 'string' ? fields.code : '';
  const subject = typeof fields.subject === 'string' ? fields.subject : '';
  const file = typeof fields.file === 'string' ? fields.file : '';
  const known = Object.hasOwn(BY_CODE, code) ? BY_CODE[code] : undefined;
  if (known) {
    const said = known(error.message, subject);
    return file === '' ? said : { ...said, what: `${file}: ${said.what}` };
  }
  if (isAbort(error)) return { what: 'Cancelled.', help: null };
  if (name === 'ProbeError' && Object.hasOwn(PROBE_HELP, code)) {
    return { what: sentence(error.message), help: PROBE_HELP[code as keyof typeof PROBE_HELP] };
  }
  if (name === 'CountsError') {
    return {
      what: `The matrix does not hold raw counts: ${error.message}.`,
      help: 'Counts are whole numbers of 0 or more: choose another matrix or file.',
    };
  }
  if (name === 'WorkerDiedError') {
    return {
      what:
        fields.reason === 'stalled'
          ? 'The work hung and was stopped.'
          : 'The work stopped unexpectedly, often for lack of memory.',
      help: 'Try again; with a large file or model choose fewer cells, or another engine.',
    };
  }
  if (name === 'EngineLostError') {
    return fields.reason === 'out-of-memory'
      ? {
          what: 'The device has not enough memory for this model.',
          help: 'Choose another engine or a smaller model.',
        }
      : {
          what: 'The GPU went away and could not be brought back.',
          help: 'Try again, or choose another engine.',
        };
  }
  if (name === 'QuotaExceededError') {
    return {
      what: 'The browser gives this site no more storage.',
      help: 'Forget stored models or free disk space.',
    };
  }
  if (name === 'NotReadableError' || name === 'NotFoundError') {
    return {
      what: 'The file can no longer be read: it was moved or changed since it was opened.',
      help: 'Open it again.',
    };
  }
  if (name === 'RangeError' && /allocation|array length|memory/i.test(error.message)) {
    return { what: 'There is not enough memory for this.', help: 'Choose fewer cells or a smaller file.' };
  }
  if (name === 'ShortReadError') return { what: 'A file ends before its contents do.', help: AGAIN };
  return { what: sentence(error.message || name), help: null };
}

/** Said where timings of kernels are stored in a way this version does not know. */
export const TIMINGS_UNREAD =
  'The timings remembered of this GPU cannot be read; they are set aside and measured again.';

/** Why a file holds the results alone where the whole was asked for. */
export function wholeFileNote(error: unknown): string {
  return `The original could not be added to: this file holds the results alone. ${sentenceOf(error).what}`;
}

/** Said where a file has names of ours already; null where it has none. */
export function renamedNote(
  renamed: readonly { readonly wanted: string; readonly given: string }[],
): string | null {
  if (renamed.length === 0) return null;
  const pairs = renamed.map(({ wanted, given }) => `${wanted} is ${given}`).join(', ');
  return `The file has names of ours already, and keeps what stands there. Here ${pairs}.`;
}

/** Both parts as one line, for the command line and logs. */
export function lineOf(error: unknown): string {
  const { what, help } = sentenceOf(error);
  return help === null ? what : `${what} ${help}`;
}

/** True for what an AbortSignal throws when the user cancels. */
export function isAbort(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'name' in error && error.name === 'AbortError';
}

function modelFault(message: string): Sentence {
  return { what: `The model cannot be used: ${message}.`, help: MODEL_FOLDER };
}

/** A message as a sentence: capital first, full stop last. */
function sentence(message: string): string {
  const text = message.trim();
  const end = /[.!?]$/.test(text) ? '' : '.';
  return text.charAt(0).toUpperCase() + text.slice(1) + end;
}
