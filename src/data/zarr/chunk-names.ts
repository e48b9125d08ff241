import { DataError } from '../errors.ts';
import type { ZarrArray, ZarrNode } from './metadata.ts';
import { DOCUMENT } from './nodes.ts';

/** A chunk's key, whatever array it is of: `0.1`, `0/1`, `c/0/1`. */
const KEY = /(?:^|\/)(?:c\/)?\d+(?:[./]\d+)*$/;
/** What file systems and archivers leave beside data. */
const HIDDEN = /(?:^|\/)(?:\.|__MACOSX\/)/;

/**
 * Finds files that no array asks for. A chunk that is not stored reads as the fill value, so that a chunk whose
 * name was damaged (names lie in a zip's directory, under no checksum) would turn its counts to zeros without a
 * word: a file of no array, or one that is no chunk of its array while a chunk of it is missing, is damage.
 * @throws DataError `corrupt`
 */
export function checkChunkNames(paths: readonly string[], nodes: ReadonlyMap<string, ZarrNode>): void {
  const stored = new Map<ZarrArray, number>();
  const strays = new Map<ZarrArray, string>();
  for (const path of paths) {
    if (DOCUMENT.test(path) || HIDDEN.test(path)) continue;
    const found = arrayAbove(path, nodes);
    if (found === null) {
      if (KEY.test(path)) throw stray(path);
    } else if (isChunkOf(found.array, found.key)) {
      stored.set(found.array, (stored.get(found.array) ?? 0) + 1);
    } else {
      strays.set(found.array, path);
    }
  }
  for (const [array, path] of strays) if ((stored.get(array) ?? 0) < chunksOf(array)) throw stray(path);
}

/** The array a file lies below, and the rest of its path. */
function arrayAbove(path: string, nodes: ReadonlyMap<string, ZarrNode>) {
  for (let end = path.lastIndexOf('/'); end >= 0; end = path.lastIndexOf('/', end - 1)) {
    const node = nodes.get(path.slice(0, end));
    if (node?.kind === 'array') return { array: node, key: path.slice(end + 1) };
    if (node || end === 0) return null;
  }
  return null;
}

function isChunkOf({ shape, chunks, keys: { prefix, separator } }: ZarrArray, key: string): boolean {
  if (shape.length === 0) return key === (prefix === '' ? '0' : 'c');
  const start = prefix === '' ? '' : prefix + separator;
  if (!key.startsWith(start)) return false;
  const places = key.slice(start.length).split(separator);
  return (
    places.length === shape.length &&
    places.every((place, axis) => /^\d+$/.test(place) && Number(place) * chunks[axis] < shape[axis])
  );
}

function chunksOf({ shape, chunks }: ZarrArray): number {
  return shape.reduce((all, extent, axis) => all * Math.ceil(extent / chunks[axis]), 1);
}

function stray(path: string): DataError {
  return new DataError(
    'corrupt',
    `the zarr store is damaged: the file ${JSON.stringify(path.slice(0, 200))} belongs to no array of it`,
    'zarr',
  );
}
