// One query a thread; keys and values straight from storage. All lanes read the same key, which a
// CPU adapter turns into one scalar load and a broadcast. One key a step: with four, lavapipe's
// compiler took half a minute for heads of 64; with one it takes seconds.
@compute @workgroup_size(${QUERIES})
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let flat = flat_workgroup(group, groups);
  let head = flat % u.heads;
  let index = u.block_start + flat / u.heads;
  if (index >= u.block_end) {
    return;
  }
  let block = blocks[index];
  let query = block.x + min(lane, block.y - 1u);
//! repeat v < HEAD_VECS
  let q${v} = load(query, 0u, head, ${v}u) * u.scale;
  var o${v} = vec4f(0.0);
//! end
  var largest = LOWEST;
  var total = 0.0;
  for (var key = block.z; key < block.z + block.w; key++) {
    var products = vec4f(0.0);
//! repeat v < HEAD_VECS
    products = fma(q${v}, load(key, 1u, head, ${v}u), products);
//! end
    let score = (products.x + products.y) + (products.z + products.w);
    let now_largest = max(score, largest);
    let keep = exp(largest - now_largest);
    let p = exp(score - now_largest);
    total = total * keep + p;
    largest = now_largest;
//! repeat v < HEAD_VECS
    o${v} = fma(vec4f(p), load(key, 2u, head, ${v}u), o${v} * keep);
//! end
  }
  if (lane < block.y) {
//! repeat v < HEAD_VECS
    store(query, head, ${v}u, o${v} / total);
//! end
  }
}
