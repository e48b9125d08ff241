@group(0) @binding(1) var<storage, read> logits: array<vec4f>;
// (target class, bits of the weight, first class, end of the classes)
@group(0) @binding(2) var<storage, read> targets: array<vec4u>;
@group(0) @binding(3) var<storage, read> state: array<vec4u>; // bits of (greatest, sum, …)
@group(0) @binding(4) var<storage, read_write> y: array<vec4f>;

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
  let own = targets[row];
  let weight = bitcast<f32>(own.y);
  let column = vec4u(4u * (flat % u.stride4)) + vec4u(0u, 1u, 2u, 3u);
  let class_index = column + vec4u(u.column_start);
  let inside = (class_index >= vec4u(own.z)) & (class_index < vec4u(own.w)) & (column < vec4u(u.columns));
  let most = bitcast<f32>(state[row].x);
  let sum = bitcast<f32>(state[row].y);
  let probability = exp(logits[flat] - most) / sum;
  let one = select(vec4f(0.0), vec4f(1.0), class_index == vec4u(own.x));
  y[flat] = select(vec4f(0.0), weight * (probability - one), inside);
}
