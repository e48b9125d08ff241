/** "blood.h5ad" → "blood_teddy.csv". */
export function exportName(fileName: string, extension: string): string {
  return `${fileName.replace(/\.[^.]*$/, '')}_teddy.${extension}`;
}

/** A name of a file or a column as part of a file name: without its ending, slashes and the like. */
export function exportStem(name: string): string {
  return name.replace(/\.[^.]*$/, '').replace(/[^\p{L}\p{N}_-]+/gu, '_');
}
