@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read> residual: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> y: array<vec4f>;

// The finaliser of murmur3, a bijection.
fn mix(value: vec4u) -> vec4u {
  var h = (value ^ (value >> vec4u(16u))) * 0x85ebca6bu;
  h = (h ^ (h >> vec4u(13u))) * 0xc2b2ae35u;
  return h ^ (h >> vec4u(16u));
}

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
  let index = vec4u(4u * flat) + vec4u(0u, 1u, 2u, 3u);
  // Mixed before and after the seed: masks of neighbouring seeds are not one another's shifts.
  let hash = mix(mix(index) ^ vec4u(u.seed));
  var value = select(x[flat] * u.scale, vec4f(0.0), hash < vec4u(u.threshold));
//! if RESIDUAL
  value += residual[flat];
//! end
  y[flat] = value;
}
