// Rows of qkv hold query, key and value side by side. A block is (first query row, queries,
// first key row, keys): its queries belong to one cell, and so do its keys.
//! if ALIGNED
@group(0) @binding(1) var<storage, read> qkv: array<stored4>;
//! else
@group(0) @binding(1) var<storage, read> qkv: array<stored>;
//! end
@group(0) @binding(2) var<storage, read> blocks: array<vec4u>;
//! if ALIGNED
@group(0) @binding(3) var<storage, read_write> y: array<stored4>;
//! else
@group(0) @binding(3) var<storage, read_write> y: array<stored>;
//! end

//! if KEEP_LSE
@group(0) @binding(4) var<storage, read_write> lse: array<f32>;
//! end

// Four columns of the query (part 0), key (1) or value (2) of a head, zero beyond the head's size.
fn load(row: u32, part: u32, head: u32, vec: u32) -> vec4f {
//! if ALIGNED
  return vec4f(qkv[row * u.qkv_stride4 + part * u.heads * ${HEAD_VECS}u + head * ${HEAD_VECS}u + vec]);
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

fn store(row: u32, head: u32, vec: u32, value: vec4f) {
//! if ALIGNED
  y[row * u.y_stride4 + head * ${HEAD_VECS}u + vec] = to_stored(value);
//! else
  let at = row * 4u * u.y_stride4 + head * ${HEAD_SIZE}u + 4u * vec;
  for (var i = 0u; i < min(4u, ${HEAD_SIZE}u - 4u * vec); i++) {
    y[at + i] = to_stored(value)[i];
  }
  // What pads the row is zero: products of a backward pass sum over it.
  if (head == u.heads - 1u && vec == ${HEAD_VECS}u - 1u) {
    for (var i = u.heads * ${HEAD_SIZE}u; i < 4u * u.y_stride4; i++) {
      y[row * 4u * u.y_stride4 + i] = stored(0.0);
    }
  }
//! end
}

// What the backward pass needs to make the weights of a query again: log Σ exp(score).
fn keep_sum(row: u32, head: u32, largest: f32, total: f32) {
//! if KEEP_LSE
  lse[row * u.heads + head] = largest + log(total);
//! end
}

// Below any score, and finite: WGSL may assume that infinities do not occur.
const LOWEST = -1e30;
