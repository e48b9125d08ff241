// Register tiles, no workgroup memory: each thread makes ROWS rows × VECS vec4 of columns, the
// lanes of a workgroup stand side by side along the columns. All lanes read the same x. A row of the
// tile is named by two digits, group of four and row in it.
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
//! repeat v < VECS
  let column${v} = first_column + ${v}u * ${LANES}u;
  let w${v} = min(column${v}, u.columns4 - 1u);
//! repeat g < GROUPS
//! repeat i < GROUP_ROWS
  var sum${g}${i}_${v} = vec4f(0.0);
//! end
//! end
//! end
//! if TN
  for (var k = 0u; k < u.inner; k++) {
//! repeat g < GROUPS
    let a${g} = vec4f(x[k * u.rows4 + min(first_row / 4u + ${g}u, u.rows4 - 1u)]);
//! end
//! repeat v < VECS
    let b${v} = vec4f(weight[k * u.columns4 + w${v}]);
//! repeat g < GROUPS
//! repeat i < GROUP_ROWS
    sum${g}${i}_${v} = fma(vec4f(a${g}[${i}]), b${v}, sum${g}${i}_${v});
//! end
//! end
//! end
  }
//! else
//! repeat g < GROUPS
//! repeat i < GROUP_ROWS
  let x${g}${i} = min(first_row + 4u * ${g}u + ${i}u, u.row_end - 1u) * u.inner4;
//! end
//! end
//! if NT
//! repeat v < VECS
//! repeat e < 4
  let n${v}_${e} = min(4u * w${v} + ${e}u, u.columns - 1u) * u.inner4;
//! end
//! end
//! end
  for (var k = 0u; k < u.inner4; k++) {
//! repeat g < GROUPS
//! repeat i < GROUP_ROWS
    let a${g}${i} = vec4f(x[x${g}${i} + k]);
//! end
//! end
//! if NN
    let k_row = 4u * k * u.columns4;
//! repeat e < 4
//! repeat v < VECS
    let b${e}_${v} = vec4f(weight[k_row + ${e}u * u.columns4 + w${v}]);
//! repeat g < GROUPS
//! repeat i < GROUP_ROWS
    sum${g}${i}_${v} = fma(vec4f(a${g}${i}[${e}]), b${e}_${v}, sum${g}${i}_${v});
//! end
//! end
//! end
//! end
//! else
//! repeat v < VECS
//! repeat e < 4
    let b${e}_${v} = vec4f(weight[n${v}_${e} + k]);
//! end
//! repeat g < GROUPS
//! repeat i < GROUP_ROWS
    sum${g}${i}_${v} += vec4f(
      dot(a${g}${i}, b0_${v}),
      dot(a${g}${i}, b1_${v}),
      dot(a${g}${i}, b2_${v}),
      dot(a${g}${i}, b3_${v}),
    );
//! end
//! end
//! end
//! end
  }
//! end
//! repeat g < GROUPS
//! repeat i < GROUP_ROWS
//! repeat v < VECS
  if (first_row + 4u * ${g}u + ${i}u < u.row_end && column${v} < u.columns4) {
    finish(sum${g}${i}_${v}, (first_row + 4u * ${g}u + ${i}u) * u.columns4 + column${v}, column${v});
  }
//! end
//! end
//! end
}
