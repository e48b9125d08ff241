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
