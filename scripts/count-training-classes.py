#!/usr/bin/env python3
"""Adds `training_class_counts` {annotation: {study: {class: cells}}} to a model's training.json.

It counts all cells of the training donors, with the labels named as the model names its classes. The total
must be `cells_in_training_set`: that is so without the QC threshold of 225 genes (with it, two cells of the
Kang study would be missing), so training did not apply it.
Needs Debian's python3-anndata; usage: count-training-classes.py SHARED_DATA_FOLDER MODEL_FOLDER
"""
import json
import sys
import warnings
from pathlib import Path

import anndata

ANNOTATIONS = {
    "combat": {"disease": "disease", "tissue": "tissue", "cell_type": "cell_type_predicted", "sex": "sex_inferred"},
    "velmeshev": {"disease": "disease", "tissue": "tissue", "cell_type": "cell_type", "sex": "sex_inferred"},
    "kang": {"disease": "disease", "tissue": "tissue", "cell_type": "cell_type"},
}
CLASSES = {
    "B": "B cell",
    "B cells": "B cell",
    "CD14+ Monocytes": "monocyte",
    "FCGR3A+ Monocytes": "monocyte",
    "CD4 T cells": "T cell",
    "CD8 T cells": "T cell",
    "NK cells": "natural killer cell",
    "Dendritic cells": "dendritic cell",
    "Megakaryocytes": "megakaryocyte",
}
MISSING = {"unknown", "nan", ""}

warnings.simplefilter("ignore")
data, model = Path(sys.argv[1]), Path(sys.argv[2])
record = json.loads((model / "training.json").read_text())
config = json.loads((model / "config.json").read_text())
counts = {name: {} for name in config["annotations"]}
total = 0
for study, path in zip(record["data"], record["file_sha256"]):
    cells = anndata.read_h5ad(data / path)
    donors = cells.obs["donor_id"].astype(str).isin(record["training_donors"][study])
    trained = cells.obs[donors.to_numpy()]
    total += len(trained)
    for annotation, column in ANNOTATIONS[study].items():
        labels = trained[column].astype(str).map(lambda label: CLASSES.get(label, label))
        found = {str(k): int(v) for k, v in sorted(labels.value_counts().items()) if k not in MISSING}
        unknown = set(found) - set(config["annotations"][annotation])
        if unknown:
            sys.exit(f"{study}: {sorted(unknown)} are no classes of {annotation}")
        counts[annotation][study] = found
if total != record["cells_in_training_set"]:
    sys.exit(f"counted {total} cells, training.json says {record['cells_in_training_set']}")
record["training_class_counts"] = counts
(model / "training.json").write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n")
print(total, json.dumps(counts))
