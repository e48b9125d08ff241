/** Endings and folders that say nothing of a sample. */
const ENDINGS = /(\.(h5ad|h5|hdf5|zarr|zip|arrow|feather|arrows|ipc|parquet|pq|mtx|gz))+$/i;
const GENERIC =
  /^(matrix|counts?|outs?|output|adata|anndata|data|cells|(sample_)?(filtered|raw)_(feature|gene|peak)_bc_matri(x|ces)(_h5)?|filtered|raw|count|per_sample_outs|grch38|hg19|mm10|gex)$/i;

/**
 * Names of samples from where their files lie: the file's name without its ending; where that says nothing
 * (`filtered_feature_bc_matrix.h5`), the folder above. Equal names are numbered.
 */
export function sampleNames(paths: readonly string[]): readonly string[] {
  const taken = new Set<string>();
  return paths.map((path) => {
    const parts = path.split('/').filter((part) => part !== '' && part !== '.');
    const plain = parts.map((part) => part.replace(ENDINGS, '').replace(/[._-]+$/, '')).reverse();
    const telling = plain.find((part) => part !== '' && !GENERIC.test(withoutGeneric(part))) ?? plain[0];
    const name = withoutGeneric(telling ?? '') || telling || 'sample';
    let unique = name;
    for (let n = 2; taken.has(unique); n++) unique = `${name} (${n})`;
    taken.add(unique);
    return unique;
  });
}

/** "P12_filtered_feature_bc_matrix" → "P12". */
function withoutGeneric(name: string): string {
  const short = name.replace(/[._-]+(sample_)?(filtered|raw)_(feature|gene)_bc_matri(x|ces)(_h5)?$/i, '');
  return short === '' ? name : short;
}
