import type { ModelLocation } from '../../run/services.ts';

export interface FileAtPath {
  readonly path: string;
  readonly file: File;
}

/** Chosen files as a model package, named after the folder they came in. */
export function locationOfFiles(files: readonly FileAtPath[]): ModelLocation {
  const name = files[0].path.split('/').slice(0, -1)[0] ?? 'dropped model';
  return { kind: 'files', name, files: files.map(({ path, file }) => ({ path, file })) };
}

/** All files of what was dropped, folders walked to the bottom. */
export async function filesOfDrop(data: DataTransfer): Promise<readonly FileAtPath[]> {
  // Entries must be taken before the first await: afterwards the list is empty.
  const entries = [...data.items].map((item) => item.webkitGetAsEntry()).filter((entry) => entry !== null);
  return (await Promise.all(entries.map((entry) => filesUnder(entry, '')))).flat();
}

async function filesUnder(entry: FileSystemEntry, prefix: string): Promise<readonly FileAtPath[]> {
  const path = prefix ? `${prefix}/${entry.name}` : entry.name;
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) =>
      (entry as FileSystemFileEntry).file(resolve, reject),
    );
    return [{ path, file }];
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const found: FileAtPath[] = [];
  for (;;) {
    const batch = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (batch.length === 0) return found;
    for (const child of batch) found.push(...(await filesUnder(child, path)));
  }
}
