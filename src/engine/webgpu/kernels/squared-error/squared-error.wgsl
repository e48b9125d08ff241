@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read> targets: array<vec2f>; // (value, weight)
@group(0) @binding(3) var<storage, read_write> dx: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> loss: array<f32>;

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
  let error = x[row].x - targets[row].x;
  let weight = targets[row].y;
  dx[row] = vec4f(2.0 * weight * error, 0.0, 0.0, 0.0);
  loss[row] = weight * error * error;
}
