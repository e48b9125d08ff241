// One query a thread; 16 keys and values at a time staged in workgroup memory (8 KiB at the
// largest head, 64), for GPUs.
var<workgroup> keys: array<vec4f, ${STAGED_VECS}>;
var<workgroup> values: array<vec4f, ${STAGED_VECS}>;

@compute @workgroup_size(${THREADS})
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
  for (var first = block.z; first < key_end; first += 16u) {
    for (var at = lane; at < ${STAGED_VECS}u; at += ${THREADS}u) {
      let row = min(first + at / ${HEAD_VECS}u, key_end - 1u);
      keys[at] = load(row, 1u, head, at % ${HEAD_VECS}u);
      values[at] = load(row, 2u, head, at % ${HEAD_VECS}u);
    }
    workgroupBarrier();
    // A bound known only at run time: some compilers would unroll this loop as well, and take minutes.
    for (var tile = 0u; tile < min(16u, key_end - first); tile += 4u) {
      let at = tile * ${HEAD_VECS}u;
      var score = vec4f(0.0);
//! repeat v < HEAD_VECS
      score += vec4f(
        dot(q${v}, keys[at + ${v}u]),
        dot(q${v}, keys[at + ${v}u + ${HEAD_VECS}u]),
        dot(q${v}, keys[at + ${v}u + 2u * ${HEAD_VECS}u]),
        dot(q${v}, keys[at + ${v}u + 3u * ${HEAD_VECS}u]),
      );
//! end
      let key = first + tile;
      let valid = vec4u(key, key + 1u, key + 2u, key + 3u) < vec4u(key_end);
      score = select(vec4f(LOWEST), score, valid);
      let now_largest = max(max(max(score.x, score.y), max(score.z, score.w)), largest);
      let keep = exp(largest - now_largest);
      let p = select(vec4f(0.0), exp(score - now_largest), valid);
      total = total * keep + (p.x + p.y) + (p.z + p.w);
      largest = now_largest;
//! repeat v < HEAD_VECS
      o${v} = o${v} * keep
        + p.x * values[at + ${v}u]
        + p.y * values[at + ${v}u + ${HEAD_VECS}u]
        + p.z * values[at + ${v}u + 2u * ${HEAD_VECS}u]
        + p.w * values[at + ${v}u + 3u * ${HEAD_VECS}u];
//! end
    }
    workgroupBarrier();
  }
  if (lane < block.y) {
//! repeat v < HEAD_VECS
    store(query, head, ${v}u, o${v} / total);
//! end
    keep_sum(query, head, largest, total);
  }
}
