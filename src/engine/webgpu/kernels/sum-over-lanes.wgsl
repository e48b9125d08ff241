// The sum over the 64 threads of a workgroup, by a tree in workgroup memory.
var<workgroup> partial: array<f32, 64>;

fn sum_over_lanes(value: f32, lane: u32) -> f32 {
  partial[lane] = value;
  workgroupBarrier();
  for (var half = 32u; half > 0u; half /= 2u) {
    if (lane < half) {
      partial[lane] += partial[lane + half];
    }
    workgroupBarrier();
  }
  let total = partial[0];
  workgroupBarrier();
  return total;
}
