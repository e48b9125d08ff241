import type { Hierarchy } from '../hierarchy.ts';

const CSS_COLOR = /^(#[0-9a-f]{3,8}|[a-z]+)$/i;

/** `uns['<column>_colors']` where it is a list of CSS colours; anything else counts as none. */
export async function readColors(reader: Hierarchy, column: string): Promise<readonly string[] | null> {
  const path = `uns/${column}_colors`;
  if (reader.type(path) !== 'dataset') return null;
  const { kind, shape } = reader.describe(path);
  if (kind !== 'string' || shape.length !== 1) return null;
  const colors = await reader.strings(path);
  return colors.every((color) => CSS_COLOR.test(color)) ? colors : null;
}

/** A text at this path, or null where there is none. */
export async function readText(reader: Hierarchy, path: string): Promise<string | null> {
  if (reader.type(path) !== 'dataset' || reader.describe(path).kind !== 'string') return null;
  const value = await reader.read(path);
  if (typeof value === 'string') return value;
  return Array.isArray(value) && value.length === 1 && typeof value[0] === 'string' ? value[0] : null;
}
