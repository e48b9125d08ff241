import { blobSource } from '../../data/blob-source.ts';
import { openZip } from '../../data/zip/zip-directory.ts';
import type { FileAtPath } from './folder.ts';

/**
 * Dropped files, or, where they are one zip file of a model package, the files in it.
 * @throws DataError for a zip file that is damaged, or has a file too large to unpack
 */
export async function unzippedPackage(files: readonly FileAtPath[]): Promise<readonly FileAtPath[]> {
  const [first, ...others] = files;
  if (first === undefined || others.length > 0 || !/\.zip$/i.test(first.file.name)) return files;
  const zip = await openZip(blobSource(first.file));
  const config = zip.paths.find((path) => /^([^/]+\/)?config\.json$/.test(path));
  if (config === undefined) return files;
  const folder = config.slice(0, -'config.json'.length);
  const name = folder === '' ? first.file.name.replace(/\.zip$/i, '') : folder.slice(0, -1);
  const found: FileAtPath[] = [];
  for (const path of zip.paths) {
    const rest = path.slice(folder.length);
    if (!path.startsWith(folder) || rest.includes('/')) continue;
    const content = await zip.read(path);
    if (content) found.push({ path: `${name}/${rest}`, file: new File([content], rest) });
  }
  return found;
}
