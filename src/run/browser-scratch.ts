import { DataError } from '../data/errors.ts';
import { mountHandle } from '../data/h5ad/handle-files.ts';
import { asStoreError } from '../store/errors.ts';
import { openScratchFile, removeScratchFile } from '../store/scratch-file.ts';
import type { ScratchFiles } from './scratch.ts';

const CHUNK = 2 ** 23;

/** Small files in the memory of the HDF5 library, copies of whole files in the browser's private file system. */
export function browserScratch(): ScratchFiles {
  let made = 0;
  return {
    async create(runtime) {
      const { FS } = await (await runtime.library()).ready;
      const path = `/export-${++made}.h5ad`;
      return {
        path,
        read: async () => new Uint8Array(FS.readFile(path)),
        remove: () => {
          if (FS.analyzePath(path).exists) FS.unlink(path);
        },
      };
    },
    clear: removeScratchFile,
    async copy(runtime, file, { signal, onProgress }) {
      if (typeof file === 'string') throw new DataError('unreadable', 'a browser opens dropped files');
      const scratch = await openScratchFile(file.size);
      const { handle } = scratch;
      try {
        for (let at = 0; at < file.size; at += CHUNK) {
          signal?.throwIfAborted();
          const bytes = new Uint8Array(await file.slice(at, at + CHUNK).arrayBuffer());
          handle.write(bytes, { at });
          onProgress?.({
            stage: 'copy',
            done: Math.min(at + CHUNK, file.size),
            total: file.size,
            unit: 'bytes',
          });
        }
        let failure: unknown = null;
        const mounted = mountHandle(await (await runtime.library()).ready, handle, (error) => {
          failure ??= asStoreError(error);
        });
        return {
          path: mounted.path,
          bytes: {
            size: async () => handle.getSize(),
            async read(offset, length) {
              const bytes = new Uint8Array(length);
              handle.read(bytes, { at: offset });
              return bytes;
            },
            async write(offset, bytes) {
              handle.write(bytes, { at: offset });
            },
          },
          failure: () => failure,
          async finish() {
            mounted.unmount();
            return scratch.finish();
          },
          async remove() {
            mounted.unmount();
            await scratch.remove();
          },
        };
      } catch (error) {
        await scratch.remove();
        throw asStoreError(error);
      }
    },
  };
}
