// Register tiles, no workgroup memory: each thread makes ROWS rows × VECS vec4 of columns, the
// lanes of a workgroup stand side by side along the columns. All lanes read the same x, which a
// CPU adapter turns into one scalar load and a broadcast; barriers and gathers are what cost there.
@compute @workgroup_size(${LANES})
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let column_tiles = (u.columns4 + ${TILE4}u - 1u) / ${TILE4}u;
  let flat = flat_workgroup(group, groups);
  let first_row = u.row_start + (flat / column_tiles) * ${ROWS}u;
  if (first_row >= u.row_end) {
    return;
  }
  let first_column = (flat % column_tiles) * ${TILE4}u + lane;
//! repeat r < ROWS
  let x${r} = min(first_row + ${r}u, u.row_end - 1u) * u.inner4;
//! end
//! repeat v < VECS
  let column${v} = first_column + ${v}u * ${LANES}u;
  let w${v} = min(column${v}, u.columns4 - 1u);
//! repeat r < ROWS
  var sum${r}_${v} = vec4f(0.0);
//! end
//! end
  for (var k = 0u; k < u.inner4; k++) {
    let k_row = 4u * k * u.columns4;
//! repeat r < ROWS
    let a${r} = x[x${r} + k];
//! end
//! repeat i < 4
//! repeat v < VECS
    let b${i}_${v} = weight[k_row + ${i}u * u.columns4 + w${v}];
//! repeat r < ROWS
    sum${r}_${v} = fma(vec4f(a${r}[${i}]), b${i}_${v}, sum${r}_${v});
//! end
//! end
//! end
  }
//! repeat r < ROWS
//! repeat v < VECS
  if (first_row + ${r}u < u.row_end && column${v} < u.columns4) {
    let at = (first_row + ${r}u) * u.columns4 + column${v};
    y[at] = epilogue(sum${r}_${v}, at, column${v});
  }
//! end
//! end
}
