/** A file of the user: dropped into the page, or a path on the command line. */
export type DataInput = File | string;

/** One of several files given together, with its path in the folder it came in. */
export interface InputFile {
  readonly path: string;
  readonly file: DataInput;
  /** True where the user named this very file; what merely lies in a folder may be passed over. */
  readonly named?: boolean;
}

/** What the user gave as one dataset: a file, or several. */
export type DatasetInput = DataInput | readonly InputFile[];

/** What to call the input: the file's name, the folder all files lie in, or the first of them and how many more. */
export function nameOfInput(input: DatasetInput): string {
  if (typeof input === 'string') return lastPart(input);
  if (!isSeveral(input)) return input.name;
  const [first, ...others] = input;
  if (first === undefined) return 'nothing';
  const [folder, below] = first.path.split('/');
  if (below !== undefined && others.every(({ path }) => path.startsWith(`${folder}/`))) return folder;
  return others.length === 0 ? lastPart(first.path) : `${lastPart(first.path)} and ${others.length} more`;
}

/** Last part of a path. */
export function lastPart(path: string): string {
  return path.replace(/[\\/]+$/, '').replace(/^.*[\\/]/, '');
}

/** Whether several files were given (or one with its path). */
export function isSeveral(input: DatasetInput): input is readonly InputFile[] {
  return Array.isArray(input);
}

/** Bytes of a dropped file; null for several, and for a path. */
export function bytesOfInput(input: DatasetInput): number | null {
  return typeof input === 'string' || isSeveral(input) ? null : input.size;
}
