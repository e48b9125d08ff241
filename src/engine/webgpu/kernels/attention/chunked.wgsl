// For heads too large for a thread's registers: one query and one chunk of its output a thread. Each
// chunk computes the scores again, the query read from storage as the keys are.
@compute @workgroup_size(${THREADS})
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let flat = flat_workgroup(group, groups);
  let first_vec = (flat % ${CHUNKS}u) * ${CHUNK_VECS}u;
  let head = flat / ${CHUNKS}u % u.heads;
  let index = u.block_start + flat / ${CHUNKS}u / u.heads;
  if (index >= u.block_end) {
    return;
  }
  let block = blocks[index];
  let query = block.x + min(lane, block.y - 1u);
  // A bound known only at run time: unrolled, the loop would keep some compilers busy for minutes.
  let vecs = min(${HEAD_VECS}u, 3u * u.qkv_stride4);
//! repeat v < CHUNK_VECS
  let vec${v} = min(first_vec + ${v}u, ${HEAD_VECS}u - 1u);
  var o${v} = vec4f(0.0);
//! end
  var largest = LOWEST;
  var total = 0.0;
  for (var key = block.z; key < block.z + block.w; key++) {
    var products = vec4f(0.0);
    for (var v = 0u; v < vecs; v++) {
      products = fma(load(query, 0u, head, v), load(key, 1u, head, v), products);
    }
    let score = ((products.x + products.y) + (products.z + products.w)) * u.scale;
    let now_largest = max(score, largest);
    let keep = exp(largest - now_largest);
    let p = exp(score - now_largest);
    total = total * keep + p;
    largest = now_largest;
//! repeat v < CHUNK_VECS
    o${v} = fma(vec4f(p), load(key, 2u, head, vec${v}), o${v} * keep);
//! end
  }
  if (lane < block.y) {
//! repeat v < CHUNK_VECS
    if (first_vec + ${v}u < ${HEAD_VECS}u) {
      store(query, head, vec${v}, o${v} / total);
    }
//! end
    if (first_vec == 0u) {
      keep_sum(query, head, largest, total);
    }
  }
}
