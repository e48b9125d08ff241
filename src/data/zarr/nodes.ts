import { DataError } from '../errors.ts';
import { nodeOfVersion2, nodeOfVersion3, type ZarrNode } from './metadata.ts';
import type { ZarrStore } from './store.ts';

/** Files of metadata at most, and of one of them. */
const MAX_NODES = 100_000;
const MAX_DOCUMENT = 2 ** 26;
const AT_ONCE = 16;

/** Files of metadata. */
export const DOCUMENT = /(?:^|\/)(\.zarray|\.zgroup|\.zattrs|zarr\.json)$/;

/**
 * Every group and array of a store by its path, read from their own documents (a consolidated copy, where there is
 * one, says the same or is out of date).
 * @throws DataError `corrupt`, `too-large`
 */
export async function readNodes(store: ZarrStore): Promise<ReadonlyMap<string, ZarrNode>> {
  const files = store.paths.filter((path) => DOCUMENT.test(path));
  if (files.length > MAX_NODES)
    throw new DataError('too-large', 'the zarr store has too many arrays', 'zarr');
  const documents = new Map<string, Map<string, unknown>>();
  for (let from = 0; from < files.length; from += AT_ONCE) {
    await Promise.all(
      files.slice(from, from + AT_ONCE).map(async (path) => {
        const name = DOCUMENT.exec(path)?.[1] ?? '';
        const node = path.slice(0, path.length - name.length).replace(/\/$/, '');
        const known = documents.get(node) ?? new Map<string, unknown>();
        documents.set(node, known);
        known.set(name, await readDocument(store, path));
      }),
    );
  }
  const nodes = new Map<string, ZarrNode>();
  for (const [path, known] of documents) {
    const node = nodeOf(path, known);
    if (node !== null) nodes.set(path, node);
  }
  return nodes;
}

function nodeOf(path: string, known: ReadonlyMap<string, unknown>): ZarrNode | null {
  if (known.has('zarr.json')) return nodeOfVersion3(path, known.get('zarr.json'));
  if (!known.has('.zarray') && !known.has('.zgroup')) return null;
  const attributes = known.get('.zattrs') ?? {};
  if (typeof attributes !== 'object' || attributes === null || Array.isArray(attributes))
    throw new DataError('corrupt', `the attributes of ${path || 'the zarr store'} are no object`, path);
  return nodeOfVersion2(path, known.get('.zarray'), known.get('.zgroup'), { ...attributes });
}

async function readDocument(store: ZarrStore, path: string): Promise<unknown> {
  const bytes = await store.read(path);
  if (bytes === null || bytes.length > MAX_DOCUMENT)
    throw new DataError('too-large', `${path} is too large for metadata`, path);
  try {
    return parsed(new TextDecoder().decode(bytes));
  } catch (error) {
    throw new DataError('corrupt', `${path} is not JSON`, path, { cause: error });
  }
}

/** zarr-python writes NaN and infinities as such into attributes, which JSON does not know. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return JSON.parse(text.replace(/(?<=[:[,]\s*)-?(NaN|Infinity)(?=\s*[,\]}])/g, 'null'));
  }
}
