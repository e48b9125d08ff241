// One workgroup a slice and eight vec4s of columns: eight threads share the rows of each vec4, and a tree
// in workgroup memory adds them up.
var<workgroup> partial: array<vec4f, 64>;

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let column_tiles = (u.stride4 + 7u) / 8u;
  let flat = flat_workgroup(group, groups);
  let slice = flat / column_tiles;
  let vec = 8u * (flat % column_tiles) + lane % 8u;
  let first = slice * u.slice_rows;
  if (first >= u.rows) {
    return;
  }
  var sum = vec4f(0.0);
  if (vec < u.stride4) {
    for (var row = first + lane / 8u; row < min(first + u.slice_rows, u.rows); row += 8u) {
      sum += x[row * u.stride4 + vec];
    }
  }
  partial[lane] = sum;
  workgroupBarrier();
  for (var half = 32u; half >= 8u; half /= 2u) {
    if (lane < half) {
      partial[lane] += partial[lane + half];
    }
    workgroupBarrier();
  }
  if (lane < 8u && vec < u.stride4) {
    finish(partial[lane], slice * u.stride4 + vec);
  }
}
