"""Makes src/export/boolean-template.ts: an HDF5 file that holds empty, growable boolean datasets.

h5wasm cannot create the HDF5 enumeration that h5py and anndata know as bool, but it can open a file
that has such datasets, link, resize and fill them. They lie in `obs/__booleans__`, where anndata
(which reads the columns of `column-order` alone) does not look. Needs python3-h5py.
"""

import base64
import gzip
import io
import sys

import h5py
import numpy as np

COUNT = 96
buffer = io.BytesIO()
with h5py.File(buffer, "w", libver="earliest") as file:
    group = file.create_group("obs").create_group("__booleans__")
    for i in range(COUNT):
        group.create_dataset(str(i), shape=(0,), maxshape=(None,), chunks=(4096,), dtype=np.bool_)
text = base64.b64encode(gzip.compress(buffer.getvalue(), 9, mtime=0)).decode()
lines = "\n".join(f"  '{text[i : i + 100]}'," for i in range(0, len(text), 100))
sys.stdout.write(
    "/** Made by scripts/make-boolean-template.py, which says why it is needed. */\n"
    f"export const BOOLEAN_DATASETS = {COUNT};\n"
    "export const BOOLEAN_GROUP = '__booleans__';\n\n"
    "/** gzip in base64. */\nexport const BOOLEAN_TEMPLATE = [\n" + lines + "\n].join('');\n"
)
