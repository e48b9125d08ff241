// What happens to a finished sum: nothing, or bias and then an activation or the residual stream; with ACCUMULATE
// that is added to y (+=) instead of taking its place (=). Zeros go to the padding behind the last column.
fn finish(sum: vec4f, at: u32, column: u32) {
  var value = sum;
//! if NT
  // The rows of a weight that is not transposed are its columns' own: nothing pads them.
  value = select(vec4f(0.0), value, vec4u(4u * column) + vec4u(0u, 1u, 2u, 3u) < vec4u(u.columns));
//! end
//! if BIAS
  value += bias[column];
//! end
  value = activated(value);
//! if RESIDUAL
  value += vec4f(residual[at]);
//! end
//! if ACCUMULATE
  value += vec4f(y[at]);
//! end
  y[at] = to_stored(value);
}
