// Shared by all kernels: the flat index of a workgroup whose grid was split into two dimensions
// to stay under 65,535 workgroups in each.
fn flat_workgroup(id: vec3u, count: vec3u) -> u32 {
  return id.y * count.x + id.x;
}
