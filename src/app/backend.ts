import computeUrl from '../../workers/compute.ts?worker&url';
import datasetUrl from '../../workers/dataset.ts?worker&url';
import layoutUrl from '../../workers/layout.ts?worker&url';
import probeUrl from '../../workers/probe.ts?worker&url';
import speedUrl from '../../workers/speed.ts?worker&url';
import trainUrl from '../../workers/train.ts?worker&url';
import type { LayoutService } from '../analysis/layout-service.ts';
import type { ProbeService } from '../probe/types.ts';
import type { ComputeService, DatasetService } from '../run/services.ts';
import type { SpeedService } from '../run/speed-service.ts';
import type { TrainService } from '../run/train-service.ts';
import { BrowserCheckpointStore } from '../store/checkpoint-store.ts';
import { forgetEverything } from '../store/forget.ts';
import { openModelStore } from '../store/model-store.ts';
import { STORED_CHANNEL, tellStored } from '../store/notify.ts';
import { openResultStore, type ResultStore } from '../store/result-store.ts';
import { startWorker } from '../worker/remote.ts';

/** Everything the page's views ask for: services in workers, and the store of models. */
export interface Backend {
  readonly dataset: DatasetService;
  readonly compute: ComputeService;
  readonly layout: Pick<LayoutService, 'umap'>;
  readonly probe: ProbeService;
  readonly speed: SpeedService;
  readonly training: TrainService;
  /** Ids of the models kept in this browser, for ModelLocation 'opfs'. */
  storedModels(): Promise<readonly string[]>;
  /** Keys of the checkpoints of trainings in this browser; no worker is started for it. */
  checkpoints(): Promise<readonly string[]>;
  /** Calls back whenever stored models or kept results change, here or in another tab. @returns how to stop that */
  onStored(changed: () => void): () => void;
  /** Results that the user has asked to keep; null where the browser has no storage for them. */
  keptResults(): Promise<ResultStore | null>;
  /** Removes everything kept in this browser. */
  forgetEverything(): Promise<void>;
}

/** A file that keeps its reader this long in one call is given up. */
const DATASET_SILENCE_MS = 60_000;
/** The reference engine may think this long about one long cell of a large model. */
const COMPUTE_SILENCE_MS = 300_000;
/** Neighbours and steps of a layout are searched in pieces of milliseconds. */
const LAYOUT_SILENCE_MS = 60_000;
/** A fit on many cells and features thinks this long between two signs of life, on a slow machine. */
const PROBE_SILENCE_MS = 120_000;

/** Starts the workers (each on its first call). */
export function createBackend(): Backend {
  const configuration = { baseUrl: new URL('./', document.baseURI).href };
  const dataset = startWorker<DatasetService>(datasetUrl, {
    name: 'dataset',
    configuration,
    silenceMs: DATASET_SILENCE_MS,
    repeat: ['open', 'preflight'],
    forget: ['close'],
  });
  const compute = startWorker<ComputeService>(computeUrl, {
    name: 'compute',
    configuration,
    silenceMs: COMPUTE_SILENCE_MS,
    repeat: ['load'],
    forget: ['unload'],
  });
  const layout = startWorker<Pick<LayoutService, 'umap'>>(layoutUrl, {
    name: 'layout',
    configuration,
    silenceMs: LAYOUT_SILENCE_MS,
  });
  const probe = startWorker<ProbeService>(probeUrl, {
    name: 'probe',
    configuration,
    silenceMs: PROBE_SILENCE_MS,
  });
  const speed = startWorker<SpeedService>(speedUrl, {
    name: 'speed',
    configuration,
    silenceMs: COMPUTE_SILENCE_MS,
  });
  const training = startWorker<TrainService>(trainUrl, {
    name: 'train',
    configuration,
    silenceMs: COMPUTE_SILENCE_MS,
  });
  return {
    dataset: dataset.service,
    compute: compute.service,
    layout: layout.service,
    probe: probe.service,
    speed: speed.service,
    training: training.service,
    storedModels: async () => ((await (await openModelStore())?.list())?.models ?? []).map(({ id }) => id),
    checkpoints: () => new BrowserCheckpointStore().keys(),
    onStored(changed) {
      const channel = new BroadcastChannel(STORED_CHANNEL);
      channel.addEventListener('message', changed);
      return () => channel.close();
    },
    keptResults: openResultStore,
    forgetEverything: async () => {
      await forgetEverything();
      tellStored();
    },
  };
}
