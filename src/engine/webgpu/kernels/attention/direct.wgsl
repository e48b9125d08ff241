// PER_THREAD queries a thread; keys and values straight from storage. All lanes read the same key, once
// for all queries of the thread: on CPU adapters, where each lane's load is a gather, loads are what
// costs. One key a step: with four, lavapipe's compiler took half a minute for heads of 64.
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
  let query${t} = block.x + min(lane + ${t}u * ${THREADS}u, block.y - 1u);
  var largest${t} = LOWEST;
  var total${t} = 0.0;
//! repeat v < HEAD_VECS
  let q${t}_${v} = load(query${t}, 0u, head, ${v}u) * u.scale;
  var o${t}_${v} = vec4f(0.0);
//! end
//! end
  for (var key = block.z; key < block.z + block.w; key++) {
//! repeat t < PER_THREAD
    var products${t} = vec4f(0.0);
//! end
//! repeat v < HEAD_VECS
    let k${v} = load(key, 1u, head, ${v}u);
//! repeat t < PER_THREAD
    products${t} = fma(q${t}_${v}, k${v}, products${t});
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
//! repeat v < HEAD_VECS
    let v${v} = load(key, 2u, head, ${v}u);
//! repeat t < PER_THREAD
    o${t}_${v} = fma(vec4f(p${t}), v${v}, o${t}_${v} * keep${t});
//! end
//! end
  }
//! repeat t < PER_THREAD
  if (lane + ${t}u * ${THREADS}u < block.y) {
//! repeat v < HEAD_VECS
    store(query${t}, head, ${v}u, o${t}_${v} / total${t});
//! end
    keep_sum(query${t}, head, largest${t}, total${t});
  }
//! end
}
