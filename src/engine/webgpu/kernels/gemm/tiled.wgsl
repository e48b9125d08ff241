// Workgroup-memory tiles for GPUs: THREADS threads make a block of TILE_ROWS × 4·TILE_VECS of y,
// 4·GROUPS rows × VECS vec4 each, walking the inner dimension in steps of 16 staged as float32.
// Both tiles lie [16 inner][rows or columns]; blocks of 4 × 4 are turned in registers on the way in
// where they lie the other way in storage.
var<workgroup> x_tile: array<vec4f, ${X_TILE}>;
var<workgroup> weight_tile: array<vec4f, ${WEIGHT_TILE}>;

@compute @workgroup_size(${THREADS})
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let column_tiles = (u.columns4 + ${TILE_VECS}u - 1u) / ${TILE_VECS}u;
  let flat = flat_workgroup(group, groups);
  let first_row = u.row_start + (flat / column_tiles) * ${TILE_ROWS}u;
  if (first_row >= u.row_end) {
    return;
  }
  let first_column = (flat % column_tiles) * ${TILE_VECS}u;
  let thread_group = lane / ${LANES}u * ${GROUPS}u;
  let thread_column = lane % ${LANES}u;
//! repeat g < GROUPS
//! repeat i < 4
//! repeat v < VECS
  var sum${g}${i}_${v} = vec4f(0.0);
//! end
//! end
//! end
  for (var inner = 0u; inner < u.inner4; inner += 4u) {
//! if TN
    for (var at = lane; at < ${X_TILE}u; at += ${THREADS}u) {
      let k = 4u * inner + at / ${ROW_GROUPS}u;
      let row4 = min(first_row / 4u + at % ${ROW_GROUPS}u, u.rows4 - 1u);
      let value = vec4f(x[min(k, u.inner - 1u) * u.rows4 + row4]);
      x_tile[at] = select(vec4f(0.0), value, k < u.inner);
    }
//! else
    for (var at = lane; at < ${X_TILE}u / 4u; at += ${THREADS}u) {
      let k = inner + at % 4u;
      let k_inside = min(k, u.inner4 - 1u);
//! repeat i < 4
      let row${i} = min(first_row + at / 4u * 4u + ${i}u, u.row_end - 1u);
      let r${i} = select(vec4f(0.0), vec4f(x[row${i} * u.inner4 + k_inside]), k < u.inner4);
//! end
      let to = at % 4u * ${ROW_GROUPS}u * 4u + at / 4u;
//! repeat i < 4
      x_tile[to + ${i}u * ${ROW_GROUPS}u] = vec4f(r0[${i}], r1[${i}], r2[${i}], r3[${i}]);
//! end
    }
//! end
//! if NT
    for (var at = lane; at < ${WEIGHT_TILE}u / 4u; at += ${THREADS}u) {
      let k_inside = min(inner + at % 4u, u.inner4 - 1u);
//! repeat i < 4
      let n${i} = min(4u * (first_column + at / 4u) + ${i}u, u.columns - 1u);
      let w${i} = vec4f(weight[n${i} * u.inner4 + k_inside]);
//! end
      let to = at % 4u * ${TILE_VECS}u * 4u + at / 4u;
//! repeat i < 4
      weight_tile[to + ${i}u * ${TILE_VECS}u] = vec4f(w0[${i}], w1[${i}], w2[${i}], w3[${i}]);
//! end
    }
//! else
    for (var at = lane; at < ${WEIGHT_TILE}u; at += ${THREADS}u) {
//! if TN
      let k = min(4u * inner + at / ${TILE_VECS}u, u.inner - 1u);
//! else
      let k = min(4u * inner + at / ${TILE_VECS}u, 4u * u.inner4 - 1u);
//! end
      let column = min(first_column + at % ${TILE_VECS}u, u.columns4 - 1u);
      weight_tile[at] = vec4f(weight[k * u.columns4 + column]);
    }
//! end
    workgroupBarrier();
    for (var k = 0u; k < 16u; k++) {
//! repeat v < VECS
      let b${v} = weight_tile[k * ${TILE_VECS}u + thread_column + ${v}u * ${LANES}u];
//! end
//! repeat g < GROUPS
      let a${g} = x_tile[k * ${ROW_GROUPS}u + thread_group + ${g}u];
//! repeat i < 4
//! repeat v < VECS
      sum${g}${i}_${v} = fma(vec4f(a${g}[${i}]), b${v}, sum${g}${i}_${v});
//! end
//! end
//! end
    }
    workgroupBarrier();
  }
//! repeat g < GROUPS
//! repeat i < 4
//! repeat v < VECS
  {
    let row = first_row + 4u * (thread_group + ${g}u) + ${i}u;
    let column = first_column + thread_column + ${v}u * ${LANES}u;
    if (row < u.row_end && column < u.columns4) {
      finish(sum${g}${i}_${v}, row * u.columns4 + column, column);
    }
  }
//! end
//! end
//! end
}
