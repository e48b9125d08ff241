// One workgroup a row.
@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let row = flat_workgroup(group, groups);
  if (row >= u.rows) {
    return;
  }
  let start = row * u.stride4;
  var total = 0.0;
  for (var i = lane; i < u.stride4; i += 64u) {
    let value = vec4f(x[start + i]);
    total += value.x + value.y + value.z + value.w;
  }
  let mean = sum_over_lanes(total, lane) / f32(u.columns);
  var squares = 0.0;
  for (var i = lane; i < u.stride4; i += 64u) {
    let centred = centre(vec4f(x[start + i]), mean, i);
    squares += dot(centred, centred);
  }
  let variance = sum_over_lanes(squares, lane) / f32(u.columns);
  let scale = 1.0 / sqrt(variance + u.eps);
  for (var i = lane; i < u.stride4; i += 64u) {
    y[start + i] = to_stored(centre(vec4f(x[start + i]), mean, i) * scale * weight[i] + bias[i]);
  }
}
