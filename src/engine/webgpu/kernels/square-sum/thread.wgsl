
// One thread a piece.
@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let piece = flat_workgroup(group, groups) * 64u + lane;
  let first = piece * u.slice4;
  if (first >= u.count4) {
    return;
  }
  var sum = vec4f(0.0);
  for (var i = first; i < min(first + u.slice4, u.count4); i++) {
    sum += x[i] * x[i];
  }
  y[u.first_out + piece] = dot(sum, vec4f(1.0));
}
