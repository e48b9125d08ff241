import * as v from 'valibot';
import { ProbeFileError } from './file-errors.ts';

/**
 * Refuses what another version wrote before its fields are looked at; what names no version is left to them.
 * @param what the kind of thing, for the message
 * @throws ProbeFileError of `code`
 */
export function requireVersion(
  value: unknown,
  version: string,
  code: 'config-version' | 'probe-version',
  what: string,
): void {
  const named = v.safeParse(v.object({ schema: v.string() }), value);
  if (!named.success || named.output.schema === version) return;
  throw new ProbeFileError(
    code,
    `${what} says it is ${named.output.schema.slice(0, 80)}, this version reads ${version}`,
    'schema',
  );
}
