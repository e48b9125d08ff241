/** A file system directory as OPFS has it, in memory; `room` bytes in all, then QuotaExceededError. */
export function memoryDirectory(room = { bytes: Number.POSITIVE_INFINITY }): FileSystemDirectoryHandle {
  const entries = new Map<string, FileSystemDirectoryHandle | FileSystemFileHandle>();
  const missing = () => new DOMException('not there', 'NotFoundError');
  const directory = {
    kind: 'directory',
    name: '',
    async getDirectoryHandle(name: string, options?: { create?: boolean }) {
      const found = entries.get(name);
      if (found?.kind === 'directory') return found;
      if (!options?.create) throw missing();
      const made = memoryDirectory(room);
      entries.set(name, made);
      return made;
    },
    async getFileHandle(name: string, options?: { create?: boolean }) {
      const found = entries.get(name);
      if (found?.kind === 'file') return found;
      if (!options?.create) throw missing();
      const made = memoryFile(room);
      entries.set(name, made);
      return made;
    },
    async removeEntry(name: string) {
      if (!entries.delete(name)) throw missing();
    },
    async *entries() {
      yield* entries;
    },
    async *keys() {
      yield* entries.keys();
    },
  };
  return directory as unknown as FileSystemDirectoryHandle;
}

function memoryFile(room: { bytes: number }): FileSystemFileHandle {
  let content = new Blob([]);
  const handle = {
    kind: 'file',
    getFile: async () => content,
    async createWritable() {
      const parts: BlobPart[] = [];
      return {
        async write(part: BlobPart) {
          parts.push(typeof part === 'string' ? part : new Uint8Array(part as Uint8Array<ArrayBuffer>));
        },
        async close() {
          const next = new Blob(parts);
          if (next.size > room.bytes) throw new DOMException('full', 'QuotaExceededError');
          room.bytes -= next.size;
          content = next;
        },
        async abort() {},
      };
    },
  };
  return handle as unknown as FileSystemFileHandle;
}
