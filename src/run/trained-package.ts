import type { NamedTensor } from '../engine/trainer.ts';
import { memorySource } from '../model/memory-source.ts';
import { type ModelPackage, openModelPackage } from '../model/package.ts';
import type { PackageSource } from '../model/package-source.ts';
import { testSentences } from '../report/test-sentences.ts';
import type { FrozenFeatures } from '../train/compare.ts';
import { modelCard } from '../train/model-card.ts';
import { json, modelFiles, type PackageFile, textFile } from '../train/package-files.ts';
import { referenceFile, withheldShare } from '../train/reference-file.ts';
import type { TrainingTask } from '../train/task.ts';
import { trainingJson } from '../train/training-json.ts';
import type { TrainingSummary } from '../train/types.ts';
import type { TrainedModel } from './train-service.ts';

/** What a package is finished with. */
interface Finish {
  readonly base: Pick<ModelPackage, 'name' | 'sha256' | 'training'>;
  readonly summary: TrainingSummary;
  /** Embeddings by the new model, of all cells. */
  readonly trained: FrozenFeatures;
  readonly command: string | null;
  readonly signal: AbortSignal | undefined;
}

/** A package without its record, already opened: the embeddings that the record needs are made with it. */
export interface DraftPackage {
  readonly pkg: ModelPackage;
  finish(parts: Finish): Promise<TrainedModel>;
}

/** Files of the model as it is stored, rounded as its weights will be, and opened as anybody will open them. */
export async function trainedPackage(
  task: TrainingTask,
  weights: readonly NamedTensor[],
): Promise<DraftPackage> {
  const { name } = task.config;
  const files = await modelFiles(task.model, weights, task.config);
  return {
    pkg: await openModelPackage(filesInMemory(name, files)),
    async finish({ base, summary, trained, command, signal }) {
      const reference = await referenceFile(task, trained, signal);
      const heldOut = Uint32Array.from([...task.sets.validation, ...task.sets.test]).sort();
      const withheld =
        reference && heldOut.length > 0
          ? { 'held-out donors': withheldShare(reference.reference, task, trained, heldOut) }
          : {};
      const record = trainingJson({ task, base, summary, withheld });
      const verdicts = Object.fromEntries(
        Object.entries(summary.test?.methods ?? {}).map(([annotation, methods]) => [
          annotation,
          testSentences(methods),
        ]),
      );
      const whole = [
        ...files,
        textFile('training.json', json(record)),
        ...(reference ? [{ path: 'training_reference.safetensors', content: reference.content }] : []),
        textFile('README.md', modelCard(task, base, summary, verdicts, command)),
      ];
      // What cannot be opened again is no model: better known now than by whoever gets it.
      await openModelPackage(filesInMemory(name, whole));
      return { name, files: whole, summary };
    },
  };
}

export function filesInMemory(name: string, files: readonly PackageFile[]): PackageSource {
  return {
    name,
    list: async () => files.map(({ path }) => path),
    async open(path) {
      const file = files.find((known) => known.path === path);
      if (!file) throw new RangeError(`the package has no ${path}`);
      return memorySource(file.content);
    },
  };
}
