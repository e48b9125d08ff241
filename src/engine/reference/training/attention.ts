/**
 * The cotangent of the packed qkv of one cell, given that of the output of `attention` (numerics.ts):
 * with P = softmax(q · kᵀ · scale) and dP = cotangent · vᵀ,
 *
 *   dV = Pᵀ · cotangent,  dS = P ∘ (dP − Σ_keys P ∘ dP),  dQ = dS · K · scale,  dK = dSᵀ · Q · scale
 *
 * (Dao et al. 2022, appendix B.2). The whole row of P is held, and its sum is taken over the keys, where
 * the GPU's kernels take Σ cotangent · y instead: the two are equal, and so each checks the other.
 *
 * @param qkv [queries, 3 · heads · headSize]; the first `keys` rows are the keys
 * @param cotangent [queries, heads · headSize]
 * @returns [queries, 3 · heads · headSize]; key and value are zero in rows that are no keys
 */
export function attentionBackward(
  qkv: Float64Array,
  cotangent: Float64Array,
  queries: number,
  keys: number,
  heads: number,
  headSize: number,
): Float64Array<ArrayBuffer> {
  const width = heads * headSize;
  const stride = 3 * width;
  const scale = 1 / Math.sqrt(headSize);
  const dqkv = new Float64Array(queries * stride);
  const weights = new Float64Array(keys);
  const dWeights = new Float64Array(keys);
  for (let head = 0; head < heads; head++) {
    const column = head * headSize;
    for (let query = 0; query < queries; query++) {
      const q = query * stride + column;
      const c = query * width + column;
      let largest = Number.NEGATIVE_INFINITY;
      for (let key = 0; key < keys; key++) {
        const k = key * stride + width + column;
        let score = 0;
        let dWeight = 0;
        for (let i = 0; i < headSize; i++) {
          score += qkv[q + i] * qkv[k + i];
          dWeight += cotangent[c + i] * qkv[k + width + i];
        }
        weights[key] = score * scale;
        dWeights[key] = dWeight;
        largest = Math.max(largest, weights[key]);
      }
      let total = 0;
      for (let key = 0; key < keys; key++) {
        weights[key] = Math.exp(weights[key] - largest);
        total += weights[key];
      }
      let mean = 0;
      for (let key = 0; key < keys; key++) {
        weights[key] /= total;
        mean += weights[key] * dWeights[key];
      }
      for (let key = 0; key < keys; key++) {
        const k = key * stride + width + column;
        const dScore = weights[key] * (dWeights[key] - mean) * scale;
        for (let i = 0; i < headSize; i++) {
          dqkv[q + i] += dScore * qkv[k + i];
          dqkv[k + i] += dScore * qkv[q + i];
          dqkv[k + width + i] += weights[key] * cotangent[c + i];
        }
      }
    }
  }
  return dqkv;
}
