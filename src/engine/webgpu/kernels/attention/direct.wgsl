// One query a thread; keys and values straight from storage. All lanes read the same key, which a
// CPU adapter turns into one scalar load and a broadcast.
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
  let key_end = block.z + block.w;
  for (var key = block.z; key < key_end; key += 4u) {
    let last = key_end - 1u;
    let key1 = min(key + 1u, last);
    let key2 = min(key + 2u, last);
    let key3 = min(key + 3u, last);
    var score = vec4f(0.0);
//! repeat v < HEAD_VECS
    score += vec4f(
      dot(q${v}, load(key, 1u, head, ${v}u)),
      dot(q${v}, load(key1, 1u, head, ${v}u)),
      dot(q${v}, load(key2, 1u, head, ${v}u)),
      dot(q${v}, load(key3, 1u, head, ${v}u)),
    );
//! end
    let valid = vec4u(key, key + 1u, key + 2u, key + 3u) < vec4u(key_end);
    score = select(vec4f(LOWEST), score, valid);
    let now_largest = max(max(max(score.x, score.y), max(score.z, score.w)), largest);
    let keep = exp(largest - now_largest);
    let p = select(vec4f(0.0), exp(score - now_largest), valid);
    total = total * keep + (p.x + p.y) + (p.z + p.w);
    largest = now_largest;
//! repeat v < HEAD_VECS
    o${v} = o${v} * keep
      + p.x * load(key, 2u, head, ${v}u)
      + p.y * load(key1, 2u, head, ${v}u)
      + p.z * load(key2, 2u, head, ${v}u)
      + p.w * load(key3, 2u, head, ${v}u);
//! end
  }
  if (lane < block.y) {
//! repeat v < HEAD_VECS
    store(query, head, ${v}u, o${v} / total);
//! end
  }
}
