/** A field of a uniform struct: name → WGSL scalar type. Order is layout order. */
export type UniformLayout = Readonly<Record<string, 'u32' | 'f32'>>;

/** Values for the fields of a layout. */
export type UniformValues = Readonly<Record<string, number>>;

/** Every dispatch has a slot of this size in the uniform arena: the guaranteed offset alignment. */
export const UNIFORM_SLOT_BYTES = 256;

/** The WGSL side: `struct Uniforms {…}` and its binding 0. */
export function uniformStruct(layout: UniformLayout): string {
  const fields = Object.entries(layout).map(([name, type]) => `  ${name}: ${type},`);
  return `struct Uniforms {\n${fields.join('\n')}\n}\n@group(0) @binding(0) var<uniform> u: Uniforms;\n`;
}

/** The other side: writes the values of one dispatch at `offset` of the arena. */
export function writeUniforms(
  view: DataView,
  offset: number,
  layout: UniformLayout,
  values: UniformValues,
): void {
  const fields = Object.entries(layout);
  if (fields.length * 4 > UNIFORM_SLOT_BYTES) throw new RangeError('a uniform struct larger than its slot');
  for (const [i, [name, type]] of fields.entries()) {
    const value = values[name];
    if (value === undefined) throw new RangeError(`no value for uniform ${name}`);
    if (type === 'u32') view.setUint32(offset + 4 * i, value, true);
    else view.setFloat32(offset + 4 * i, value, true);
  }
}
