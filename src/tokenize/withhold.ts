import { WITHHELD_REASONS, type WithheldReason } from '../model/token-batch.ts';
import { isModelTissue } from './tissue.ts';

/**
 * A cell with fewer tokens than this tells too little to predict from. Of the held-out donors' cells
 * only five have fewer (all Kang, of 324; they fail QC too); the leanest whole data set, kang_ctrl's
 * 1,287 genes, never goes below 115.
 */
export const LEAST_TOKENS = 50;

/** What is known of a file before its cells are embedded. */
export interface WithholdingContext {
  /** Organisms in the model's vocabulary. */
  readonly modelOrganisms: ReadonlySet<string>;
  /** Tissues the model predicts; empty for a model without annotation heads. */
  readonly modelTissues: readonly string[];
}

/**
 * Whether the data alone withholds a cell's predictions, before any embedding.
 * @param organism in one spelling (organismName), null = neither recorded nor told by the genes
 * @param tissue as recorded, null = not recorded
 * @param tokens the model reads of the cell
 * @returns index into WITHHELD_REASONS, 0 = nothing speaks against showing them
 */
export function withheldByData(
  { modelOrganisms, modelTissues }: WithholdingContext,
  organism: string | null,
  tissue: string | null,
  tokens: number,
): number {
  if (organism !== null && !modelOrganisms.has(organism)) return indexOf('organism');
  if (modelTissues.length > 0 && isModelTissue(tissue, modelTissues) === false) return indexOf('tissue');
  return tokens < LEAST_TOKENS ? indexOf('few_genes') : 0;
}

function indexOf(reason: WithheldReason): number {
  return WITHHELD_REASONS.indexOf(reason);
}
