@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read> cotangent: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> dx: array<vec4f>;

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let flat = flat_workgroup(group, groups) * 64u + lane;
  if (flat >= u.count4) {
    return;
  }
  let value = x[flat];
//! if GELU
  let below = 0.5 * (1.0 + erf4(value * 0.70710678118654752));
  let density = 0.39894228040143268 * exp(-0.5 * value * value);
  dx[flat] = cotangent[flat] * (below + value * density);
//! end
//! if RELU
  dx[flat] = select(vec4f(0.0), cotangent[flat], value > vec4f(0.0));
//! end
}
