// A row of input is (token id, position, bits of the value, 1 where there is a value; 2 where a value of
// X rank is hidden).
@group(0) @binding(1) var<storage, read> table: array<stored4>;
@group(0) @binding(2) var<storage, read> input: array<vec4u>;
@group(0) @binding(3) var<storage, read> positions: array<stored4>;
@group(0) @binding(4) var<storage, read> value_table: array<stored4>;
@group(0) @binding(5) var<storage, read> value_bias: array<stored4>;
@group(0) @binding(6) var<storage, read_write> x: array<stored4>;

const NO_POSITION = 0xffffffffu;

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let flat = flat_workgroup(group, groups) * 64u + lane;
  let row = flat / u.stride4;
  let vec = flat % u.stride4;
  if (row >= u.rows) {
    return;
  }
  let token = input[row];
  if (token.x < u.id_start || token.x >= u.id_end) {
    return;
  }
  var sum = vec4f(table[(token.x - u.id_start) * u.stride4 + vec]);
  if (token.y != NO_POSITION) {
    sum += vec4f(positions[token.y * u.stride4 + vec]);
  }
//! if BINNED
  if (token.w != 0u) {
    sum += vec4f(value_table[u32(bitcast<f32>(token.z)) * u.stride4 + vec]);
  }
//! end
//! if RANK
  if (token.w == 2u) {
    sum += vec4f(value_table[u.stride4 + vec]);
  } else if (token.w != 0u) {
    sum += bitcast<f32>(token.z) * vec4f(value_table[vec]) + vec4f(value_bias[vec]);
  }
//! end
  x[flat] = to_stored(sum);
}
