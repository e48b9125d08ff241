// PER_THREAD own rows a thread, everything in registers; the others straight from storage, all lanes the
// same one at a time.
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
//! repeat t < PER_THREAD
  let row${t} = block.x + min(lane + ${t}u * ${THREADS}u, block.y - 1u);
//! repeat v < HEAD_VECS
  let a${t}_${v} = own_a(row${t}, head, ${v}u) * u.scale;
  let b${t}_${v} = own_b(row${t}, head, ${v}u);
  var da${t}_${v} = vec4f(0.0);
//! if KEYS
  var db${t}_${v} = vec4f(0.0);
//! end
//! end
//! if KEYS
//! else
  let sums${t} = query_sums(row${t}, head);
//! end
//! end
  for (var other = block.z; other < block.z + block.w; other++) {
//! repeat t < PER_THREAD
    var score${t} = vec4f(0.0);
    var d_weight${t} = vec4f(0.0);
//! end
//! repeat v < HEAD_VECS
    let other_a${v} = other_a(other, head, ${v}u);
    let other_b${v} = other_b(other, head, ${v}u);
//! repeat t < PER_THREAD
    score${t} = fma(a${t}_${v}, other_a${v}, score${t});
    d_weight${t} = fma(b${t}_${v}, other_b${v}, d_weight${t});
//! end
//! end
//! if KEYS
    let other_sums = query_sums(other, head);
//! end
//! repeat t < PER_THREAD
    let weighed${t} = weigh(
      (score${t}.x + score${t}.y) + (score${t}.z + score${t}.w),
      (d_weight${t}.x + d_weight${t}.y) + (d_weight${t}.z + d_weight${t}.w),
//! if KEYS
      other_sums,
//! else
      sums${t},
//! end
    );
//! repeat v < HEAD_VECS
    da${t}_${v} = fma(vec4f(weighed${t}.y), other_a${v}, da${t}_${v});
//! if KEYS
    db${t}_${v} = fma(vec4f(weighed${t}.x), other_b${v}, db${t}_${v});
//! end
//! end
//! end
  }
//! repeat t < PER_THREAD
  if (lane + ${t}u * ${THREADS}u < block.y) {
//! repeat v < HEAD_VECS
    store_da(row${t}, head, ${v}u, da${t}_${v});
//! if KEYS
    store(row${t}, VALUE, head, ${v}u, db${t}_${v});
//! end
//! end
  }
//! end
}
