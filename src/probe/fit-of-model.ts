import type { Pooling } from '../model/config.ts';
import type { FeatureSource } from './config.ts';
import type { SavedProbe } from './probe-file.ts';

/** Features a saved probe is to be applied to. */
export interface OfferedFeatures {
  readonly model: { readonly name: string; readonly sha256: string; readonly vocabularySha256: string };
  readonly pooling: Pooling;
  readonly features: FeatureSource;
  readonly dimension: number;
}

export interface ProbeWarnings {
  /** Why the probe cannot be applied at all; null = it can. */
  readonly refusal: string | null;
  /** What makes its answers doubtful, as sentences. */
  readonly warnings: readonly string[];
}

/** Compares what a probe was trained on with what it is given: its answers hold for the same features only. */
export function probeWarnings({ description, probe }: SavedProbe, offered: OfferedFeatures): ProbeWarnings {
  const { model, pooling, features } = description;
  if (offered.dimension !== probe.dimension) {
    return {
      refusal: `The probe reads ${probe.dimension} features of ${model.name}, these cells have ${offered.dimension}.`,
      warnings: [],
    };
  }
  const warnings: string[] = [];
  const fromModel = features.kind !== 'obsm';
  if (fromModel && offered.model.sha256 !== model.sha256) {
    warnings.push(
      `The probe was trained on embeddings of ${model.name} (${model.sha256.slice(0, 12)}), these are of ${offered.model.name} (${offered.model.sha256.slice(0, 12)}): its answers mean nothing unless the weights are the same.`,
    );
  }
  if (fromModel && offered.model.vocabularySha256 !== model.vocabularySha256) {
    warnings.push('The two models have different vocabularies: they read different genes.');
  }
  if (features.kind === 'embedding' && offered.pooling !== pooling) {
    warnings.push(`The probe was trained on ${pooling} embeddings, these are ${offered.pooling}.`);
  }
  if (featureName(features) !== featureName(offered.features)) {
    warnings.push(
      `The probe was trained on ${featureName(features)}, these features are ${featureName(offered.features)}.`,
    );
  }
  return { refusal: null, warnings };
}

/** Features in words: `the embedding`, `the state of the disease token`, `obsm X_pca`. */
function featureName(features: FeatureSource): string {
  switch (features.kind) {
    case 'embedding':
      return 'the embedding';
    case 'annotation-state':
      return `the state of the ${features.annotation} token`;
    case 'obsm':
      return `obsm ${features.key}`;
  }
}
