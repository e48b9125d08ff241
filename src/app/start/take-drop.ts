import { type FileAtPath, locationOfFiles } from '../model/folder.ts';
import { useApp } from '../state/store.ts';

/** What was dropped or picked, told apart: a folder of a model, one dataset, or too much at once. */
export function takeDrop(files: readonly FileAtPath[]): void {
  const { chooseModel, openFile, failToOpen } = useApp.getState();
  if (files.length === 0) return;
  if (files.some(({ path }) => /(^|\/)config\.json$/.test(path))) void chooseModel(locationOfFiles(files));
  else if (files.length === 1) void openFile(files[0].file);
  else failToOpen(new Error(`${files.length} files were dropped; open one dataset at a time`));
}
