import { Zip, ZipPassThrough } from 'fflate';
import { Pacer } from '../../analysis/pacer.ts';
import type { PackageFile } from '../../train/package-files.ts';

const CHUNK = 2 ** 20;
/** What a zip archive without its 64-bit extension can hold. */
const MOST_BYTES = 2 ** 32 - 2 ** 20;
/** The first day zip can tell: equal packages give equal bytes. */
const NO_TIME = new Date(1980, 0, 1);

/**
 * A model package as a zip file of one folder, not packed: weights do not get smaller.
 * @throws RangeError where it is more than a zip file holds
 */
export async function packageZip(name: string, files: readonly PackageFile[]): Promise<Blob> {
  const bytes = files.reduce((sum, { content }) => sum + content.length, 0);
  if (bytes > MOST_BYTES)
    throw new RangeError('the package is more than a zip file holds: keep it in this browser instead');
  const pacer = new Pacer(undefined);
  const parts: Uint8Array<ArrayBuffer>[] = [];
  const zip = new Zip((error, part) => {
    if (error) throw error;
    parts.push(part as Uint8Array<ArrayBuffer>);
  });
  for (const { path, content } of files) {
    const entry = new ZipPassThrough(`${name}/${path}`);
    entry.mtime = NO_TIME;
    zip.add(entry);
    for (let at = 0; at < content.length; at += CHUNK) {
      entry.push(content.subarray(at, at + CHUNK));
      await pacer.pause();
    }
    entry.push(new Uint8Array(0), true);
  }
  zip.end();
  return new Blob(parts, { type: 'application/zip' });
}
