// erf by the odd rational approximation of degree 13/8 on [−4, 4] used by Eigen and TensorFlow
// (`generic_fast_erf_float`); largest error measured in float32 on [−6, 6]: 4.2e−7.
fn erf4(z: vec4f) -> vec4f {
  let t = clamp(z, vec4f(-4.0), vec4f(4.0));
  let t2 = t * t;
  var p = fma(t2, vec4f(-2.72614225801306e-10), vec4f(2.77068142495902e-08));
  p = fma(t2, p, vec4f(-2.10102402082508e-06));
  p = fma(t2, p, vec4f(-5.69250639462346e-05));
  p = fma(t2, p, vec4f(-7.34990630326855e-04));
  p = fma(t2, p, vec4f(-2.95459980854025e-03));
  p = fma(t2, p, vec4f(-1.60960333262415e-02));
  var q = fma(t2, vec4f(-1.45660718464996e-05), vec4f(-2.13374055278905e-04));
  q = fma(t2, q, vec4f(-1.68282697438203e-03));
  q = fma(t2, q, vec4f(-7.37332916720468e-03));
  q = fma(t2, q, vec4f(-1.42647390514189e-02));
  return t * p / q;
}

// What happens to a finished sum: nothing, or bias and then GELU (exact, by erf), ReLU or the
// residual stream. Zeros go to the padding behind the last column.
fn finish(sum: vec4f, at: u32, column: u32) {
  var value = sum;
//! if NT
  // The rows of a weight that is not transposed are its columns' own: nothing pads them.
  value = select(vec4f(0.0), value, vec4u(4u * column) + vec4u(0u, 1u, 2u, 3u) < vec4u(u.columns));
//! end
//! if BIAS
  value += bias[column];
//! end
//! if GELU
  value = 0.5 * value * (1.0 + erf4(value * 0.70710678118654752));
//! end
//! if RELU
  value = max(value, vec4f(0.0));
//! end
//! if RESIDUAL
  value += vec4f(residual[at]);
//! end
  y[at] = to_stored(value);
}
