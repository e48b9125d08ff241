
// One workgroup a piece.
@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let piece = flat_workgroup(group, groups);
  let first = piece * u.slice4;
  if (first >= u.count4) {
    return;
  }
  var sum = 0.0;
  for (var i = first + lane; i < min(first + u.slice4, u.count4); i += 64u) {
    sum += dot(x[i], x[i]);
  }
  let total = sum_over_lanes(sum, lane);
  if (lane == 0u) {
    y[u.first_out + piece] = total;
  }
}
