#!/usr/bin/env python3
"""Makes public/sample/combat_600cells.h5ad: 200 cells of each of the three held-out COMBAT donors.

Needs Debian's python3-anndata and the shared COMBAT file; usage: make-sample.py COMBAT.h5ad
Cells are drawn with a fixed seed and kept in file order; counts, labels and gene symbols are unchanged.
Genes that are zero in all 600 cells stay, so that the sample has the columns of the whole file.
"""
import sys
import warnings
from pathlib import Path

import anndata
import numpy as np

DONORS = ["H00053", "S00006", "S00043"]
CELLS_PER_DONOR = 200
SEED = 0
OBS = ["donor_id", "condition", "disease", "pool", "tissue", "organism", "assay", "sex_inferred", "cell_type_predicted"]

warnings.simplefilter("ignore")
source = anndata.read_h5ad(sys.argv[1])
random = np.random.default_rng(SEED)
rows = np.sort(
    np.concatenate(
        [random.choice(np.flatnonzero(source.obs["donor_id"] == donor), CELLS_PER_DONOR, replace=False) for donor in DONORS]
    )
)
sample = anndata.AnnData(
    X=source.X[rows].astype(np.float32), obs=source.obs.iloc[rows][OBS].copy(), var=source.var[["feature_name"]].copy()
)
for column in OBS:
    sample.obs[column] = sample.obs[column].astype(str).astype("category")
sample.uns["title"] = "COMBAT, 600 cells of three donors held out of training"
sample.uns["source"] = "COMBAT Consortium, Cell 2022, via CELLxGENE, CC BY 4.0"
target = Path(__file__).resolve().parent.parent / "public" / "sample" / "combat_600cells.h5ad"
target.parent.mkdir(parents=True, exist_ok=True)
sample.write_h5ad(target, compression="gzip", compression_opts=9)
print(sample.shape, target.stat().st_size, "bytes")
