import type { WithheldReason } from '../../model/token-batch.ts';

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

/** Why a saved probe gives a cell no answer, by AppliedProbe.withheld. */
export const PROBE_WITHHELD: readonly string[] = [
  '',
  'outside what this probe was trained on: the features lie far from all its training cells',
  'the probe is not sure enough to answer',
];

/** Said wherever a run reads mouse genes through their human orthologs; null where it reads none. */
export function orthologNote(genes: number): string | null {
  if (genes === 0) return null;
  return (
    `${genes.toLocaleString('en-US')} mouse genes are read as their one-to-one human orthologs: the model knows ` +
    'human genes alone. Embeddings are those of a human model; predictions of mouse cells are withheld.'
  );
}

/** Said where a file has names of ours already; null where it has none. */
export function renamedNote(
  renamed: readonly { readonly wanted: string; readonly given: string }[],
): string | null {
  if (renamed.length === 0) return null;
  const pairs = renamed.map(({ wanted, given }) => `${wanted} is ${given}`).join(', ');
  return `The file has names of ours already, and keeps what stands there. Here ${pairs}.`;
}
