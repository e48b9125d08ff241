import { execFileSync } from 'node:child_process';
import { createWriteStream, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { gzipSync } from 'node:zlib';
import { zipSync } from 'fflate';

/** h5py makes what our writer of test files refuses to: links, storage elsewhere, shapes without data. */
const SCRIPT = `
import os, sys
import h5py, numpy as np
folder = sys.argv[1]
def frame(f, path, n, names=None):
    g = f.create_group(path)
    g.attrs["encoding-type"] = "dataframe"; g.attrs["_index"] = "_index"; g.attrs["column-order"] = np.array([], "f8")
    g.create_dataset("_index", data=names if names is not None else ["%s%d" % (path, i) for i in range(n)], dtype=h5py.string_dtype())
    return g
def sparse(f, path, shape, indptr, indices, data, dtype="f4"):
    g = f.create_group(path); g.attrs["encoding-type"] = "csr_matrix"; g.attrs["shape"] = np.array(shape)
    g["indptr"] = np.array(indptr, "i8"); g["indices"] = np.array(indices, "i4"); g["data"] = np.array(data, dtype)
    return g
def make(name, fill, cells=3, genes=4):
    with h5py.File(os.path.join(folder, name + ".h5ad"), "w") as f:
        frame(f, "obs", cells); frame(f, "var", genes); fill(f)
X = ([0, 2, 3, 5], [0, 2, 1, 0, 3], [1, 2, 3, 4, 5])
def sound(f): sparse(f, "X", (3, 4), *X)
make("sound", sound)
def soft(f): f["X"] = h5py.SoftLink("/layers/a"); f.create_group("layers"); f["layers/a"] = h5py.SoftLink("/X")
make("soft_link_loop", soft)
def itself(f): f["X"] = h5py.SoftLink("/X")
make("soft_link_to_itself", itself)
def hard(f): sound(f); f["obs/again"] = f["obs"]; f["layers"] = f["/"]; f.create_group("uns")["up"] = f["/"]
make("hard_link_loop", hard)
with h5py.File(os.path.join(folder, "secret.bin.h5"), "w") as f: sound(f); f["flat"] = np.ones((3, 4), "f4")
def outside(f): f["X"] = h5py.ExternalLink("secret.bin.h5", "/X")
make("external_link", outside)
def passwd(f): f["X"] = h5py.ExternalLink("/etc/passwd", "/X")
make("external_link_absolute", passwd)
open(os.path.join(folder, "secret.bin"), "wb").write(np.arange(12, dtype="f4").tobytes())
def storage(f): f.create_dataset("X", (3, 4), "f4", external=[(os.path.join(folder, "secret.bin"), 0, 48)])
make("external_storage", storage)
def virtual(f):
    layout = h5py.VirtualLayout((3, 4), "f4")
    layout[:] = h5py.VirtualSource(os.path.join(folder, "secret.bin.h5"), "flat", (3, 4))
    f.create_virtual_dataset("X", layout, fillvalue=0)
make("virtual", virtual)
def dense(f): f.create_dataset("X", (3, 10**9), "f4", chunks=(1, 10**6))
make("dense_wider_than_var", dense)
def giant(f):
    g = sparse(f, "X", (3, 4), X[0], [], [])
    del g["indices"]; del g["data"]
    g["indptr"][...] = [0, 10**11, 2 * 10**11, 3 * 10**11]
    g.create_dataset("indices", (3 * 10**11,), "i4", chunks=(10**6,)); g.create_dataset("data", (3 * 10**11,), "f4", chunks=(10**6,))
make("unwritten_sparse_3e11", giant)
def names(f):
    sound(f); del f["obs/_index"]; f.create_dataset("obs/_index", (10**10,), h5py.string_dtype(), chunks=(10**6,))
make("unwritten_names_1e10", names)
def cube(f): f.create_dataset("X", (10**5, 10**5), "f4", chunks=(1000, 1000))
def both(f):
    cube(f)
    for path in ("obs", "var"):
        del f[path + "/_index"]; f.create_dataset(path + "/_index", (10**5,), h5py.string_dtype(), chunks=(10**5,))
make("unwritten_dense_1e10", both)
make("indptr_descends", lambda f: sparse(f, "X", (3, 4), [0, 3, 2, 5], X[1], X[2]))
make("indptr_beyond", lambda f: sparse(f, "X", (3, 4), [0, 2, 3, 50], X[1], X[2]))
make("indptr_negative", lambda f: sparse(f, "X", (3, 4), [0, -2, 3, 5], X[1], X[2]))
make("indptr_starts_late", lambda f: sparse(f, "X", (3, 4), [2, 2, 3, 5], X[1], X[2]))
make("indptr_short", lambda f: sparse(f, "X", (3, 4), [0, 2, 5], X[1], X[2]))
make("index_beyond", lambda f: sparse(f, "X", (3, 4), X[0], [0, 4, 1, 0, 3], X[2]))
make("index_negative", lambda f: sparse(f, "X", (3, 4), X[0], [0, -1, 1, 0, 3], X[2]))
make("indices_unsorted_twice", lambda f: sparse(f, "X", (3, 4), X[0], [2, 0, 1, 3, 3], X[2]))
make("data_short", lambda f: sparse(f, "X", (3, 4), X[0], X[1], [1, 2, 3]))
make("nan", lambda f: sparse(f, "X", (3, 4), X[0], X[1], [1, 2, np.nan, 4, 5]))
make("infinite", lambda f: sparse(f, "X", (3, 4), X[0], X[1], [1, 2, np.inf, 4, 5]))
make("negative", lambda f: sparse(f, "X", (3, 4), X[0], X[1], [1, 2, -3, 4, 5]))
make("no_cells", lambda f: sparse(f, "X", (0, 4), [0], [], []), cells=0)
make("no_genes", lambda f: sparse(f, "X", (3, 0), [0, 0, 0, 0], [], []), genes=0)
make("neither", lambda f: sparse(f, "X", (0, 0), [0], [], []), cells=0, genes=0)
def twice(f):
    sound(f)
    for path, n in (("obs", 3), ("var", 4)):
        del f[path + "/_index"]; f.create_dataset(path + "/_index", data=["same"] * n, dtype=h5py.string_dtype())
make("names_twice", twice)
def wrong(f): sparse(f, "X", (3, 4), *X).attrs["shape"] = np.array([30, 40])
make("shape_lies", wrong)
def minus(f): sparse(f, "X", (3, 4), *X).attrs["shape"] = np.array([-3, 4])
make("shape_negative", minus)
`;

/** Contents that unpack to many times what they are: small members of zeros, one after the other. */
async function gzipBomb(path: string, first: Uint8Array, gibibytes: number): Promise<void> {
  const out = createWriteStream(path);
  out.write(gzipSync(first));
  const zeros = gzipSync(new Uint8Array(2 ** 26), { level: 9 });
  for (let i = 0; i < gibibytes * 16; i++) out.write(zeros);
  out.end();
  await finished(out);
}

/** Writes files that lie, loop, point elsewhere or grow, by name below `folder`. */
export async function writeHostileFiles(folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  execFileSync('/usr/bin/python3', ['-c', SCRIPT, folder]);
  const hdf5 = Uint8Array.of(0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a);
  await gzipBomb(join(folder, 'bomb_of_zeros.h5ad.gz'), new Uint8Array(8), 3);
  await gzipBomb(join(folder, 'bomb_of_hdf5.h5ad.gz'), hdf5, 3);
  await gzipBomb(
    join(folder, 'matrix.mtx.gz'),
    new TextEncoder().encode('%%MatrixMarket matrix coordinate integer general\n'),
    24,
  );
  const text = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
  const bomb = Buffer.concat([
    Buffer.from('{"zarr_format":2,"a":"'),
    Buffer.alloc(2 ** 28, 0x61),
    Buffer.from('"}'),
  ]);
  writeFileSync(
    join(folder, 'bomb_of_metadata.zarr.zip'),
    zipSync({
      '.zgroup': text({ zarr_format: 2 }),
      'obs/.zgroup': bomb,
      'var/.zgroup': text({ zarr_format: 2 }),
    }),
  );
}
