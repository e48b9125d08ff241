import { parseArgs } from 'node:util';

/** The command line was not understood; its usage is printed and the exit code is 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

type Options = Readonly<Record<string, { readonly type: 'string' | 'boolean' }>>;

export interface Parsed {
  readonly values: Readonly<Record<string, string | boolean | undefined>>;
  readonly positionals: readonly string[];
}

/** Arguments of a command. @param more whether there may be more positionals @throws UsageError for unknown options, missing values, repeated or odd positionals */
export function parse(args: readonly string[], options: Options, positionals: number, more = false): Parsed {
  let parsed: ReturnType<typeof parseArgs>;
  try {
    parsed = parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
  if (parsed.positionals.length < positionals || (parsed.positionals.length > positionals && !more)) {
    throw new UsageError(`${positionals} file expected, ${parsed.positionals.length} given`);
  }
  return { values: parsed.values as Parsed['values'], positionals: parsed.positionals };
}

/** An option that is a whole number of at least `least`. */
export function whole(values: Parsed['values'], name: string, least: number): number | null {
  const text = values[name];
  if (text === undefined) return null;
  const value = Number(text);
  if (typeof text !== 'string' || !/^\d+$/.test(text) || value < least || !Number.isSafeInteger(value)) {
    throw new UsageError(`--${name} takes a whole number of at least ${least}, not ${String(text)}`);
  }
  return value;
}

/** An option that is one of some words. */
export function choice<T extends string>(
  values: Parsed['values'],
  name: string,
  known: readonly T[],
): T | null {
  const text = values[name];
  if (text === undefined) return null;
  const found = known.find((word) => word === text);
  if (found === undefined) throw new UsageError(`--${name} takes ${known.join(', ')}, not ${String(text)}`);
  return found;
}
