// For heads too large for a thread's registers: one own row and one chunk of its answer a thread. Each
// chunk computes the scores again, own rows read from storage as the others are.
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
  let row = block.x + min(lane, block.y - 1u);
  // A bound known only at run time: unrolled, the loop would keep some compilers busy for minutes.
  let vecs = min(${HEAD_VECS}u, 3u * u.qkv_stride4);
//! repeat v < CHUNK_VECS
  let vec${v} = min(first_vec + ${v}u, ${HEAD_VECS}u - 1u);
  var da${v} = vec4f(0.0);
//! if KEYS
  var db${v} = vec4f(0.0);
//! end
//! end
  for (var other = block.z; other < block.z + block.w; other++) {
    var score = vec4f(0.0);
    var d_weight = vec4f(0.0);
    for (var v = 0u; v < vecs; v++) {
      score = fma(own_a(row, head, v), other_a(other, head, v), score);
      d_weight = fma(own_b(row, head, v), other_b(other, head, v), d_weight);
    }
    let weighed = weigh(
      ((score.x + score.y) + (score.z + score.w)) * u.scale,
      (d_weight.x + d_weight.y) + (d_weight.z + d_weight.w),
//! if KEYS
      query_sums(other, head),
//! else
      query_sums(row, head),
//! end
    );
//! repeat v < CHUNK_VECS
    da${v} = fma(vec4f(weighed.y), other_a(other, head, vec${v}), da${v});
//! if KEYS
    db${v} = fma(vec4f(weighed.x), other_b(other, head, vec${v}), db${v});
//! end
//! end
  }
  if (lane < block.y) {
//! repeat v < CHUNK_VECS
    if (first_vec + ${v}u < ${HEAD_VECS}u) {
      store_da(row, head, vec${v}, da${v});
//! if KEYS
      store(row, VALUE, head, vec${v}, db${v});
//! end
    }
//! end
  }
}
