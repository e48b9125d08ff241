import { readFileSync, statSync } from 'node:fs';

/**
 * The JSON of a configuration's file, not yet checked.
 * @param fault the error to throw for a file too large or not JSON; an unreadable one throws Node's own
 */
export function readConfigJson(
  path: string,
  mostBytes: number,
  fault: (message: string, cause?: unknown) => Error,
): unknown {
  if (statSync(path).size > mostBytes) throw fault(`${path} is larger than a configuration can be`);
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw fault(`${path} is not JSON`, cause);
  }
}
