import * as v from 'valibot';
import { type FoundRecord, readRecord, schemaField } from './stored-record.ts';

/** Written last: a folder without it is not yet a model. */
const MANIFEST = 'manifest.json';
const SCHEMA = 'teddy-web/stored-model/1';

const text = v.pipe(v.string(), v.maxLength(4096));
const size = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const MANIFEST_SCHEMA = v.object({
  schema: schemaField(SCHEMA),
  name: text,
  sha256: text,
  origin: text,
  bytes: size,
  files: v.pipe(v.array(v.object({ path: text, size })), v.maxLength(1000)),
  segmentBytes: v.pipe(size, v.minValue(1)),
});

/** A model package kept in this browser. */
export interface StoredModel {
  /** Folder in the store; what ModelLocation 'opfs' names. */
  readonly id: string;
  readonly name: string;
  /** Of model.safetensors. */
  readonly sha256: string;
  /** Address it was fetched from; empty where it was dropped. */
  readonly origin: string;
  readonly bytes: number;
  readonly files: readonly { readonly path: string; readonly size: number }[];
  readonly segmentBytes: number;
}

/** What is said of the model in a folder. */
export async function readManifest(
  id: string,
  folder: FileSystemDirectoryHandle,
): Promise<FoundRecord<StoredModel>> {
  const found = await readRecord(folder, MANIFEST, MANIFEST_SCHEMA, 'name');
  if (found.kind !== 'sound') return found;
  const { schema: _, ...record } = found.value;
  return { kind: 'sound', value: { id, ...record } };
}

/** Makes the model in the folder one that is listed. */
export async function writeManifest(folder: FileSystemDirectoryHandle, model: StoredModel): Promise<void> {
  const handle = await folder.getFileHandle(MANIFEST, { create: true });
  const writable = await handle.createWritable();
  const { id: _, ...record } = model;
  await writable.write(JSON.stringify({ schema: SCHEMA, ...record }));
  await writable.close();
}
