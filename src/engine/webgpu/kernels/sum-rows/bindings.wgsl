@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> y: array<vec4f>;

fn finish(sum: vec4f, at: u32) {
//! if ACCUMULATE
  y[at] += sum;
//! else
  y[at] = sum;
//! end
}
