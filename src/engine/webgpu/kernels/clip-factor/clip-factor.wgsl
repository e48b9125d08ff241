@group(0) @binding(1) var<storage, read> sums: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<vec4f>;

var<workgroup> partial: array<f32, 256>;

// One workgroup: 256 threads add up the sums by a tree in workgroup memory.
@compute @workgroup_size(256)
fn main(@builtin(local_invocation_index) lane: u32) {
  var own = 0.0;
  for (var i = lane; i < u.count; i += 256u) {
    own += sums[i];
  }
  partial[lane] = own;
  workgroupBarrier();
  for (var half = 128u; half > 0u; half /= 2u) {
    if (lane < half) {
      partial[lane] += partial[lane + half];
    }
    workgroupBarrier();
  }
  if (lane != 0u) {
    return;
  }
  let total = partial[0];
  // By the bits of the exponent: a shader's compiler may assume that no number is infinite.
  if ((bitcast<u32>(total) & 0x7f800000u) == 0x7f800000u) {
    y[0] = vec4f(total, 0.0, 0.0, 0.0);
    return;
  }
  let norm = sqrt(total);
  var factor = 1.0;
  if (norm > u.clip) {
    factor = u.clip / norm;
  }
  y[0] = vec4f(norm, factor, 1.0, 0.0);
}
