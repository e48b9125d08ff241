@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read> index: array<u32>;
@group(0) @binding(3) var<storage, read_write> y: array<vec4f>;

const NO_ROW = 0xffffffffu;

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let flat = flat_workgroup(group, groups) * 64u + lane;
  let row = flat / u.stride4;
  if (row >= u.rows) {
    return;
  }
  let source = index[row];
//! if ACCUMULATE
  if (source != NO_ROW) {
    y[flat] += x[source * u.stride4 + flat % u.stride4];
  }
//! else
  var value = vec4f(0.0);
  if (source != NO_ROW) {
    value = x[source * u.stride4 + flat % u.stride4];
  }
  y[flat] = value;
//! end
}
