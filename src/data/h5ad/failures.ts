import { DataError } from '../errors.ts';

/**
 * A DataError for what the HDF5 library threw. Its text is an error stack whose last line is the cause:
 * `#011: H5F_super.c line 599 in H5F__super_read(): truncated file: eof = …`.
 */
export function h5Failure(error: unknown, subject: string): DataError {
  if (error instanceof DataError) return error;
  const options = { cause: error };
  const where = subject === '' || subject === '/' ? 'the HDF5 file' : subject;
  if (error instanceof WebAssembly.RuntimeError) {
    return new DataError('crashed', `the HDF5 library broke down while reading ${where}`, subject, options);
  }
  const text = error instanceof Error ? error.message : String(error);
  const cause = text.match(/\(\): ([^\n]*)(?![\s\S]*\(\): )/)?.[1]?.trim() ?? text.split('\n')[0];
  if (/truncated file/.test(text)) {
    return new DataError('truncated', 'the HDF5 file ends before its contents do', subject, options);
  }
  if (/file signature not found/.test(text)) {
    return new DataError('not-a-dataset', 'this is not an HDF5 file', subject, options);
  }
  const filter = text.match(/filter '([^']*)' is not registered/)?.[1];
  if (filter !== undefined || /can't open directory|plugin/i.test(cause)) {
    const name = filter ?? 'an unknown one';
    return new DataError(
      'unsupported-filter',
      `${where} is compressed by a filter not at hand: ${name}`,
      name,
      options,
    );
  }
  if (/Float\d+ not supported/.test(text)) {
    return new DataError(
      'unsupported-type',
      `${where} holds numbers of an unusual size (${cause})`,
      subject,
      options,
    );
  }
  if (
    /exceeds maximum memory|allocation of .* failed|Array buffer allocation|Invalid typed array length/.test(
      text,
    )
  ) {
    return new DataError('too-large', `${where} does not fit into memory`, subject, options);
  }
  return new DataError('corrupt', `${where} cannot be read: ${cause}`, subject, options);
}
