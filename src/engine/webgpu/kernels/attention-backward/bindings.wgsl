// One text for both backward kernels. Scores are products of query and key, cotangents of the weights
// products of cotangent and value: a thread owns one side of both (its queries, or its keys) and walks
// the other. Own and other rows are called a where they make scores, b where they make those cotangents:
//
//            own a   own b      other a  other b    sums up
//   queries  query   cotangent  key      value      da = Σ dS · key
//   keys     key     value      query    cotangent  da = Σ dS · query, db = Σ P · cotangent
//
// A block is (first own row, own rows, first other row, other rows), all of one cell.
//! if ALIGNED
@group(0) @binding(1) var<storage, read> qkv: array<stored4>;
@group(0) @binding(2) var<storage, read> cotangent: array<stored4>;
//! else
@group(0) @binding(1) var<storage, read> qkv: array<stored>;
@group(0) @binding(2) var<storage, read> cotangent: array<stored>;
//! end
@group(0) @binding(3) var<storage, read> lse: array<f32>;
@group(0) @binding(4) var<storage, read> dots: array<f32>;
@group(0) @binding(5) var<storage, read> blocks: array<vec4u>;
//! if ALIGNED
@group(0) @binding(6) var<storage, read_write> dqkv: array<stored4>;
//! else
@group(0) @binding(6) var<storage, read_write> dqkv: array<stored>;
//! end

// Thirds of a row of qkv.
const QUERY = 0u;
const KEY = 1u;
const VALUE = 2u;

// Four columns of a third of qkv, zero beyond the head's size.
fn load(row: u32, part: u32, head: u32, vec: u32) -> vec4f {
//! if ALIGNED
  return vec4f(qkv[row * u.qkv_stride4 + (part * u.heads + head) * ${HEAD_VECS}u + vec]);
//! else
  let at = row * 4u * u.qkv_stride4 + (part * u.heads + head) * ${HEAD_SIZE}u + 4u * vec;
  let left = ${HEAD_SIZE}u - 4u * vec;
  return vec4f(
    f32(qkv[at]),
    select(0.0, f32(qkv[at + 1u]), left > 1u),
    select(0.0, f32(qkv[at + 2u]), left > 2u),
    select(0.0, f32(qkv[at + 3u]), left > 3u),
  );
//! end
}

fn load_cotangent(row: u32, head: u32, vec: u32) -> vec4f {
//! if ALIGNED
  return vec4f(cotangent[row * u.y_stride4 + head * ${HEAD_VECS}u + vec]);
//! else
  let at = row * 4u * u.y_stride4 + head * ${HEAD_SIZE}u + 4u * vec;
  let left = ${HEAD_SIZE}u - 4u * vec;
  return vec4f(
    f32(cotangent[at]),
    select(0.0, f32(cotangent[at + 1u]), left > 1u),
    select(0.0, f32(cotangent[at + 2u]), left > 2u),
    select(0.0, f32(cotangent[at + 3u]), left > 3u),
  );
//! end
}

fn own_a(row: u32, head: u32, vec: u32) -> vec4f {
//! if KEYS
  return load(row, KEY, head, vec);
//! else
  return load(row, QUERY, head, vec);
//! end
}

fn own_b(row: u32, head: u32, vec: u32) -> vec4f {
//! if KEYS
  return load(row, VALUE, head, vec);
//! else
  return load_cotangent(row, head, vec);
//! end
}

fn other_a(row: u32, head: u32, vec: u32) -> vec4f {
//! if KEYS
  return load(row, QUERY, head, vec);
//! else
  return load(row, KEY, head, vec);
//! end
}

fn other_b(row: u32, head: u32, vec: u32) -> vec4f {
//! if KEYS
  return load_cotangent(row, head, vec);
//! else
  return load(row, VALUE, head, vec);
//! end
}

// (log Σ exp of the scores, Σ cotangent · y) of a query.
fn query_sums(row: u32, head: u32) -> vec2f {
  return vec2f(lse[row * u.heads + head], dots[row * u.heads + head]);
}

// (P, dS) of a query and a key: its weight, and the cotangent of its score.
fn weigh(score: f32, d_weight: f32, sums: vec2f) -> vec2f {
  let p = exp(score - sums.x);
  return vec2f(p, p * (d_weight - sums.y));
}

fn store(row: u32, part: u32, head: u32, vec: u32, value: vec4f) {
//! if ALIGNED
  dqkv[row * u.qkv_stride4 + (part * u.heads + head) * ${HEAD_VECS}u + vec] = to_stored(value);
//! else
  let at = row * 4u * u.qkv_stride4 + (part * u.heads + head) * ${HEAD_SIZE}u + 4u * vec;
  for (var i = 0u; i < min(4u, ${HEAD_SIZE}u - 4u * vec); i++) {
    dqkv[at + i] = to_stored(value)[i];
  }
  // What pads the row is zero, and every row is a query.
  if (part == QUERY && head == 0u && vec == 0u) {
    for (var i = 3u * u.heads * ${HEAD_SIZE}u; i < 4u * u.qkv_stride4; i++) {
      dqkv[row * 4u * u.qkv_stride4 + i] = stored(0.0);
    }
  }
//! end
}

fn store_da(row: u32, head: u32, vec: u32, sum: vec4f) {
//! if KEYS
  store(row, KEY, head, vec, sum * u.scale);
//! else
  store(row, QUERY, head, vec, sum * u.scale);
//! end
}
