import type { RunErrorCode } from '../errors.ts';
import { always, type Say, saysItself } from './sentence.ts';

/** Of a request that makes no sense for what is open. */
export const RUN: Readonly<Record<RunErrorCode, Say>> = {
  'nothing-open': always('No file is open.', 'Open a file of cells first.'),
  'no-counts': saysItself('TEDDY reads raw counts: open a file that keeps them in X, raw.X or a layer.'),
  'no-known-gene': always(
    "None of the file's genes is in the model's vocabulary.",
    'Name the genes by Ensembl id or by human gene symbol, in the index or a column of var.',
  ),
  'no-cells-chosen': saysItself('Choose at least one cell.'),
  'unknown-column': saysItself('Choose another column.'),
  'unknown-gene': saysItself('Choose a gene of the file.'),
  'no-model': always('No model is loaded.', 'Choose a model first.'),
  'model-unreachable': saysItself('Check the connection and reload the page.'),
  'model-gone': always(
    'The stored model is no longer on this machine.',
    'Fetch it or drop its folder again.',
  ),
  'no-engine': saysItself('Choose another engine or a smaller model.'),
  'not-finite': saysItself('Choose another engine; if it happens again, the weights are damaged.'),
  'too-many-values': saysItself('Choose fewer cells.'),
  'no-features': saysItself('Choose other features for the probe.'),
  'too-few-classes': saysItself(
    'Choose a label column, or a table, with at least two classes among the chosen cells.',
  ),
};
