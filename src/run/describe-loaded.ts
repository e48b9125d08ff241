import type { Engine } from '../engine/engine.ts';
import { memorySource } from '../model/memory-source.ts';
import type { ModelPackage } from '../model/package.ts';
import { sha256 } from '../model/sha256.ts';
import type { LoadedModel } from './services.ts';
import { measureSpeed } from './warm-up.ts';

/**
 * What is said of a model on its engine, whose speed is measured.
 * @param notices of its loading, after those of the package itself
 */
export async function describeLoaded(
  pkg: ModelPackage,
  engine: Engine,
  notices: readonly string[],
  signal: AbortSignal | undefined,
): Promise<LoadedModel> {
  return {
    name: pkg.name,
    sha256: pkg.sha256,
    vocabularySha256: await vocabularyHash(pkg),
    config: pkg.config,
    parameters: pkg.parameters,
    engine: engine.description,
    training: pkg.training,
    notices: [...packageNotices(pkg), ...notices],
    tokensPerSecond: await measureSpeed(engine, pkg, signal),
    deviceBytes: 4 * pkg.parameters + workBytes(pkg),
  };
}

function packageNotices(pkg: ModelPackage): string[] {
  const notices: string[] = [];
  if (pkg.extraTensors.length > 0) {
    const some = pkg.extraTensors.slice(0, 3).join(', ');
    notices.push(`The model file has ${pkg.extraTensors.length} tensors the encoder does not use: ${some}.`);
  }
  if (Object.keys(pkg.config.annotations).length > 0 && !pkg.reference) {
    notices.push(
      'The model has no training_reference.safetensors: cells unlike its training data cannot be told, and their predictions are shown too.',
    );
  }
  return notices;
}

async function vocabularyHash({ vocabulary }: ModelPackage): Promise<string> {
  return sha256(memorySource(new TextEncoder().encode(vocabulary.tokens().join('\n'))));
}

/** Activations of one slice of work, roughly. */
function workBytes({ config }: ModelPackage): number {
  const rows = 8192;
  return 4 * rows * (6 * config.dModel + Math.max(3 * config.dModel, config.dHid));
}
