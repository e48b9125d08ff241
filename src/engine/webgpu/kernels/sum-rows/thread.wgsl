// One thread a slice and vec4 of columns.
@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let flat = flat_workgroup(group, groups) * 64u + lane;
  let first = flat / u.stride4 * u.slice_rows;
  let vec = flat % u.stride4;
  if (first >= u.rows) {
    return;
  }
  var sum = vec4f(0.0);
  for (var row = first; row < min(first + u.slice_rows, u.rows); row++) {
    sum += x[row * u.stride4 + vec];
  }
  finish(sum, flat);
}
