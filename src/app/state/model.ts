import type { StateCreator } from 'zustand';
import type { EngineKind, EnginePrecision } from '../../engine/engine.ts';
import { type Sentence, sentenceOf } from '../../run/messages.ts';
import type { EngineChoice, LoadedModel, ModelLocation, Progress } from '../../run/services.ts';
import { loadOptions } from './load-options.ts';
import { services } from './services.ts';
import type { AppState } from './store.ts';

/** Fewer tell more of the start than of the speed. */
const LEAST_TOKENS_TO_LEARN = 10_000;

export interface ModelSlice {
  readonly location: ModelLocation | null;
  readonly model: LoadedModel | null;
  /** What the user asked for last, which may have failed. */
  readonly attempted: ModelLocation | null;
  readonly modelStatus: 'none' | 'loading' | 'ready' | 'failed';
  readonly modelProgress: Progress | null;
  readonly modelError: Sentence | null;
  readonly engines: EngineChoice | null;
  /** The user's override; null = recommended. */
  readonly engineWish: EngineKind | null;
  /** How weights are stored and multiplied. */
  readonly precision: EnginePrecision;
  readonly chooseModel: (location: ModelLocation) => Promise<void>;
  readonly chooseEngine: (engine: EngineKind | null) => Promise<void>;
  readonly choosePrecision: (precision: EnginePrecision) => Promise<void>;
  /** What a run has shown of the speed is a better estimate than the try at loading. */
  readonly learnSpeed: (model: LoadedModel, tokens: number, seconds: number) => void;
  readonly dismissModelError: () => void;
}

export const createModelSlice: StateCreator<AppState, [], [], ModelSlice> = (set, get) => {
  let current = 0;

  async function load(location: ModelLocation): Promise<void> {
    const id = ++current;
    const before = get().model && get().location;
    set({ modelStatus: 'loading', modelProgress: null, modelError: null });
    try {
      const { compute } = services();
      const engines = get().engines ?? (await compute.engines());
      if (id === current) set({ engines });
      const model = await compute.load(location, {
        ...loadOptions(get().engineWish, get().precision),
        onProgress: (modelProgress) => {
          if (id === current) set({ modelProgress });
        },
      });
      if (id !== current) return;
      set({ location, model, modelStatus: 'ready', modelProgress: null });
      // The same model on another engine keeps the labels the user has edited.
      if (before !== location) get().labelsForModel();
      if (get().summary && get().matrix) await get().runPreflight();
    } catch (error) {
      if (id !== current) return;
      const sentence = sentenceOf(error);
      set({ modelStatus: 'failed', model: null, modelProgress: null, modelError: sentence });
      // A bad package must not cost the user the model that worked before it.
      if (before && before !== location) {
        await load(before);
        set({ modelError: sentence });
      }
    }
  }

  async function loadAgain(): Promise<void> {
    const { location } = get();
    if (location) await load(location);
  }

  return {
    location: null,
    attempted: null,
    model: null,
    modelStatus: 'none',
    modelProgress: null,
    modelError: null,
    engines: null,
    engineWish: null,
    precision: 'f32',
    chooseModel: (location) => {
      set({ attempted: location });
      return load(location);
    },
    chooseEngine: (engineWish) => {
      // Each precision but float32 is one engine's own.
      set({ engineWish, precision: 'f32' });
      return loadAgain();
    },
    choosePrecision: (precision) => {
      set({ precision });
      return loadAgain();
    },
    learnSpeed: (model, tokens, seconds) => {
      if (get().model === model && tokens > LEAST_TOKENS_TO_LEARN && seconds > 0)
        set({ model: { ...model, tokensPerSecond: tokens / seconds } });
    },
    dismissModelError: () => set({ modelError: null }),
  };
};
