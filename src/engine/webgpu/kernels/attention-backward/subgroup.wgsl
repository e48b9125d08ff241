// PER_THREAD own rows a thread. Four lanes of a subgroup load another row once and broadcast it to the
// others: a quarter of the loads. Nothing is assumed of the subgroup but four lanes, which WGSL
// guarantees. A vec4 of the head is named by two digits: group of four, and vec4 in it.
@compute @workgroup_size(${THREADS})
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
  @builtin(subgroup_invocation_id) subgroup_lane: u32,
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
//! repeat c < HEAD_QUADS
//! repeat e < 4
  let a${t}_${c}${e} = own_a(row${t}, head, 4u * ${c}u + ${e}u) * u.scale;
  let b${t}_${c}${e} = own_b(row${t}, head, 4u * ${c}u + ${e}u);
  var da${t}_${c}${e} = vec4f(0.0);
//! if KEYS
  var db${t}_${c}${e} = vec4f(0.0);
//! end
//! end
//! end
//! if KEYS
//! else
  let sums${t} = query_sums(row${t}, head);
//! end
//! end
  let quarter = subgroup_lane % 4u;
  for (var other = block.z; other < block.z + block.w; other++) {
//! repeat t < PER_THREAD
    var score${t} = vec4f(0.0);
    var d_weight${t} = vec4f(0.0);
//! end
//! repeat c < HEAD_QUADS
    let loaded_a${c} = other_a(other, head, 4u * ${c}u + quarter);
    let loaded_b${c} = other_b(other, head, 4u * ${c}u + quarter);
//! end
//! repeat c < HEAD_QUADS
//! repeat e < 4
    let other_a${c}${e} = subgroupBroadcast(loaded_a${c}, ${e}u);
    let other_b${c}${e} = subgroupBroadcast(loaded_b${c}, ${e}u);
//! repeat t < PER_THREAD
    score${t} = fma(a${t}_${c}${e}, other_a${c}${e}, score${t});
    d_weight${t} = fma(b${t}_${c}${e}, other_b${c}${e}, d_weight${t});
//! end
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
//! repeat c < HEAD_QUADS
//! repeat e < 4
    da${t}_${c}${e} = fma(vec4f(weighed${t}.y), other_a${c}${e}, da${t}_${c}${e});
//! if KEYS
    db${t}_${c}${e} = fma(vec4f(weighed${t}.x), other_b${c}${e}, db${t}_${c}${e});
//! end
//! end
//! end
//! end
  }
//! repeat t < PER_THREAD
  if (lane + ${t}u * ${THREADS}u < block.y) {
//! repeat c < HEAD_QUADS
//! repeat e < 4
    store_da(row${t}, head, 4u * ${c}u + ${e}u, da${t}_${c}${e});
//! if KEYS
    store(row${t}, VALUE, head, 4u * ${c}u + ${e}u, db${t}_${c}${e});
//! end
//! end
//! end
  }
//! end
}
