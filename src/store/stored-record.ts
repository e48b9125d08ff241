import * as v from 'valibot';
import { StoreError } from './errors.ts';

/** Longest record that is read: a package of a few thousand files. */
const MOST_BYTES = 2 ** 20;

/** What is kept in this browser but cannot be used by this version of teddy-web; it is left as it is. */
export interface SetAside {
  readonly id: string;
  /** What it calls itself, where that can be read. */
  readonly name: string | null;
  /** `version`: another version of teddy-web wrote it; `damaged`: its record does not read. */
  readonly why: 'version' | 'damaged';
}

/** A record as it was found; `none` where there is no file, as an interrupted write leaves it. */
export type FoundRecord<T> =
  | { readonly kind: 'sound'; readonly value: T }
  | { readonly kind: 'none' }
  | ({ readonly kind: 'set-aside' } & Omit<SetAside, 'id'>);

/** What every record says first. Those of before it was said are of version 1. */
export function schemaField<const S extends string>(schema: S) {
  return v.optional(v.literal(schema), () => schema);
}

/**
 * Reads a record: JSON of a schema, in a file of a folder.
 * @param nameField field that names what is kept, for a record that is set aside
 * @throws what the file system throws, but for a file that is not there
 */
export async function readRecord<T>(
  folder: FileSystemDirectoryHandle,
  file: string,
  schema: v.GenericSchema<unknown, T>,
  nameField: string,
): Promise<FoundRecord<T>> {
  const handle = await folder.getFileHandle(file).catch((error: unknown) => {
    if (error instanceof DOMException && error.name === 'NotFoundError') return null;
    throw error;
  });
  if (handle === null) return { kind: 'none' };
  const blob = await handle.getFile();
  const json = blob.size > MOST_BYTES ? undefined : parsed(await blob.text());
  const result = v.safeParse(schema, json);
  if (result.success) return { kind: 'sound', value: result.output };
  const name = v.safeParse(v.object({ [nameField]: v.pipe(v.string(), v.maxLength(500)) }), json);
  // A schema other than ours is the first thing found wrong; all else may then mean something else.
  const ofVersion = result.issues.some(({ path }) => path?.length === 1 && path[0].key === 'schema');
  return {
    kind: 'set-aside',
    name: name.success ? (name.output[nameField] ?? null) : null,
    why: ofVersion ? 'version' : 'damaged',
  };
}

/** @throws StoreError 'store-version': what another version wrote is neither read nor written over */
export function refuseOtherVersion(found: FoundRecord<unknown>, id: string): void {
  if (found.kind === 'set-aside' && found.why === 'version')
    throw new StoreError('store-version', `${found.name ?? id} was stored by another version of teddy-web`);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
