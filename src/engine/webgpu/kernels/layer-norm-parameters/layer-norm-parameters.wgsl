@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read> cotangent: array<vec4f>;
@group(0) @binding(3) var<storage, read> statistics: array<vec2f>; // (mean, 1 / sd)
@group(0) @binding(4) var<storage, read_write> y: array<vec4f>;

// One thread a slice and vec4 of columns. The cotangent is zero in the padding, so the sums are too.
@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let flat = flat_workgroup(group, groups) * 64u + lane;
  let slice = flat / u.stride4;
  let vec = flat % u.stride4;
  let first = slice * u.slice_rows;
  if (first >= u.rows) {
    return;
  }
  var weight = vec4f(0.0);
  var bias = vec4f(0.0);
  for (var row = first; row < min(first + u.slice_rows, u.rows); row++) {
    let g = cotangent[row * u.stride4 + vec];
    let s = statistics[row];
    weight += g * (x[row * u.stride4 + vec] - s.x) * s.y;
    bias += g;
  }
  y[2u * slice * u.stride4 + vec] = weight;
  y[(2u * slice + 1u) * u.stride4 + vec] = bias;
}
