import { memorySource } from '../model/memory-source.ts';
import { openTokenizerPackage } from '../model/package.ts';
import type { PackageSource } from '../model/package-source.ts';
import { newConfig } from '../train/base-model.ts';
import type { TrainConfig } from '../train/config.ts';
import { configJson, json } from '../train/package-files.ts';
import type { OpenSource } from './model-opener.ts';

/**
 * Opens packages as a model that starts from nothing will be: its vocabulary and medians are the package's, its shape
 * and with it the tokens of a cell (how many, with which values) the configuration's. Other bases are opened as they are.
 */
export function openerFor(base: TrainConfig['base'], open: OpenSource): OpenSource {
  if (base.kind === 'package') return open;
  return async (location, options) => {
    const { source } = await open(location, options);
    return { source: await reshaped(source, base), sha256: null };
  };
}

async function reshaped(
  source: PackageSource,
  base: Extract<TrainConfig['base'], { kind: 'new' }>,
): Promise<PackageSource> {
  // Annotations have their tokens only once the model is made; no token of a cell depends on them.
  const config = newConfig(await openTokenizerPackage(source), { ...base, annotations: {} });
  const text = new TextEncoder().encode(json(configJson(config, 0)));
  return {
    ...source,
    open: async (path) => (/(?:^|\/)config\.json$/.test(path) ? memorySource(text) : source.open(path)),
  };
}
