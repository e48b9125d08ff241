import { count, counted } from './numbers.ts';

/** A fine-tuned model in the table, and what it learnt from. */
export interface FineTunedNote {
  readonly name: string;
  /** Name of the model it goes on from. */
  readonly base: string;
  /** Genes that it reads of a cell, where they are more than the base reads. */
  readonly genesPerCell: number | null;
  readonly donors: number;
  readonly cells: number;
}

/** Why a fine-tuned model has no row, though it was taught the column that is asked for. */
export type FineTunedRefusal =
  | {
      readonly kind: 'trained-on' | 'chosen-by' | 'not-held-out';
      readonly name: string;
      /** The tested donors at fault. */
      readonly donors: readonly string[];
    }
  /** Its head knows fewer than two of the classes. */
  | { readonly kind: 'other-classes'; readonly name: string };

/** Name of the row. */
export function fineTunedName(name: string): string {
  return `fine-tuned model (${name})`;
}

/** What has to be known of a fine-tuned model's figures beside those of a probe. */
export function fineTunedNote({ name, base, genesPerCell, donors, cells }: FineTunedNote): string {
  const reads =
    genesPerCell === null
      ? ''
      : `, and reads ${count(genesPerCell)} genes of a cell, more than the probe’s model`;
  return `The ${fineTunedName(name)} goes on from ${base}${reads}. It learnt once, from ${counted(cells, 'cell')} of ${counted(donors, 'training donor')} alone; the probes are fitted anew for each held-out donor, with the other held-out donors in training too.`;
}

/** Why it is not in the table. */
export function fineTunedRefusal(refusal: FineTunedRefusal): string {
  const begun = `The ${fineTunedName(refusal.name)} is not in the table`;
  if (refusal.kind === 'other-classes')
    return `${begun}: its head knows fewer than two of the classes that are asked for.`;
  const donors = `tested donors ${refusal.donors.join(', ')}`;
  switch (refusal.kind) {
    case 'trained-on':
      return `${begun}: it was trained on the ${donors}.`;
    case 'chosen-by':
      return `${begun}: its weights were chosen by the ${donors}.`;
    case 'not-held-out':
      return `${begun}: its training.json does not list the ${donors} as held out.`;
  }
}
