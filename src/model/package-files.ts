import { ModelError } from './errors.ts';

/** Where the files of one model are among those that were dropped; paths as the source lists them. */
export interface PackageFiles {
  readonly config: string;
  readonly vocabulary: string;
  readonly addedTokens: string;
  readonly medians: string;
  /** null where only a tokenizer is wanted and no weights are there. */
  readonly weights: string | null;
  readonly training: string | null;
  readonly reference: string | null;
  /** Fingerprints of the training cells (src/audit); read when cells are compared with them. */
  readonly sketch: string | null;
}

const MEDIANS_NAMES = ['gene_medians.json', 'teddy_gene_medians.json'];

/**
 * Finds one model among the listed paths. A checkpoint directory may be dropped alone, inside the
 * whole published repository, or beside the medians file, which the published size folders lack.
 * @param folder takes this folder where several models are there (`''` = the top)
 * @throws ModelError 'several-models', '…-missing' or 'medians-ambiguous'
 */
export function findPackageFiles(
  paths: readonly string[],
  { folder, needWeights }: { readonly folder?: string | undefined; readonly needWeights: boolean },
): PackageFiles {
  const present = new Set(paths);
  const root = folder ?? modelFolder(paths);
  const beside = (name: string): string | null => {
    const path = root === '' ? name : `${root}/${name}`;
    return present.has(path) ? path : null;
  };
  const weights = beside('model.safetensors');
  if (needWeights && !weights) {
    throw new ModelError('weights-missing', `there is no model.safetensors beside ${root}/config.json`, root);
  }
  return {
    config: beside('config.json') ?? missing('config-missing', 'config.json', root),
    vocabulary: beside('vocab.txt') ?? missing('vocabulary-missing', 'vocab.txt', root),
    addedTokens: beside('added_tokens.json') ?? missing('vocabulary-missing', 'added_tokens.json', root),
    medians: findMedians(paths, root),
    weights,
    training: beside('training.json'),
    reference: beside('training_reference.safetensors'),
    sketch: beside('training_sketch.safetensors'),
  };
}

/** The one folder that holds a model: config.json, and model.safetensors where only one of several does. */
function modelFolder(paths: readonly string[]): string {
  const folders = paths.filter((path) => fileName(path) === 'config.json').map(parent);
  if (folders.length === 0) {
    throw new ModelError(
      'config-missing',
      'no config.json among the files: this is not a model folder',
      'config.json',
    );
  }
  if (folders.length === 1) return folders[0];
  const present = new Set(paths);
  const whole = folders.filter((folder) =>
    present.has(folder === '' ? 'model.safetensors' : `${folder}/model.safetensors`),
  );
  if (whole.length === 1) return whole[0];
  const names = (whole.length > 1 ? whole : folders).map((name) => name || 'the top folder').sort();
  throw new ModelError(
    'several-models',
    `there are several models: ${names.join(', ')}; choose one of them`,
    names.join(', '),
  );
}

/** The medians beside the model, else the nearest anywhere: the one that shares the longest path with it. */
function findMedians(paths: readonly string[], root: string): string {
  const found = paths.filter((path) => MEDIANS_NAMES.includes(fileName(path)));
  if (found.length === 0) {
    throw new ModelError(
      'medians-missing',
      'the model folder has no gene medians; add teddy_gene_medians.json (published under teddy/data_processing/utils/medians/data) to what is dropped',
      'gene_medians.json',
    );
  }
  const nearness = (path: string): number => {
    const here = root.split('/');
    const there = parent(path).split('/');
    let shared = 0;
    while (shared < here.length && shared < there.length && here[shared] === there[shared]) shared++;
    return parent(path) === root ? Number.POSITIVE_INFINITY : shared;
  };
  const nearest = Math.max(...found.map(nearness));
  const best = found.filter((path) => nearness(path) === nearest);
  const own = best.find(
    (path) => nearest === Number.POSITIVE_INFINITY && fileName(path) === MEDIANS_NAMES[0],
  );
  if (best.length > 1 && !own) {
    throw new ModelError(
      'medians-ambiguous',
      `several files of gene medians: ${best.join(', ')}`,
      best.join(', '),
    );
  }
  return own ?? best[0];
}

function missing(code: 'config-missing' | 'vocabulary-missing', name: string, root: string): never {
  throw new ModelError(code, `the model folder ${root} has no ${name}`, name);
}

function fileName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

function parent(path: string): string {
  return path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '';
}
