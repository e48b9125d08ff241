@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> y: array<vec4f>;

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
  y[flat] = 0.5 * value * (1.0 + erf4(value * 0.70710678118654752));
//! end
//! if RELU
  y[flat] = max(value, vec4f(0.0));
//! end
}
