import type { ByteSource } from './byte-source.ts';
import { ModelError, type ModelErrorCode } from './errors.ts';

/** Larger than any package's text file (the published vocabulary and medians are under 2 MB). */
const MAX_TEXT_BYTES = 16 * 2 ** 20;

/** The whole of a text file as UTF-8, without a byte order mark. @throws ModelError `code` */
export async function readText(source: ByteSource, path: string, code: ModelErrorCode): Promise<string> {
  if (source.size > MAX_TEXT_BYTES) {
    throw new ModelError(code, `${path} has ${source.size} bytes, too many for such a file`, path);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(await source.read(0, source.size));
  } catch (cause) {
    throw new ModelError(code, `${path} cannot be read as text`, path, { cause });
  }
}

/** The JSON of a file, of unknown shape. @throws ModelError `code` where it is not JSON. */
export async function readJson(source: ByteSource, path: string, code: ModelErrorCode): Promise<unknown> {
  const text = await readText(source, path, code);
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ModelError(code, `${path} is not JSON`, path, { cause });
  }
}

/** The value as a record of unknown values, or undefined where it is no JSON object. */
export function jsonRecord(value: unknown): Readonly<Record<string, unknown>> | undefined {
  const isRecord = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isRecord ? (value as Readonly<Record<string, unknown>>) : undefined;
}
