import { execFileSync } from 'node:child_process';

/** Debian's interpreter: the one python3-anndata is installed for. */
const PYTHON = '/usr/bin/python3';

const SCRIPT = `
import json, sys, warnings
warnings.simplefilter("ignore")
import anndata
a = anndata.read_h5ad(sys.argv[1])
def plain(x):
    return x.item() if hasattr(x, "item") else str(x)
print(json.dumps({
  "version": anndata.__version__,
  "n": a.n_obs,
  "obs_names": list(a.obs_names[:5]),
  "obs": {c: str(a.obs[c].dtype) for c in a.obs.columns},
  "obsm": {k: [list(v.shape), str(v.dtype)] for k, v in a.obsm.items()},
  "disease": {str(k): int(v) for k, v in a.obs["teddy_disease"].value_counts(dropna=False).items()} if "teddy_disease" in a.obs else None,
  "probability": [float(x) for x in a.obs["teddy_disease_probability"][:50]] if "teddy_disease_probability" in a.obs else None,
  "rows": [int(x) for x in a.obs["teddy_row"]],
  "uns": {k: plain(v) for k, v in a.uns.get("teddy", {}).items()},
  "colors": [k for k in a.uns if k.startswith("teddy_")],
}))
`;

export interface ReadBack {
  readonly version: string;
  readonly n: number;
  readonly obs_names: readonly string[];
  readonly obs: Readonly<Record<string, string>>;
  readonly obsm: Readonly<Record<string, readonly [readonly number[], string]>>;
  readonly disease: Readonly<Record<string, number>> | null;
  readonly probability: readonly number[] | null;
  readonly rows: readonly number[];
  readonly uns: Readonly<Record<string, unknown>>;
  readonly colors: readonly string[];
}

/** What anndata finds in an exported file. */
export function readWithAnndata(path: string): ReadBack {
  return JSON.parse(execFileSync(PYTHON, ['-c', SCRIPT, path], { encoding: 'utf8' })) as ReadBack;
}
