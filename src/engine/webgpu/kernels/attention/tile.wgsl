// Register tiles of scores and outputs, for GPUs: 64 threads, 64 queries, 32 keys at a time. Each thread
// makes 8 queries × 4 keys of the scores, then 8 queries × COLUMN_VECS vec4 of the outputs, so that
// a value loaded from workgroup memory is used four or eight times; in between each thread owns one
// query's softmax. Keys and values share one tile. Strides are odd in banks.
var<workgroup> tile: array<vec4f, ${TILE}>;     // [32 keys][head + 1]
var<workgroup> scores: array<f32, ${SCORES}>;   // [32 keys][64 queries + 1]
var<workgroup> factors: array<f32, ${QUERIES}>; // [64 queries]

const KEYS = 32u;
const KEY_STRIDE = ${HEAD_VECS}u + 1u;
const SCORE_STRIDE = ${QUERIES}u + 1u;

fn stage(part: u32, head: u32, first: u32, key_end: u32, lane: u32) {
  for (var at = lane; at < KEYS * ${HEAD_VECS}u; at += ${THREADS}u) {
    let key = at / ${HEAD_VECS}u;
    let vec = at % ${HEAD_VECS}u;
    tile[key * KEY_STRIDE + vec] = load(min(first + key, key_end - 1u), part, head, vec);
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
  let key_end = block.z + block.w;
  let first_row = lane / 8u * 8u;
  let column = lane % 8u;
//! repeat r < 8
  let row${r} = block.x + min(first_row + ${r}u, block.y - 1u);
//! repeat j < COLUMN_VECS
  var o${r}_${j} = vec4f(0.0);
//! end
//! end
  var largest = LOWEST;
  var total = 0.0;
  for (var first = block.z; first < key_end; first += KEYS) {
    stage(1u, head, first, key_end, lane);
    workgroupBarrier();
//! repeat r < 8
//! repeat j < 4
    var s${r}_${j} = vec4f(0.0);
//! end
//! end
    // A bound known only at run time: unrolled, the loop would keep some compilers busy for minutes.
    for (var v = 0u; v < min(${HEAD_VECS}u, 3u * u.qkv_stride4); v++) {
//! repeat j < 4
      let k${j} = tile[(column + 8u * ${j}u) * KEY_STRIDE + v];
//! end
//! repeat r < 8
      let q${r} = load(row${r}, 0u, head, v);
//! repeat j < 4
      s${r}_${j} = fma(q${r}, k${j}, s${r}_${j});
//! end
//! end
    }
//! repeat r < 8
//! repeat j < 4
    scores[(column + 8u * ${j}u) * SCORE_STRIDE + first_row + ${r}u] =
      ((s${r}_${j}.x + s${r}_${j}.y) + (s${r}_${j}.z + s${r}_${j}.w)) * u.scale;
//! end
//! end
    workgroupBarrier();
    let count = min(KEYS, key_end - first);
    var now_largest = largest;
    for (var key = 0u; key < count; key++) {
      now_largest = max(now_largest, scores[key * SCORE_STRIDE + lane]);
    }
    let keep = exp(largest - now_largest);
    largest = now_largest;
    total *= keep;
    factors[lane] = keep;
    for (var key = 0u; key < count; key++) {
      let p = exp(scores[key * SCORE_STRIDE + lane] - now_largest);
      total += p;
      scores[key * SCORE_STRIDE + lane] = p;
    }
    stage(2u, head, first, key_end, lane);
    workgroupBarrier();
//! repeat r < 8
    let f${r} = factors[first_row + ${r}u];
//! repeat j < COLUMN_VECS
    o${r}_${j} *= f${r};
//! end
//! end
    for (var key = 0u; key < count; key++) {
//! repeat j < COLUMN_VECS
      let v${j} = tile[key * KEY_STRIDE + min(column + 8u * ${j}u, ${HEAD_VECS}u - 1u)];
//! end
//! repeat r < 8
      let p${r} = scores[key * SCORE_STRIDE + first_row + ${r}u];
//! repeat j < COLUMN_VECS
      o${r}_${j} = fma(vec4f(p${r}), v${j}, o${r}_${j});
//! end
//! end
    }
    workgroupBarrier();
  }
  factors[lane] = 1.0 / total;
  if (lane < block.y) {
    keep_sum(block.x + lane, head, largest, total);
  }
  workgroupBarrier();
//! repeat r < 8
//! repeat j < COLUMN_VECS
  if (first_row + ${r}u < block.y && column + 8u * ${j}u < ${HEAD_VECS}u) {
    store(row${r}, head, column + 8u * ${j}u, o${r}_${j} * factors[first_row + ${r}u]);
  }
//! end
//! end
}
