// One row and head a thread.
//! if ALIGNED
@group(0) @binding(1) var<storage, read> y: array<stored4>;
@group(0) @binding(2) var<storage, read> cotangent: array<stored4>;
//! else
@group(0) @binding(1) var<storage, read> y: array<stored>;
@group(0) @binding(2) var<storage, read> cotangent: array<stored>;
//! end
@group(0) @binding(3) var<storage, read_write> dots: array<f32>;

@compute @workgroup_size(${THREADS})
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let at = flat_workgroup(group, groups) * ${THREADS}u + lane;
  let row = at / u.heads;
  let head = at % u.heads;
  if (row >= u.rows) {
    return;
  }
//! if ALIGNED
  let first = row * u.y_stride4 + head * ${HEAD_VECS}u;
  var products = vec4f(0.0);
  for (var i = first; i < first + ${HEAD_VECS}u; i++) {
    products = fma(vec4f(y[i]), vec4f(cotangent[i]), products);
  }
  dots[at] = (products.x + products.y) + (products.z + products.w);
//! else
  let first = row * 4u * u.y_stride4 + head * ${HEAD_SIZE}u;
  var product = 0.0;
  for (var i = first; i < first + ${HEAD_SIZE}u; i++) {
    product = fma(f32(y[i]), f32(cotangent[i]), product);
  }
  dots[at] = product;
//! end
}
