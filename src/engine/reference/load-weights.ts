import type { ModelConfig } from '../../model/config.ts';
import type { WeightSource } from '../../model/weights.ts';
import type { EncoderWeights, LayerWeights } from './encoder.ts';

/** Every tensor of the forward pass, read whole. */
export async function loadEncoderWeights(config: ModelConfig, source: WeightSource): Promise<EncoderWeights> {
  const layers: LayerWeights[] = [];
  for (let i = 0; i < config.nLayers; i++) {
    const read = (name: string) => source.read(`encoder.layers.${i}.${name}`);
    layers.push({
      inProjWeight: await read('self_attn.in_proj_weight'),
      inProjBias: await read('self_attn.in_proj_bias'),
      outProjWeight: await read('self_attn.out_proj.weight'),
      outProjBias: await read('self_attn.out_proj.bias'),
      linear1Weight: await read('linear1.weight'),
      linear1Bias: await read('linear1.bias'),
      linear2Weight: await read('linear2.weight'),
      linear2Bias: await read('linear2.bias'),
      norm1Weight: await read('norm1.weight'),
      norm1Bias: await read('norm1.bias'),
      norm2Weight: await read('norm2.weight'),
      norm2Bias: await read('norm2.bias'),
    });
  }
  const heads: EncoderWeights['heads'][number][] = [];
  for (const [name, classes] of Object.entries(config.annotations))
    heads.push({
      name,
      classes: classes.length,
      weight: await source.read(`annotation_heads.${name}.weight`),
      bias: await source.read(`annotation_heads.${name}.bias`),
    });
  const binned = config.valueInput === 'binned';
  const rank = config.valueInput === 'rank';
  return {
    embeddings: await source.read('embeddings.weight'),
    positions: await source.read('position_embeddings.weight'),
    value: binned
      ? await source.read('value_embeddings.weight')
      : rank
        ? await source.read('value_projection.weight')
        : null,
    valueBias: rank ? await source.read('value_projection.bias') : null,
    layers,
    heads,
  };
}
