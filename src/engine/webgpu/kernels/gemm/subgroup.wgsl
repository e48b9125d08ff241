// Register tiles whose x is loaded once by four lanes of a subgroup and broadcast to the others: a
// quarter of the loads. Nothing is assumed of the subgroup but that it has four lanes, which WGSL
// guarantees.
@compute @workgroup_size(${LANES})
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
  @builtin(subgroup_invocation_id) subgroup_lane: u32,
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
  let quarter = subgroup_lane % 4u;
  for (var k = 0u; k < u.inner4; k += 4u) {
    // Beyond the inner dimension x is zero; a branch would cost CPU adapters a mask on every sum.
    let mine = min(k + quarter, u.inner4 - 1u);
//! repeat r < ROWS
    let own${r} = select(vec4f(0.0), vec4f(x[x${r} + mine]), k + quarter < u.inner4);
//! end
//! repeat s < 4
    {
      let k_row = 4u * min(k + ${s}u, u.inner4 - 1u) * u.columns4;
//! repeat r < ROWS
      let a${r} = subgroupBroadcast(own${r}, ${s}u);
//! end
//! repeat e < 4
//! repeat v < VECS
      let b${e}_${v} = vec4f(weight[k_row + ${e}u * u.columns4 + w${v}]);
//! repeat r < ROWS
      sum${r}_${v} = fma(vec4f(a${r}[${e}]), b${e}_${v}, sum${r}_${v});
//! end
//! end
//! end
    }
//! end
  }
//! repeat r < ROWS
//! repeat v < VECS
  if (first_row + ${r}u < u.row_end && column${v} < u.columns4) {
    finish(sum${r}_${v}, (first_row + ${r}u) * u.columns4 + column${v}, column${v});
  }
//! end
//! end
}
