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
  let count = f32(u.columns);
  var total = 0.0;
  for (var i = lane; i < u.stride4; i += 64u) {
    total += dot(x[start + i], vec4f(1.0));
  }
  let mean = sum_over_lanes(total, lane) / count;
  // Σ (x − mean)², Σ g and Σ g (x − mean) of g = cotangent · weight in one pass.
  var squares = 0.0;
  var plain = 0.0;
  var along = 0.0;
  for (var i = lane; i < u.stride4; i += 64u) {
    let centred = centre(x[start + i], mean, i);
    let g = cotangent[start + i] * weight[i];
    squares += dot(centred * centred, vec4f(1.0));
    plain += dot(g, vec4f(1.0));
    along += dot(g, centred);
  }
  let scale = 1.0 / sqrt(sum_over_lanes(squares, lane) / count + u.eps);
  let plain_mean = sum_over_lanes(plain, lane) / count;
  let along_mean = scale * sum_over_lanes(along, lane) / count;
  for (var i = lane; i < u.stride4; i += 64u) {
    let normal = centre(x[start + i], mean, i) * scale;
    let g = centre(cotangent[start + i] * weight[i], plain_mean, i);
    dx[start + i] = scale * (g - normal * along_mean);
  }
  if (lane == 0u) {
    statistics[row] = vec2f(mean, scale);
  }
}
