// PER_THREAD queries a thread. Four lanes of a subgroup load a key and a value once and broadcast them to
// the others: a quarter of the loads. Nothing is assumed of the subgroup but four lanes, which WGSL
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
  let query${t} = block.x + min(lane + ${t}u * ${THREADS}u, block.y - 1u);
  var largest${t} = LOWEST;
  var total${t} = 0.0;
//! repeat c < HEAD_QUADS
//! repeat e < 4
  let q${t}_${c}${e} = load(query${t}, 0u, head, 4u * ${c}u + ${e}u) * u.scale;
  var o${t}_${c}${e} = vec4f(0.0);
//! end
//! end
//! end
  let quarter = subgroup_lane % 4u;
  for (var key = block.z; key < block.z + block.w; key++) {
//! repeat t < PER_THREAD
    var products${t} = vec4f(0.0);
//! end
//! repeat c < HEAD_QUADS
    let own_k${c} = load(key, 1u, head, 4u * ${c}u + quarter);
    let own_v${c} = load(key, 2u, head, 4u * ${c}u + quarter);
//! end
//! repeat c < HEAD_QUADS
//! repeat e < 4
    let k${c}${e} = subgroupBroadcast(own_k${c}, ${e}u);
//! repeat t < PER_THREAD
    products${t} = fma(q${t}_${c}${e}, k${c}${e}, products${t});
//! end
//! end
//! end
//! repeat t < PER_THREAD
    let score${t} = (products${t}.x + products${t}.y) + (products${t}.z + products${t}.w);
    let now_largest${t} = max(score${t}, largest${t});
    let keep${t} = exp(largest${t} - now_largest${t});
    let p${t} = exp(score${t} - now_largest${t});
    total${t} = total${t} * keep${t} + p${t};
    largest${t} = now_largest${t};
//! end
//! repeat c < HEAD_QUADS
//! repeat e < 4
    let v${c}${e} = subgroupBroadcast(own_v${c}, ${e}u);
//! repeat t < PER_THREAD
    o${t}_${c}${e} = fma(vec4f(p${t}), v${c}${e}, o${t}_${c}${e} * keep${t});
//! end
//! end
//! end
  }
//! repeat t < PER_THREAD
  if (lane + ${t}u * ${THREADS}u < block.y) {
//! repeat c < HEAD_QUADS
//! repeat e < 4
    store(query${t}, head, 4u * ${c}u + ${e}u, o${t}_${c}${e} / total${t});
//! end
//! end
    keep_sum(query${t}, head, largest${t}, total${t});
  }
//! end
}
