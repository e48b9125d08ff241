import { parseArgs } from 'node:util';
import type { ExportFormat } from '../run/services.ts';

/** The command line was not understood; its usage is printed and the exit code is 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

type Options = Readonly<Record<string, { readonly type: 'string' | 'boolean' }>>;

export interface Parsed {
  readonly values: Readonly<Record<string, string | boolean | undefined>>;
  readonly positionals: readonly string[];
}

/** Arguments of a command; `Infinity` positionals = any number. @throws UsageError for unknown options, missing values, repeated or odd positionals */
export function parse(
  args: readonly string[],
  options: Options,
  positionals: number,
  atLeast = positionals,
): Parsed {
  const parsed = parseMany(args, options);
  if (!(parsed.positionals.length >= atLeast && parsed.positionals.length <= positionals)) {
    const least = positionals === atLeast ? '' : 'at least ';
    throw new UsageError(`${least}${atLeast} file expected, ${parsed.positionals.length} given`);
  }
  return parsed;
}

/** The same for a command that takes any number of positionals. @throws UsageError */
export function parseMany(args: readonly string[], options: Options): Parsed {
  let parsed: ReturnType<typeof parseArgs>;
  try {
    parsed = parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
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

const FORMATS: readonly (readonly [ending: string, ExportFormat])[] = [
  ['.h5ad', 'h5ad'],
  ['.zarr.zip', 'zarr'],
  ['.parquet', 'parquet'],
  ['.arrow', 'arrow'],
  ['.csv', 'csv'],
];

/** `--out` and the format its name says. */
export function exportFormat({ out }: Parsed['values']): { out: string; format: ExportFormat } {
  const endings = FORMATS.map(([ending]) => ending).join(', ');
  if (typeof out !== 'string') throw new UsageError(`--out FILE is missing; it ends in one of ${endings}`);
  const found = FORMATS.find(([ending]) => out.toLowerCase().endsWith(ending));
  if (found === undefined) throw new UsageError(`--out ends in one of ${endings}, not ${out}`);
  return { out, format: found[1] };
}

/** An option that is any text. */
export function words(values: Parsed['values'], name: string): string | null {
  const text = values[name];
  return typeof text === 'string' ? text : null;
}

/** An option that lists texts, separated by commas; null = it is absent. @throws UsageError for an empty one */
export function texts(values: Parsed['values'], name: string): readonly string[] | null {
  const list = words(values, name)?.split(',') ?? null;
  if (list?.includes(''))
    throw new UsageError(`--${name} takes a list separated by commas, with nothing left out`);
  return list;
}

/** A command as it would be typed again, for what is written of a run; of an absolute path the name alone. */
export function typedCommand(command: readonly string[], args: readonly string[]): string {
  return [...command, ...args.map((word) => quoted(withoutFolders(word)))].join(' ');
}

/**
 * Of an absolute path its name; a list separated by commas is to be given one by one. Where on a machine a file lay, and
 * with it whose machine it was, does not go into what is written of a run.
 */
export function withoutFolders(word: string): string {
  return word.replace(/^(--[\w-]+=)?(?:~?\/|[A-Za-z]:[\\/]|\\\\).*[\\/](?=[^\\/])/, '$1');
}

function quoted(word: string): string {
  return /^[\w./:=,@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
