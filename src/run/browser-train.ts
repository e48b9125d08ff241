import { chooseEngine, createEngine } from '../engine/select.ts';
import { BrowserCheckpointStore } from '../store/checkpoint-store.ts';
import { indexedRecords } from '../store/indexed-records.ts';
import { browserComputeEnvironment, browserFitEnvironment } from './browser-compute.ts';
import { isSoftwareGpu, webGpuTrainers } from './trainer-factory.ts';
import type { TrainEnvironment } from './training-work.ts';

/** A reload loses at most about so much. */
const CHECKPOINT_SECONDS = 60;
/** Browsers tell no more memory than so many GiB: above it nothing is known. */
const GREATEST_TOLD = 8;

/** Surroundings of the train service in a browser's worker: our kernels, checkpoints in OPFS. */
export function browserTrainEnvironment(baseUrl: string): TrainEnvironment {
  const { openSource, gpu, wasm, crossOriginIsolated, hardwareConcurrency } =
    browserComputeEnvironment(baseUrl);
  return {
    openSource,
    createTrainer: webGpuTrainers(gpu),
    createEngine: async (pkg) => {
      const device = await gpu();
      const choice = await chooseEngine({ gpu: device, crossOriginIsolated, hardwareConcurrency });
      return (await createEngine(choice.recommended, pkg, { gpu: device, wasm })).engine;
    },
    checkpoints: new BrowserCheckpointStore(),
    openings: indexedRecords('teddy-web-test-openings'),
    fits: browserFitEnvironment(baseUrl),
    freeMemory: () => toldMemory(navigator),
    sharesMemory: () => isSoftwareGpu(gpu),
    checkpointSeconds: CHECKPOINT_SECONDS,
  };
}

/** Bytes of memory this machine says it has; null where the browser does not say, or says "at least". */
export function toldMemory(browser: object): number | null {
  const gigabytes: unknown = Reflect.get(browser, 'deviceMemory');
  return typeof gigabytes === 'number' && gigabytes < GREATEST_TOLD ? gigabytes * 2 ** 30 : null;
}
