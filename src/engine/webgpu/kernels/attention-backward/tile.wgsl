// Register tiles, for GPUs: 64 threads, 64 own rows, 32 others at a time. Each thread makes 8 own × 4
// others of the weights and their cotangents, then 8 own × COLUMN_VECS vec4 of the answer, so that a value
// loaded from workgroup memory is used four or eight times. The two kinds of other rows take turns in one
// tile: b, then a while it is still needed, and b again for keys. Strides are odd in banks.
var<workgroup> tile: array<vec4f, ${TILE}>;      // [32 others][head + 1]
var<workgroup> factors: array<f32, ${FACTORS}>;  // [32 others][64 own + 1]: dS, then P

const OTHERS = 32u;
const TILE_STRIDE = ${HEAD_VECS}u + 1u;
const FACTOR_STRIDE = ${OWN}u + 1u;

fn stage_a(head: u32, first: u32, end: u32, lane: u32) {
  for (var at = lane; at < OTHERS * ${HEAD_VECS}u; at += ${THREADS}u) {
    let other = at / ${HEAD_VECS}u;
    let vec = at % ${HEAD_VECS}u;
    tile[other * TILE_STRIDE + vec] = other_a(min(first + other, end - 1u), head, vec);
  }
}

fn stage_b(head: u32, first: u32, end: u32, lane: u32) {
  for (var at = lane; at < OTHERS * ${HEAD_VECS}u; at += ${THREADS}u) {
    let other = at / ${HEAD_VECS}u;
    let vec = at % ${HEAD_VECS}u;
    tile[other * TILE_STRIDE + vec] = other_b(min(first + other, end - 1u), head, vec);
  }
}

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
  let end = block.z + block.w;
  let first_row = lane / 8u * 8u;
  let column = lane % 8u;
  // A bound known only at run time: unrolled, the loops would keep some compilers busy for minutes.
  let vecs = min(${HEAD_VECS}u, 3u * u.qkv_stride4);
//! repeat r < 8
  let row${r} = block.x + min(first_row + ${r}u, block.y - 1u);
//! repeat c < COLUMN_VECS
  var da${r}_${c} = vec4f(0.0);
//! if KEYS
  var db${r}_${c} = vec4f(0.0);
//! end
//! end
//! end
  for (var first = block.z; first < end; first += OTHERS) {
    stage_b(head, first, end, lane);
    workgroupBarrier();
//! repeat r < 8
//! repeat j < 4
    var d_weight${r}_${j} = 0.0;
    var score${r}_${j} = 0.0;
//! end
//! end
    for (var v = 0u; v < vecs; v++) {
//! repeat j < 4
      let other_b${j} = tile[(column + 8u * ${j}u) * TILE_STRIDE + v];
//! end
//! repeat r < 8
      let b${r} = own_b(row${r}, head, v);
//! repeat j < 4
      d_weight${r}_${j} += dot(b${r}, other_b${j});
//! end
//! end
    }
    workgroupBarrier();
    stage_a(head, first, end, lane);
    workgroupBarrier();
    for (var v = 0u; v < vecs; v++) {
//! repeat j < 4
      let other_a${j} = tile[(column + 8u * ${j}u) * TILE_STRIDE + v];
//! end
//! repeat r < 8
      let a${r} = own_a(row${r}, head, v);
//! repeat j < 4
      score${r}_${j} += dot(a${r}, other_a${j});
//! end
//! end
    }
//! if KEYS
//! repeat j < 4
    let sums${j} = query_sums(min(first + column + 8u * ${j}u, end - 1u), head);
//! end
//! end
//! repeat r < 8
//! if KEYS
//! else
    let sums${r} = query_sums(row${r}, head);
//! end
//! repeat j < 4
//! if KEYS
    let weighed${r}_${j} = weigh(score${r}_${j} * u.scale, d_weight${r}_${j}, sums${j});
//! else
    let weighed${r}_${j} = weigh(score${r}_${j} * u.scale, d_weight${r}_${j}, sums${r});
//! end
    factors[(column + 8u * ${j}u) * FACTOR_STRIDE + first_row + ${r}u] = weighed${r}_${j}.y;
//! end
//! end
    workgroupBarrier();
    let count = min(OTHERS, end - first);
    for (var other = 0u; other < count; other++) {
//! repeat c < COLUMN_VECS
      let other_a${c} = tile[other * TILE_STRIDE + min(column + 8u * ${c}u, ${HEAD_VECS}u - 1u)];
//! end
//! repeat r < 8
      let ds${r} = factors[other * FACTOR_STRIDE + first_row + ${r}u];
//! repeat c < COLUMN_VECS
      da${r}_${c} = fma(vec4f(ds${r}), other_a${c}, da${r}_${c});
//! end
//! end
    }
    workgroupBarrier();
//! if KEYS
//! repeat r < 8
//! repeat j < 4
    factors[(column + 8u * ${j}u) * FACTOR_STRIDE + first_row + ${r}u] = weighed${r}_${j}.x;
//! end
//! end
    stage_b(head, first, end, lane);
    workgroupBarrier();
    for (var other = 0u; other < count; other++) {
//! repeat c < COLUMN_VECS
      let other_b${c} = tile[other * TILE_STRIDE + min(column + 8u * ${c}u, ${HEAD_VECS}u - 1u)];
//! end
//! repeat r < 8
      let p${r} = factors[other * FACTOR_STRIDE + first_row + ${r}u];
//! repeat c < COLUMN_VECS
      db${r}_${c} = fma(vec4f(p${r}), other_b${c}, db${r}_${c});
//! end
//! end
    }
    workgroupBarrier();
//! end
  }
//! repeat r < 8
//! repeat c < COLUMN_VECS
  if (first_row + ${r}u < block.y && column + 8u * ${c}u < ${HEAD_VECS}u) {
    store_da(row${r}, head, column + 8u * ${c}u, da${r}_${c});
//! if KEYS
    store(row${r}, VALUE, head, column + 8u * ${c}u, db${r}_${c});
//! end
  }
//! end
//! end
}
