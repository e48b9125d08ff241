import { type FileAtPath, locationOfFiles } from '../model/folder.ts';
import { unzippedPackage } from '../model/zip.ts';
import { useApp } from '../state/store.ts';

/**
 * What was dropped or picked, told apart: a model as a folder or zip file, or a dataset: a file, a folder, or several
 * joined as samples.
 */
export async function takeDrop(dropped: readonly FileAtPath[]): Promise<void> {
  const { chooseModel, openFile, failToOpen } = useApp.getState();
  try {
    const files = await unzippedPackage(dropped);
    if (files.length === 0) return;
    if (files.some(({ path }) => /(^|\/)config\.json$/.test(path))) await chooseModel(locationOfFiles(files));
    else await openFile(files.length === 1 && !files[0].path.includes('/') ? files[0].file : files);
  } catch (error) {
    failToOpen(error);
  }
}
