// Workgroup-memory tiles for GPUs: 64 threads make a 64 × 64 block of y, 8 rows × 2 vec4 each,
// walking the inner dimension in steps of 16 staged in workgroup memory (8 KiB).
var<workgroup> x_tile: array<f32, 1024>;       // [16 inner][64 rows]
var<workgroup> weight_tile: array<vec4f, 256>; // [16 inner][16 vec4 of columns]

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let column_tiles = (u.columns4 + 15u) / 16u;
  let flat = flat_workgroup(group, groups);
  let first_row = u.row_start + (flat / column_tiles) * 64u;
  if (first_row >= u.row_end) {
    return;
  }
  let first_column = (flat % column_tiles) * 16u;
  let thread_row = (lane / 8u) * 8u;
  let thread_column = lane % 8u;
//! repeat r < 8
  var sum${r}_0 = vec4f(0.0);
  var sum${r}_1 = vec4f(0.0);
//! end
  for (var inner = 0u; inner < u.inner4; inner += 4u) {
//! repeat i < 4
    {
      let at = lane + ${i}u * 64u;
      let row = min(first_row + at / 4u, u.row_end - 1u);
      let k = inner + at % 4u;
      let value = select(vec4f(0.0), x[row * u.inner4 + min(k, u.inner4 - 1u)], k < u.inner4);
      let to = (at % 4u) * 256u + at / 4u;
      x_tile[to] = value.x;
      x_tile[to + 64u] = value.y;
      x_tile[to + 128u] = value.z;
      x_tile[to + 192u] = value.w;
      let weight_row = min(4u * inner + at / 16u, 4u * u.inner4 - 1u);
      let column = min(first_column + at % 16u, u.columns4 - 1u);
      weight_tile[at] = weight[weight_row * u.columns4 + column];
    }
//! end
    workgroupBarrier();
    for (var k = 0u; k < 16u; k++) {
      let b0 = weight_tile[k * 16u + thread_column];
      let b1 = weight_tile[k * 16u + thread_column + 8u];
//! repeat r < 8
      let a${r} = x_tile[k * 64u + thread_row + ${r}u];
      sum${r}_0 = fma(vec4f(a${r}), b0, sum${r}_0);
      sum${r}_1 = fma(vec4f(a${r}), b1, sum${r}_1);
//! end
    }
    workgroupBarrier();
  }
//! repeat r < 8
//! repeat v < 2
  {
    let row = first_row + thread_row + ${r}u;
    let column = first_column + thread_column + ${v}u * 8u;
    if (row < u.row_end && column < u.columns4) {
      let at = row * u.columns4 + column;
      y[at] = epilogue(sum${r}_${v}, at, column);
    }
  }
//! end
//! end
}
