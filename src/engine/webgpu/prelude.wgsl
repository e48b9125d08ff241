// Shared by all kernels: the flat index of a workgroup whose grid was split into two dimensions
// to stay under 65,535 workgroups in each.
fn flat_workgroup(id: vec3u, count: vec3u) -> u32 {
  return id.y * count.x + id.x;
}

// How matrices lie in storage.
//! if HALF
alias stored = f16;
alias stored4 = vec4<f16>;
fn to_stored(value: vec4f) -> stored4 {
  return stored4(clamp(value, vec4f(-65504.0), vec4f(65504.0)));
}
//! else
alias stored = f32;
alias stored4 = vec4f;
fn to_stored(value: vec4f) -> stored4 {
  return value;
}
//! end
