/** Registered lossless HDF5 filters (HDF Group's list) → the plugin we ship for them. */
const PLUGINS: Readonly<Record<number, string>> = {
  307: 'bz2',
  32000: 'lzf',
  32001: 'blosc',
  32004: 'lz4',
  32008: 'bshuf',
  32015: 'zstd',
  32026: 'blosc2',
};

/** deflate, shuffle, fletcher32, szip, n-bit and scale-offset are part of h5wasm. */
const BUILT_IN = new Set([1, 2, 3, 4, 5, 6]);

/** The plugin a filter needs: its name, `built-in` where none, null where we know none. */
export function pluginOfFilter(id: number): string | 'built-in' | null {
  return BUILT_IN.has(id) ? 'built-in' : (PLUGINS[id] ?? null);
}

/** Blosc and Blosc2, whose seventh parameter names the compressor inside: 3 Snappy, 4 zlib. */
const BLOSC = new Set([32001, 32026]);
const NOT_BUILT: Readonly<Record<number, string>> = { 3: 'snappy', 4: 'zlib' };

/** A compressor inside the filter that the plugin was built without (it would abort the library), or null. */
export function missingCompressor(id: number, parameters: readonly number[]): string | null {
  return BLOSC.has(id) ? (NOT_BUILT[parameters[6]] ?? null) : null;
}
