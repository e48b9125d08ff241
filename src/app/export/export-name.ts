/** "blood.h5ad" → "blood_teddy.csv". */
export function exportName(fileName: string, extension: string): string {
  return `${fileName.replace(/\.[^.]*$/, '')}_teddy.${extension}`;
}
