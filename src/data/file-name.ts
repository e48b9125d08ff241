import type { DataInput } from './h5ad/runtime.ts';

/** Last part of a path, or the dropped file's name. */
export function fileNameOf(input: DataInput): string {
  return typeof input === 'string' ? input.replace(/^.*[\\/]/, '') : input.name;
}
