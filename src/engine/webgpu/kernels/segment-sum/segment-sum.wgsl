@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read> segments: array<vec4u>; // (row of y, first item, items, 0)
@group(0) @binding(3) var<storage, read> items: array<vec2u>; // (row of x, bits of the coefficient)
@group(0) @binding(4) var<storage, read_write> y: array<vec4f>;

// One thread a segment and vec4 of columns, items in their order: the sum is the same every time.
@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let flat = flat_workgroup(group, groups) * 64u + lane;
  let index = flat / u.stride4;
  let vec = flat % u.stride4;
  if (index >= u.segments) {
    return;
  }
  let segment = segments[index];
  var sum = vec4f(0.0);
  for (var i = segment.y; i < segment.y + segment.z; i++) {
    let item = items[i];
    sum += bitcast<f32>(item.y) * x[item.x * u.stride4 + vec];
  }
  let at = segment.x * u.stride4 + vec;
//! if ACCUMULATE
  y[at] += sum;
//! else
  y[at] = sum;
//! end
}
