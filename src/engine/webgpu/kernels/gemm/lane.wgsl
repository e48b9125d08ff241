// Scalars instead of vec4s, for adapters that load lane by lane: eight lanes of one subgroup stand side by side along
// the columns, make ROWS rows × COLUMNS columns each, load eight x at once and broadcast them. The sums are few enough
// for a processor's registers. That the eight share a subgroup and stand in it in order is no promise of WGSL: the
// self-test tells. A row of the tile is named by two digits, group and row in it.
@group(0) @binding(1) var<storage, read> x: array<stored>;
@group(0) @binding(2) var<storage, read> weight: array<stored>;
@group(0) @binding(3) var<storage, read> bias: array<f32>;
@group(0) @binding(4) var<storage, read> residual: array<stored>;
@group(0) @binding(5) var<storage, read_write> y: array<stored>;

// The epilogue of one column.
fn finish(sum: f32, at: u32, column: u32) {
  var value = sum;
//! if NT
  value = select(0.0, value, column < u.columns);
//! end
//! if BIAS
  value += bias[column];
//! end
  value = activated(vec4f(value)).x;
//! if RESIDUAL
  value += f32(residual[at]);
//! end
//! if ACCUMULATE
  value += f32(y[at]);
//! end
  y[at] = to_stored(vec4f(value)).x;
}

@compute @workgroup_size(8)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let row_stride = 4u * u.columns4;
  let column_tiles = (row_stride + ${TILE}u - 1u) / ${TILE}u;
  let flat = flat_workgroup(group, groups);
  let first_row = u.row_start + (flat / column_tiles) * ${ROWS}u;
  if (first_row >= u.row_end) {
    return;
  }
  let first_column = (flat % column_tiles) * ${TILE}u + lane;
//! repeat c < COLUMNS
  let column${c} = first_column + 8u * ${c}u;
//! if NT
  var w${c} = min(column${c}, u.columns - 1u) * 4u * u.inner4;
//! else
  var w${c} = min(column${c}, row_stride - 1u);
//! end
//! repeat g < GROUPS
//! repeat i < GROUP_ROWS
  var sum${g}${i}_${c} = 0.0;
//! end
//! end
//! end
//! if NT
  let next_weight = 1u;
//! else
  let next_weight = row_stride;
//! end
//! if TN
  // Eight rows of y are eight neighbours of a row of x.
  var x_at = first_row + lane;
  for (var k = 0u; k < u.inner; k++) {
//! repeat g < GROUPS
    let own${g} = f32(x[x_at + 8u * ${g}u]);
//! end
    x_at += 4u * u.rows4;
//! repeat c < COLUMNS
    let b${c} = f32(weight[w${c}]);
    w${c} += next_weight;
//! end
//! repeat g < GROUPS
//! repeat i < GROUP_ROWS
    let a${g}${i} = subgroupBroadcast(own${g}, ${i}u);
//! repeat c < COLUMNS
    sum${g}${i}_${c} = fma(a${g}${i}, b${c}, sum${g}${i}_${c});
//! end
//! end
//! end
  }
//! else
//! repeat g < GROUPS
//! repeat i < GROUP_ROWS
  var x${g}${i} = min(first_row + ${GROUP_ROWS}u * ${g}u + ${i}u, u.row_end - 1u) * 4u * u.inner4 + lane;
//! end
//! end
  for (var chunk = 0u; chunk < u.inner4 / 2u; chunk++) {
//! repeat g < GROUPS
//! repeat i < GROUP_ROWS
    let own${g}${i} = f32(x[x${g}${i}]);
    x${g}${i} += 8u;
//! end
//! end
//! repeat k < 8
    {
//! repeat c < COLUMNS
      let b${c} = f32(weight[w${c}]);
      w${c} += next_weight;
//! end
//! repeat g < GROUPS
//! repeat i < GROUP_ROWS
      let a${g}${i} = subgroupBroadcast(own${g}${i}, ${k}u);
//! repeat c < COLUMNS
      sum${g}${i}_${c} = fma(a${g}${i}, b${c}, sum${g}${i}_${c});
//! end
//! end
//! end
    }
//! end
  }
  // Rows of x are whole vec4s: four terms may be left, which the first four lanes load.
  if (u.inner4 % 2u != 0u) {
//! repeat g < GROUPS
//! repeat i < GROUP_ROWS
    let own${g}${i} = f32(x[x${g}${i}]);
//! end
//! end
//! repeat k < 4
    {
//! repeat c < COLUMNS
      let b${c} = f32(weight[w${c}]);
      w${c} += next_weight;
//! end
//! repeat g < GROUPS
//! repeat i < GROUP_ROWS
      let a${g}${i} = subgroupBroadcast(own${g}${i}, ${k}u);
//! repeat c < COLUMNS
      sum${g}${i}_${c} = fma(a${g}${i}, b${c}, sum${g}${i}_${c});
//! end
//! end
//! end
    }
//! end
  }
//! end
//! repeat g < GROUPS
//! repeat i < GROUP_ROWS
//! repeat c < COLUMNS
  if (first_row + ${GROUP_ROWS}u * ${g}u + ${i}u < u.row_end && column${c} < row_stride) {
    finish(sum${g}${i}_${c}, (first_row + ${GROUP_ROWS}u * ${g}u + ${i}u) * row_stride + column${c}, column${c});
  }
//! end
//! end
//! end
}
