import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

const SCRIPT = `
import sys, warnings
warnings.simplefilter("ignore")
import anndata, numpy as np, pandas as pd
folder, source = sys.argv[1], sys.argv[2]
real = anndata.read_h5ad(source, backed="r")
rows = np.r_[0:20, real.n_obs - 20:real.n_obs]
a = real[rows].to_memory()
a.obs = a.obs[["donor_id", "condition"]]
x = a.X.toarray().astype("float32")
def save(name, x, var=None, obs=None):
    b = anndata.AnnData(x, obs=a.obs if obs is None else obs, var=a.var[[]] if var is None else var)
    b.write_h5ad(f"{folder}/{name}.h5ad")
save("no_counts", np.log1p(x / x.sum(1, keepdims=True) * 1e4))
save("no_known_gene", x, var=pd.DataFrame(index=[f"thing_{i}" for i in range(x.shape[1])]))
save("one_cell", x[:1], obs=a.obs.iloc[:1])
empty = x.copy(); empty[3] = 0
save("empty_cell", empty)
nan = x.copy(); nan[5, np.flatnonzero(x[5])[0]] = np.nan
save("nan_counts", nan)
few = np.zeros_like(x); few[:, :100] = x[:, :100] + 1
save("none_passes", few)
`;

/** Odd datasets made from real cells by anndata, and two files that are no datasets. */
export function makeBadFiles(folder: string, combat: string): void {
  execFileSync('/usr/bin/python3', ['-c', SCRIPT, folder, combat]);
  writeFileSync(join(folder, 'not_hdf5.h5ad'), 'cell,gene,count\nA,CD3E,3\n');
  const bytes = Buffer.alloc(200_000);
  readSync(openSync(combat, 'r'), bytes, 0, bytes.length, 0);
  writeFileSync(join(folder, 'truncated.h5ad'), bytes);
}

/** Broken copies of a model package; returns their folders. */
export function makeBadModels(
  folder: string,
  model: string,
): {
  readonly wrongShape: string;
  readonly corrupt: string;
  readonly withoutMedians: string;
} {
  const copy = (name: string) => {
    const to = join(folder, name);
    mkdirSync(to);
    for (const file of readdirSync(model)) copyFileSync(join(model, file), join(to, file));
    return to;
  };
  const wrongShape = copy('wrong_shape');
  const config = readFileSync(join(wrongShape, 'config.json'), 'utf8');
  writeFileSync(join(wrongShape, 'config.json'), config.replace('"d_hid": 512', '"d_hid": 500'));
  const corrupt = copy('corrupt');
  const weights = readFileSync(join(corrupt, 'model.safetensors'));
  weights.fill(0x7b, 8, 400);
  writeFileSync(join(corrupt, 'model.safetensors'), weights);
  const withoutMedians = copy('without_medians');
  renameSync(join(withoutMedians, 'gene_medians.json'), join(folder, 'teddy_gene_medians.json'));
  return { wrongShape, corrupt, withoutMedians };
}
