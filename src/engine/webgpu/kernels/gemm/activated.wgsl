// What the epilogue does to a sum that has its bias: nothing, GELU (exact, by erf) or ReLU.
fn activated(value: vec4f) -> vec4f {
//! if GELU
  return 0.5 * value * (1.0 + erf4(value * 0.70710678118654752));
//! else
//! if RELU
  return max(value, vec4f(0.0));
//! else
  return value;
//! end
//! end
}
