@group(0) @binding(1) var<storage, read> gradient: array<vec4f>;
@group(0) @binding(2) var<storage, read> factor: array<vec4f>; // one, of clip-factor
@group(0) @binding(3) var<storage, read_write> weight: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> first: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> second: array<vec4f>;

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let flat = flat_workgroup(group, groups) * 64u + lane;
  if (flat >= u.count4 || factor[0].z == 0.0) {
    return;
  }
  let g = gradient[flat] * factor[0].y;
  let m = first[flat] + u.complement1 * (g - first[flat]);
  let v = second[flat] + u.complement2 * (g * g - second[flat]);
  let decayed = weight[flat] - u.learning_rate * u.decay * weight[flat];
  weight[flat] = decayed - u.learning_rate * (m / u.correction1) / (sqrt(v / u.correction2) + u.eps);
  first[flat] = m;
  second[flat] = v;
}
