// One thread a row, no barriers.
@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let row = flat_workgroup(group, groups) * 64u + lane;
  if (row >= u.rows) {
    return;
  }
  let start = row * u.stride4;
  var total = vec4f(0.0);
  for (var i = 0u; i < u.stride4; i++) {
    total += vec4f(x[start + i]);
  }
  let mean = (total.x + total.y + total.z + total.w) / f32(u.columns);
  var squares = vec4f(0.0);
  for (var i = 0u; i < u.stride4; i++) {
    let centred = centre(vec4f(x[start + i]), mean, i);
    squares += centred * centred;
  }
  let variance = (squares.x + squares.y + squares.z + squares.w) / f32(u.columns);
  let scale = 1.0 / sqrt(variance + u.eps);
  for (var i = 0u; i < u.stride4; i++) {
    y[start + i] = to_stored(centre(vec4f(x[start + i]), mean, i) * scale * weight[i] + bias[i]);
  }
}
