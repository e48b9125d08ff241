@group(0) @binding(1) var<storage, read> x: array<stored4>;
@group(0) @binding(2) var<storage, read> ranges: array<vec2u>;
@group(0) @binding(3) var<storage, read_write> y: array<vec4f>;

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let flat = flat_workgroup(group, groups) * 64u + lane;
  let index = flat / u.stride4;
  let vec = flat % u.stride4;
  if (index >= u.ranges) {
    return;
  }
  let range = ranges[index];
  var sum = vec4f(0.0);
  for (var row = range.x; row < range.x + range.y; row++) {
    sum += vec4f(x[row * u.stride4 + vec]);
  }
  y[flat] = sum / f32(max(range.y, 1u));
}
