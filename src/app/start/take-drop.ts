import { type FileAtPath, locationOfFiles } from '../model/folder.ts';
import { useApp } from '../state/store.ts';

/** What was dropped or picked, told apart: a folder of a model, or a dataset: a file, a folder, or several joined as samples. */
export function takeDrop(files: readonly FileAtPath[]): void {
  const { chooseModel, openFile } = useApp.getState();
  if (files.length === 0) return;
  if (files.some(({ path }) => /(^|\/)config\.json$/.test(path))) void chooseModel(locationOfFiles(files));
  else void openFile(files.length === 1 && !files[0].path.includes('/') ? files[0].file : files);
}
