import type { StateCreator } from 'zustand';
import { memorySource } from '../../model/memory-source.ts';
import { sha256 } from '../../model/sha256.ts';
import { sentenceOf } from '../../run/messages.ts';
import type { ModelLocation } from '../../run/services.ts';
import { StoreError } from '../../store/errors.ts';
import { openModelStore } from '../../store/model-store.ts';
import { tellStored } from '../../store/notify.ts';
import type { PackageFile } from '../../train/package-files.ts';
import type { AppState } from './store.ts';
import type { FinishedTraining } from './train-run.ts';

/** The model a training in this page has left. */
export interface Trained extends FinishedTraining {
  /** What it was trained from: where "undo" goes. */
  readonly base: { readonly name: string; readonly location: ModelLocation };
  /** The package as the page's workers open it. */
  readonly location: Extract<ModelLocation, { kind: 'files' }>;
}

export interface TrainedSlice {
  /** The last training's; stays while files are opened and closed, until the next. */
  readonly trained: Trained | null;
  /** Its package was downloaded or kept. */
  readonly trainedSaved: boolean;
  readonly trainedKept: boolean;
  readonly takeTrained: (finished: Omit<Trained, 'location'>) => void;
  /** Makes it the page's model: what is embedded next, it embeds. */
  readonly useTrained: () => Promise<void>;
  /** Back to the model it was trained from. */
  readonly useOriginal: () => Promise<void>;
  /** Keeps it among the models of this browser. */
  readonly keepTrained: () => Promise<void>;
  readonly markTrainedSaved: () => void;
}

export const createTrainedSlice: StateCreator<AppState, [], [], TrainedSlice> = (set, get) => ({
  trained: null,
  trainedSaved: false,
  trainedKept: false,

  takeTrained: (finished) =>
    set({
      trained: { ...finished, location: locationOf(finished.model.name, finished.model.files) },
      trainedSaved: false,
      trainedKept: false,
    }),

  useTrained: async () => {
    const { trained } = get();
    if (trained) await get().chooseModel(trained.location);
  },

  useOriginal: async () => {
    const { trained } = get();
    if (trained) await get().chooseModel(trained.base.location);
  },

  keepTrained: async () => {
    const { trained } = get();
    if (!trained) return;
    try {
      await storePackage(trained.model.name, trained.model.files);
      set({ trainedKept: true, trainedSaved: true });
    } catch (error) {
      set({ trainError: sentenceOf(error) });
    }
  },

  markTrainedSaved: () => set({ trainedSaved: true }),
});

/** True while the page's model is the one that was trained here. */
export function usesTrained({ trained, location }: AppState): boolean {
  return trained !== null && location === trained.location;
}

function locationOf(name: string, files: readonly PackageFile[]): Trained['location'] {
  return {
    kind: 'files',
    name,
    files: files.map(({ path, content }) => ({ path, file: new File([content], path) })),
    keep: false,
  };
}

async function storePackage(name: string, files: readonly PackageFile[]): Promise<void> {
  const store = await openModelStore();
  if (!store) throw new StoreError('store-absent', 'this browser gives the page no private storage');
  const contents = new Map(files.map(({ path, content }) => [path, content]));
  const open = async (path: string) => memorySource(contents.get(path) ?? new Uint8Array(0));
  const weights = await open('model.safetensors');
  await store.put({ name, list: async () => [...contents.keys()], open }, await sha256(weights));
  tellStored();
}
