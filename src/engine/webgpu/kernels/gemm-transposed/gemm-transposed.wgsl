@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read> r: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> y: array<vec4f>;

// A thread makes 4 × 4 of one slice's sum: four features against four columns. The lanes of a workgroup
// stand side by side along the features, so that x is read in order and r is the same for all of them.
@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let feature_tiles = (u.inner4 + 63u) / 64u;
  let flat = flat_workgroup(group, groups);
  let feature = (flat % feature_tiles) * 64u + lane;
  let column = (flat / feature_tiles) % u.columns4;
  let slice = flat / feature_tiles / u.columns4;
  let first = slice * u.slice_rows;
  if (first >= u.rows || feature >= u.inner4) {
    return;
  }
  let end = min(first + u.slice_rows, u.rows);
//! repeat i < 4
  var sum${i} = vec4f(0.0);
//! end
  for (var row = first; row < end; row++) {
    let a = x[row * u.inner4 + feature];
    let b = r[row * u.columns4 + column];
//! repeat i < 4
    sum${i} = fma(vec4f(a[${i}]), b, sum${i});
//! end
  }
  let to = (slice * u.inner4 + feature) * 4u * u.columns4 + column;
//! repeat i < 4
  y[to + ${i}u * u.columns4] = sum${i};
//! end
}
