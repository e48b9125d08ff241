@group(0) @binding(1) var<storage, read> logits: array<f32>;
// (target class, bits of the weight, first class, end of the classes)
@group(0) @binding(2) var<storage, read> targets: array<vec4u>;
// (bits of the greatest logit, bits of Σ exp(logit − greatest), bits of the target's logit, class of the
// greatest): integers, since a small class read as a float could be flushed to zero.
@group(0) @binding(3) var<storage, read_write> state: array<vec4u>;

const LOWEST = -3.4028234e38;

// Softmax so far: the greatest logit, its class, and the sum relative to it; no class yet where it is 0.
struct Softmax {
  most: f32,
  sum: f32,
  class_of_most: u32,
}

// Both together; of equal logits the lower class.
fn merge(a: Softmax, b: Softmax) -> Softmax {
  let a_first = a.most > b.most || (a.most == b.most && a.class_of_most < b.class_of_most);
  let most = max(a.most, b.most);
  // A part without classes has sum 0 and says nothing of its scale.
  let a_sum = select(a.sum * exp(a.most - most), 0.0, a.sum == 0.0);
  let b_sum = select(b.sum * exp(b.most - most), 0.0, b.sum == 0.0);
  return Softmax(most, a_sum + b_sum, select(b.class_of_most, a.class_of_most, a_first));
}

fn write(row: u32, found: Softmax) {
//! if FIRST
  var total = found;
  var own_logit = 0.0;
//! else
  let before = state[row];
  var total = merge(Softmax(bitcast<f32>(before.x), bitcast<f32>(before.y), before.w), found);
  var own_logit = bitcast<f32>(before.z);
//! end
  let own = targets[row].x;
  if (own >= u.column_start && own < u.column_start + u.columns) {
    own_logit = logits[row * 4u * u.stride4 + own - u.column_start];
  }
  state[row] = vec4u(
    bitcast<u32>(total.most),
    bitcast<u32>(total.sum),
    bitcast<u32>(own_logit),
    total.class_of_most,
  );
}
