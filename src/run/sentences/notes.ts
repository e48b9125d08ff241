import type { WithheldReason } from '../../model/token-batch.ts';
import type { SetAside } from '../../store/stored-record.ts';

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

/** Said where columns or embeddings of the file are not in an export; null where all are. */
export function leftOutNote(leftOut: readonly string[]): string | null {
  return leftOut.length === 0 ? null : `Left out, because the file is damaged there: ${leftOut.join('; ')}.`;
}

/** Said where timings of kernels are stored in a way this version does not know. */
export const TIMINGS_UNREAD =
  'The timings remembered of this GPU cannot be read; they are set aside and measured again.';

/** Said of what is kept in the browser but set aside; null where nothing is. @param what `model` or `result` */
export function setAsideNote(what: 'model' | 'result', setAside: readonly SetAside[]): string | null {
  const said = (['version', 'damaged'] as const).flatMap((why) => {
    const some = setAside.filter((one) => one.why === why);
    if (some.length === 0) return [];
    const names = some.map(({ id, name }) => name ?? id).join(', ');
    const many = some.length > 1;
    const kept = `${some.length} kept ${what}${many ? 's' : ''} (${names})`;
    const cause =
      why === 'version'
        ? `${many ? 'were' : 'was'} stored by another version of teddy-web`
        : `cannot be read: ${many ? 'their records are' : 'its record is'} damaged`;
    return [`${kept} ${cause}. ${many ? 'They are' : 'It is'} set aside, neither used nor removed.`];
  });
  return said.length === 0 ? null : said.join(' ');
}
