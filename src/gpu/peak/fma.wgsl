// As many multiplications and additions as the adapter can do: eight independent chains of vec4 fma in
// registers, so that neither memory nor latency is in the way. `factor` and `term` come from a buffer, or
// the compiler would know the answer; with factor < 1 the sums converge and stay finite.

struct Uniforms {
  factor: f32,
  term: f32,
  loops: u32,
}

@group(0) @binding(0) var<uniform> u: Uniforms;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let a = vec4f(u.factor);
  let b = vec4f(u.term);
  let start = vec4f(f32(id.x & 255u), 1.0, 2.0, 3.0);
  var s0 = start;
  var s1 = start + 1.0;
  var s2 = start + 2.0;
  var s3 = start + 3.0;
  var s4 = start + 4.0;
  var s5 = start + 5.0;
  var s6 = start + 6.0;
  var s7 = start + 7.0;
  for (var i = 0u; i < u.loops; i++) {
    //! repeat j < UNROLL
    s0 = fma(s0, a, b);
    s1 = fma(s1, a, b);
    s2 = fma(s2, a, b);
    s3 = fma(s3, a, b);
    s4 = fma(s4, a, b);
    s5 = fma(s5, a, b);
    s6 = fma(s6, a, b);
    s7 = fma(s7, a, b);
    //! end
  }
  let sum = ((s0 + s1) + (s2 + s3)) + ((s4 + s5) + (s6 + s7));
  y[id.x] = sum.x + sum.y + sum.z + sum.w;
}
