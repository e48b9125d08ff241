// One workgroup a row: its threads take every 64th class, a tree in workgroup memory merges what they found.
var<workgroup> partial: array<Softmax, 64>;

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let row = flat_workgroup(group, groups);
  if (row >= u.rows) {
    return;
  }
  let range = targets[row];
  let start = max(range.z, u.column_start) - u.column_start;
  let end = max(min(range.w, u.column_start + u.columns), u.column_start) - u.column_start;
  let row_start = row * 4u * u.stride4;
  var found = Softmax(LOWEST, 0.0, 0xffffffffu);
  for (var c = start + lane; c < end; c += 64u) {
    let logit = logits[row_start + c];
    if (logit > found.most) {
      found.most = logit;
      found.class_of_most = u.column_start + c;
    }
  }
  for (var c = start + lane; c < end; c += 64u) {
    found.sum += exp(logits[row_start + c] - found.most);
  }
  partial[lane] = found;
  workgroupBarrier();
  for (var half = 32u; half > 0u; half /= 2u) {
    if (lane < half) {
      partial[lane] = merge(partial[lane], partial[lane + half]);
    }
    workgroupBarrier();
  }
  if (lane == 0u) {
    write(row, partial[0]);
  }
}
