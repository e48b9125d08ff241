import type { H5Module, MountedFile } from './runtime.ts';

/** A file that can be read and changed at once: what FileSystemSyncAccessHandle offers in a worker. */
export type SyncFile = Pick<FileSystemSyncAccessHandle, 'read' | 'write' | 'truncate' | 'getSize'>;

/** Modes of a folder and a file, and error numbers, as Emscripten has them. */
const FOLDER_MODE = 0o40777;
const FILE_MODE = 0o100777;
const ENOENT = 44;
const ENOSPC = 51;
const EINVAL = 28;

/** What of Emscripten's file systems its types do not tell. */
interface FileNode {
  readonly id: number;
  readonly mode: number;
  node_ops: unknown;
  stream_ops: unknown;
}
interface Stream {
  readonly position: number;
}
/** A part of the library's memory: signed bytes mostly. */
type Memory = Int8Array | Uint8Array;
interface FileSystem {
  createNode(parent: FileNode | null, name: string, mode: number, device: number): FileNode;
  readonly ErrnoError: new (errno: number) => Error;
  mkdirTree(path: string): void;
  mount(type: { mount(): FileNode }, options: object, path: string): void;
  unmount(path: string): void;
  rmdir(path: string): void;
}

let mounts = 0;

/**
 * Makes an open file handle a file that the HDF5 library can change, of any size: nothing of it is held in memory.
 * @param onFailure told what the browser threw (QuotaExceededError), of which the library learns a number only
 */
export function mountHandle(
  module: H5Module,
  handle: SyncFile,
  onFailure: (error: unknown) => void,
): MountedFile {
  const files = module.FS as unknown as FileSystem;
  const folder = `/changed-${++mounts}`;
  const now = new Date();
  const guarded = <T>(work: () => T): T => {
    try {
      return work();
    } catch (error) {
      onFailure(error);
      throw new files.ErrnoError(ENOSPC);
    }
  };
  const nodeOps = {
    getattr({ id, mode }: FileNode) {
      const size = mode === FILE_MODE ? handle.getSize() : 4096;
      const owner = { dev: 1, ino: id, mode, nlink: 1, uid: 0, gid: 0, rdev: 0 };
      const times = { atime: now, mtime: now, ctime: now };
      return { ...owner, ...times, size, blksize: 4096, blocks: Math.ceil(size / 4096) };
    },
    setattr(_node: FileNode, { size }: { readonly size?: number }) {
      if (size !== undefined) guarded(() => handle.truncate(size));
    },
    lookup() {
      throw new files.ErrnoError(ENOENT);
    },
  };
  const streamOps = {
    read: (_stream: Stream, memory: Memory, offset: number, length: number, at: number) =>
      guarded(() => handle.read(bytesOf(memory, offset, length), { at })),
    write: (_stream: Stream, memory: Memory, offset: number, length: number, at: number) =>
      guarded(() => handle.write(bytesOf(memory, offset, length), { at })),
    llseek(stream: Stream, offset: number, whence: number) {
      const from = [0, stream.position, handle.getSize()][whence] ?? Number.NaN;
      if (!(from + offset >= 0)) throw new files.ErrnoError(EINVAL);
      return from + offset;
    },
  };
  const create = (parent: FileNode | null, name: string, mode: number): FileNode => {
    const node = files.createNode(parent, name, mode, 0);
    node.node_ops = nodeOps;
    node.stream_ops = streamOps;
    return node;
  };
  files.mkdirTree(folder);
  files.mount(
    {
      mount() {
        const root = create(null, '/', FOLDER_MODE);
        create(root, 'data.h5', FILE_MODE);
        return root;
      },
    },
    {},
    folder,
  );
  return {
    path: `${folder}/data.h5`,
    unmount() {
      files.unmount(folder);
      files.rmdir(folder);
    },
  };
}

function bytesOf(memory: Memory, offset: number, length: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(memory.buffer as ArrayBuffer, memory.byteOffset + offset, length);
}
