@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read> weight: array<vec4f>;
@group(0) @binding(3) var<storage, read> cotangent: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> dx: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> statistics: array<vec2f>;

// value − mean, and zero in the padding behind the last column.
fn centre(value: vec4f, mean: f32, vec: u32) -> vec4f {
  let column = vec4u(4u * vec) + vec4u(0u, 1u, 2u, 3u);
  return select(vec4f(0.0), value - mean, column < vec4u(u.columns));
}
