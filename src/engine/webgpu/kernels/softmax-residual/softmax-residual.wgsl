@group(0) @binding(1) var<storage, read> logits: array<f32>;
@group(0) @binding(2) var<storage, read> targets: array<vec2u>; // (class, bits of the weight)
@group(0) @binding(3) var<storage, read_write> y: array<f32>;

// One thread a row: the greatest logit first, then the sum, then residuals and loss.
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
  let z = row * u.logit_stride;
  let r = row * u.stride;
  var most = logits[z];
  for (var c = 1u; c < u.classes; c++) {
    most = max(most, logits[z + c]);
  }
  var sum = 0.0;
  for (var c = 0u; c < u.classes; c++) {
    sum += exp(logits[z + c] - most);
  }
  let label = targets[row].x;
  let weight = bitcast<f32>(targets[row].y);
  for (var c = 0u; c < u.classes; c++) {
    let probability = exp(logits[z + c] - most) / sum;
    y[r + c] = weight * (probability - select(0.0, 1.0, c == label));
  }
  y[r + u.classes] = weight * (log(sum) + (most - logits[z + label]));
  for (var c = u.classes + 1u; c < u.stride; c++) {
    y[r + c] = 0.0;
  }
}
