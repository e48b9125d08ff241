import type { ByteSource } from './byte-source.ts';

/**
 * The files of a model package, wherever they are. Names are paths relative to what was dropped,
 * with `/`: `70M/config.json`, `teddy_gene_medians.json`.
 */
export interface PackageSource {
  /** What to call the package: folder name or the last part of its address. */
  readonly name: string;
  list(): Promise<readonly string[]>;
  /** @throws when the file is not there or cannot be read. */
  open(path: string): Promise<ByteSource>;
}
