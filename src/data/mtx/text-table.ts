import type { ByteSource } from '../../model/byte-source.ts';
import { DataError } from '../errors.ts';
import { contentsOf } from '../gzip.ts';

/** A list of barcodes or genes is far smaller. */
const MAX_BYTES = 2 ** 28;

/** Lines of a text file (plain or gzip), split at tabs; empty lines at the end left out. */
export async function readTextTable(
  source: ByteSource,
  path: string,
  signal?: AbortSignal,
): Promise<readonly (readonly string[])[]> {
  if (source.size > MAX_BYTES)
    throw new DataError('too-large', `${path} is too large for a list of names`, path);
  const decoder = new TextDecoder();
  const lines: string[][] = [];
  let rest = '';
  const take = (text: string) => {
    const parts = (rest + text).split('\n');
    rest = parts.pop() ?? '';
    for (const line of parts) lines.push(line.replace(/\r$/, '').split('\t').map(unquoted));
  };
  for await (const bytes of contentsOf(source, MAX_BYTES, signal))
    take(decoder.decode(bytes, { stream: true }));
  take(`${decoder.decode()}\n`);
  while (lines.length > 0 && lines[lines.length - 1].every((cell) => cell === '')) lines.pop();
  return lines;
}

function unquoted(cell: string): string {
  return /^".*"$/.test(cell) ? cell.slice(1, -1) : cell;
}
