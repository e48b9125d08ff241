// One thread a row, no barriers: mean, variance and the two means of the cotangent, then dx.
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
  let count = f32(u.columns);
  var total = vec4f(0.0);
  for (var i = 0u; i < u.stride4; i++) {
    total += x[start + i];
  }
  let mean = dot(total, vec4f(1.0)) / count;
  // Σ (x − mean)², Σ g and Σ g (x − mean) of g = cotangent · weight in one pass.
  var squares = vec4f(0.0);
  var plain = vec4f(0.0);
  var along = vec4f(0.0);
  for (var i = 0u; i < u.stride4; i++) {
    let centred = centre(x[start + i], mean, i);
    let g = cotangent[start + i] * weight[i];
    squares += centred * centred;
    plain += g;
    along += g * centred;
  }
  let scale = 1.0 / sqrt(dot(squares, vec4f(1.0)) / count + u.eps);
  let plain_mean = dot(plain, vec4f(1.0)) / count;
  let along_mean = scale * dot(along, vec4f(1.0)) / count;
  for (var i = 0u; i < u.stride4; i++) {
    let normal = centre(x[start + i], mean, i) * scale;
    let g = centre(cotangent[start + i] * weight[i], plain_mean, i);
    dx[start + i] = scale * (g - normal * along_mean);
  }
  statistics[row] = vec2f(mean, scale);
}
