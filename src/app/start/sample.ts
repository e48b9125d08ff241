/** Where the build keeps the sample, relative to the page so that any sub-path works. */
const SAMPLE = 'sample/combat_600cells.h5ad';

/**
 * The sample dataset as a File.
 * @throws when the page was deployed without it or the connection is gone.
 */
export async function fetchSample(): Promise<File> {
  const response = await fetch(new URL(SAMPLE, document.baseURI));
  if (!response.ok) throw new Error(`The sample could not be read from this site (${response.status}).`);
  const blob = await response.blob();
  return new File([blob], 'combat_600cells.h5ad');
}
